"""A cell that is run again replaces its panel; other cells do not."""

from cnnwidget.panel import notebook_cell


def test_a_cell_that_is_run_again_replaces_its_panel(monkeypatch):
    monkeypatch.setattr(notebook_cell, "made", {})
    closed = []

    class Panel:
        def __init__(self, name):
            self.name = name

        def close(self):
            closed.append(self.name)

    run = iter([("cell", "1"), ("cell", "1"), ("other", "2"), ("cell", "3"), ("", "")])
    monkeypatch.setattr(notebook_cell, "running_cell", lambda: next(run))
    panels = [Panel(name) for name in "abcde"]
    for panel in panels:
        notebook_cell.replace_former(panel)
    assert sorted(closed) == ["a", "b"]


def test_without_an_id_of_the_cell_no_panel_is_taken_for_that_of_another_cell(monkeypatch):
    """Two cells with the same text are two panels on the page; their messages say no more."""
    monkeypatch.setattr(notebook_cell, "made", {})
    closed = []

    class Shell:
        number = 0

        def get_parent(self):
            self.number += 1
            content = {"code": "cw.Designer()"}
            return {"header": {"msg_id": str(self.number)}, "metadata": {}, "content": content}

    class Panel:
        def close(self):
            closed.append(self)

    shell = Shell()
    monkeypatch.setattr(notebook_cell, "get_ipython", lambda: shell)
    panels = [Panel(), Panel()]
    for panel in panels:
        notebook_cell.replace_former(panel)
    assert shell.number == 2
    assert closed == []
