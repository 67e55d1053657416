"""Every notebook runs, and shows what is kept in it."""

from pathlib import Path

import nbformat
import pytest

from tests.notebooks.run import executed

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


# Cells whose text tells losses or times, which differ from machine to machine.
VARIES = "varies"


def shown(cell):
    """What a cell prints and shows as plain text: pictures may differ from machine to machine."""
    if VARIES in cell.metadata.get("tags", []):
        # What is printed may come in one piece or in several.
        return sorted({output.output_type for output in cell.outputs})
    return [
        output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.get("outputs", [])
    ]


def test_both_are_there():
    assert [path.name for path in NOTEBOOKS] == ["01_quickstart.ipynb", "02_without_the_widget.ipynb"]


# The kernel's client opens sockets and event loops that it leaves to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_kept_in_it(path):
    kept = nbformat.read(path, as_version=4)
    for old, new in zip(kept.cells, executed(path).cells, strict=True):
        assert shown(old) == shown(new), f"{old.source}\n\nrun `make notebooks` and read the diff"
    assert "widgets" not in kept.metadata
