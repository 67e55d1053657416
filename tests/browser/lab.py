"""A notebook in JupyterLab, driven through the application's own commands."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

# Before, the notebook shows one empty cell of its own.
LOADED = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    return !!panel?.context?.isReady && panel.content.model?.cells.length > 1;
}"""

READY = """() => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    const session = panel?.sessionContext;
    return !!session?.isReady && session.session?.kernel?.status === "idle";
}"""

# Markdown cells have no outputs; an error is told with its traceback.
ERRORS = """() => window.jupyterapp.shell.currentWidget.model.toJSON().cells
    .flatMap(cell => cell.outputs ?? [])
    .filter(output => output.output_type === "error")
    .map(output => `${output.ename}: ${output.evalue}`)"""

FINISHED = """() => window.jupyterapp.shell.currentWidget.model.toJSON().cells
    .filter(cell => cell.cell_type === "code")
    .every(cell => cell.execution_count !== null)"""


CLEARED = FINISHED.replace("!== null", "=== null && cell.outputs.length === 0")


@dataclass
class Lab:
    """One browser page with JupyterLab."""

    page: Page
    url: str
    shots: Path

    def open(self, notebook, *, kernel=True):
        """Open a notebook; with a kernel, wait until it is ready."""
        self.page.goto(f"{self.url}/lab/tree/{notebook}?reset")
        self.page.wait_for_function("() => window.jupyterapp !== undefined")
        self.page.evaluate("() => window.jupyterapp.restored")
        self.page.wait_for_function(LOADED)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        if kernel:
            self.page.wait_for_function(READY)
        return self

    def command(self, name, arguments=None):
        """One of JupyterLab's own commands, without its menus."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args)",
            [name, arguments or {}],
        )

    def run_all(self):
        """Clear what is kept and run all cells; an exception in one fails with its message."""
        self.command("editmenu:clear-all")
        self.page.wait_for_function(CLEARED)
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(FINISHED)
        assert self.page.evaluate(ERRORS) == []

    def theme(self, name):
        """`light` or `dark`; the server remembers it."""
        self.command("apputils:change-theme", {"theme": f"JupyterLab {name.title()}"})
        light = str(name == "light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")

    def trusted(self, cell):
        """Whether JupyterLab trusts a cell, so that it would run scripts in its outputs."""
        return self.page.evaluate(
            "n => window.jupyterapp.shell.currentWidget.content.model.cells.get(n).trusted", cell
        )

    def outputs(self, cell):
        """The shown outputs of the n-th cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-OutputArea-output")

    def shoot(self, name, cell=None):
        """Keep a picture of the page, or from a cell on, for a person to look at."""
        if cell is not None:
            self.page.locator(".jp-Notebook .jp-Cell").nth(cell).scroll_into_view_if_needed()
        path = self.shots.with_name(f"{self.shots.name}-{name}.png")
        self.page.screenshot(path=path)
        return path
