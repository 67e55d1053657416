"""Run notebooks and keep what they show: python tests/notebooks/run.py NOTEBOOK ..."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"


def executed(path):
    """The notebook at `path`, run from top to bottom in a fresh kernel, without traces of when."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(Path(path).parent)}},
        store_widget_state=False,
        record_timing=False,
    ).execute()
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [each for each in cell.outputs if not is_only_a_widget(each)]
    return notebook


def is_only_a_widget(output):
    """Whether nothing is left of an output without a kernel, as of a progress bar."""
    data = output.get("data", {})
    return WIDGET in data and "text/html" not in data


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(executed(name), name)
