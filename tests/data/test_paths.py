"""Paths as users write them."""

from pathlib import Path

from cnnwidget.data.paths import expand_user


def test_the_home_folder_stands_for_a_tilde(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("USERPROFILE", "/home/ada")
    assert Path(expand_user("~/ice.nc")) == Path("/home/ada/ice.nc")
    assert Path(expand_user(Path("~/ice.nc"))) == Path("/home/ada/ice.nc")
    assert expand_user("data/~ice.nc") == "data/~ice.nc"


def test_an_unknown_user_is_left_alone():
    assert expand_user("~nobody of this name/ice.nc") == "~nobody of this name/ice.nc"
