"""Files that the package writes are whole, or as they were; all are written in one way."""

import os
import re
from pathlib import Path

import pytest

import cnnwidget
from cnnwidget.data.atomic_write import atomic_write

PACKAGE = Path(cnnwidget.__file__).parent


def test_a_file_is_replaced_once_its_new_content_is_on_the_disk(tmp_path, monkeypatch):
    path, synced = tmp_path / "run.json", []
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_text()))
    with atomic_write(path) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
    assert synced == ["old"]
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_after_an_error_the_old_file_is_there_and_no_other(tmp_path, error):
    path = tmp_path / "run.json"
    path.write_text("old")

    def write():
        with atomic_write(path) as partial:
            partial.write_text("half")
            raise error

    with pytest.raises(type(error)):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "run.json"
    with atomic_write(path) as first, atomic_write(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"


@pytest.mark.parametrize(
    ("calls", "homes"),
    [
        (r"\bfsync\(|\.replace\((?:path|target)\)", {"data/atomic_write.py"}),
        (r"\.expanduser\(", {"data/paths.py"}),
    ],
)
def test_there_is_one_of_each(calls, homes):
    files = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(calls, path.read_text(encoding="utf-8"))
    }
    assert files == homes


def test_what_writes_a_file_uses_it():
    calls = re.compile(r"(?<!def )\b(?:save_file|np\.save|to_netcdf|partial\.write_text)\(")
    for path in PACKAGE.rglob("*.py"):
        if path.name == "predict_code.py":  # which is read as text, and runs without this package
            continue
        text = path.read_text(encoding="utf-8")
        code = [line for line in text.splitlines() if not re.match(r"\s*(>>>|\.\.\.) ", line)]
        if calls.search("\n".join(code)):
            assert "atomic_write(" in text, path
