"""Nothing outside of `training/tasks` knows a task by its name, or imports one."""

import ast
from pathlib import Path

import pytest

from cnnwidget.training.tasks.task_table import TASKS

PACKAGE = Path(__file__).parents[2] / "cnnwidget"
ROOM = PACKAGE / "training" / "tasks"
MODULE = "cnnwidget.training.tasks"
# The protocol and the table.
OPEN = {f"{MODULE}.task_protocol", f"{MODULE}.task_table"}


def names_of_tasks(text):
    """Return what a file knows of tasks: imports of their files, and their names in code."""
    found = []
    documentation = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            documentation.add(node.value)
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            if node.module == MODULE:
                modules = [f"{MODULE}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            modules = [each.name for each in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            modules = [node.value]
            if node.value in TASKS and node not in documentation:
                found.append(node.value)
        else:
            continue
        found += [each for each in modules if each.startswith(f"{MODULE}.") and each not in OPEN]
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("*.py")) if ROOM not in path.parents],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_file_outside_knows_a_task(path):
    assert names_of_tasks(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from cnnwidget.training.tasks.forecast import ForecastTask", [f"{MODULE}.forecast"]),
        ("from cnnwidget.training.tasks import forecast", [f"{MODULE}.forecast"]),
        ("import cnnwidget.training.tasks.forecasting.predictor", None),
        ("def late():\n    from cnnwidget.training.tasks.forecasting.transform import x", None),
        ("if recipe.task == 'forecast':\n    pass", ["forecast"]),
        ("TASKS['forecast']", ["forecast"]),
        ("import_module('cnnwidget.training.tasks.forecast')", None),
        ("'''forecast'''", []),
        ("from cnnwidget.training.tasks.task_table import task_named", []),
        ("run.forecast()", []),
    ],
)
def test_the_test_of_the_seam_can_fail(text, found):
    assert len(names_of_tasks(text)) == 1 if found is None else names_of_tasks(text) == found


def test_the_room_itself_knows_them():
    """So that the names that are looked for are those that there are."""
    assert names_of_tasks((ROOM / "forecast.py").read_text(encoding="utf-8"))
