"""The search for a browser: its order, and what it says when it finds none."""

import sys

import pytest

from tests.browser import find_browser


@pytest.fixture
def ways(monkeypatch):
    """What each way finds, and which of it starts; every look is noted."""
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
