"""The search for a browser: its order, its message if there is none, its place in `make test`."""

import re
import sys
from pathlib import Path

import pytest

from tests.browser import find_browser


@pytest.fixture
def ways(monkeypatch):
    """The paths that each way finds, and a list of those that were tried; "good" ones start."""
    found = {"installed": [], "downloaded": [], "packaged": []}
    tried = []
    for way, paths in found.items():
        monkeypatch.setattr(find_browser, way, lambda paths=paths: iter(paths))

    def starts(path):
        tried.append(path)
        return path.startswith("good")

    monkeypatch.setattr(find_browser, "starts", starts)
    return found, tried


def test_what_is_there_comes_before_a_download_and_that_before_a_package(ways, tmp_path):
    found, tried = ways
    found["packaged"].append("good package")
    assert find_browser.find() == "good package"
    found["downloaded"] += ["bad download", "good download"]
    assert find_browser.find() == "good download"
    found["installed"] += ["bad chrome", "good chromium"]
    tried.clear()
    assert find_browser.find() == "good chromium"
    assert tried == ["bad chrome", "good chromium"]


def test_a_browser_is_remembered_as_long_as_it_starts(ways, tmp_path):
    found, tried = ways
    found["installed"].append("good one")
    file = tmp_path / "browser"
    for _ in range(2):
        assert find_browser.main(file) == 0
    assert file.read_text().strip() == "good one"
    assert tried == ["good one", "good one"]
    file.write_text("bad now")
    assert find_browser.main(file) == 0
    assert file.read_text().strip() == "good one"


def test_without_any_it_stops_with_the_command_to_run(ways, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(find_browser.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert find_browser.main(tmp_path / "browser") == 1
    printed = capsys.readouterr().out
    assert "sudo apt-get update && sudo apt-get install -y -qq" in printed
    assert not (tmp_path / "browser").exists()
    monkeypatch.setattr(find_browser.shutil, "which", lambda _: None)
    assert find_browser.main(tmp_path / "browser") == 1
    assert f"{sys.executable} -m playwright install chromium" in capsys.readouterr().out


def test_make_test_looks_for_the_browser_before_anything_else():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    [prerequisites] = re.findall(r"^test: (?!export)(.*)$", makefile, re.MULTILINE)
    assert prerequisites.split() == ["$(VENV)/browser", "check"]
    assert "\ntest: export OMP_WAIT_POLICY ?= passive\n" in makefile
