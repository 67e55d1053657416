"""Every notebook runs, and shows what is kept in it."""

from pathlib import Path

import nbformat
import pytest

from tests.notebooks.run import executed

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def shown(cell):
    """What a cell prints and shows as plain text: the rest may differ from machine to machine."""
    return [
        output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.get("outputs", [])
    ]


def test_there_is_a_quickstart():
    assert "01_quickstart.ipynb" in [path.name for path in NOTEBOOKS]


# The kernel's client opens sockets and event loops that it leaves to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_kept_in_it(path):
    kept = nbformat.read(path, as_version=4)
    for old, new in zip(kept.cells, executed(path).cells, strict=True):
        assert shown(old) == shown(new), f"{old.source}\n\nrun `make notebooks` and read the diff"
    assert "widgets" not in kept.metadata
