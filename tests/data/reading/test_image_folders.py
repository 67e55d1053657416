"""Folders and lists of pictures, written by Pillow."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load
from tests.damaged import at_most
from tests.data.reading.image_files import COLOURS, GREY, animated, still

FOLDERS = {
    "8 bits": (GREY, "png"),
    "16 bits": (GREY.astype("u2") * 257, "png"),
    "reals": (GREY.astype("f4") / 7, "tif"),
    "whole": (GREY.astype("i4") * -(2**20), "tif"),
    "bits": (GREY > 100, "png"),
    "colours": (COLOURS, "bmp"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_is_read_in_natural_order(case, tmp_path):
    given, ending = FOLDERS[case]
    folder = tmp_path / "run7"
    folder.mkdir()
    for number in (3, 0, 4, 2, 1):
        Image.fromarray(given[number]).save(folder / f"img{number * 3 + 1}.{ending}")
    Image.fromarray(GREY[0, :2]).save(folder / ".hidden.png")
    (folder / "notes.txt").write_text("none of them", encoding="utf-8")
    (folder / "more.png").mkdir()
    assert sorted(path.name for path in folder.iterdir())[1:3] == [
        f"img1.{ending}",
        f"img10.{ending}",
    ]
    for source in (folder, f"{folder}/img*.{ending}", f"{tmp_path}/*/*"):
        frames = load(source)
        assert frames.name == Path(source).name
        assert frames.values.dtype == given.dtype
        values = np.moveaxis(frames.values, 1, -1)
        assert np.array_equal(values if frames.has_channels else values[..., 0], given)
        assert frames.labels.times is None


def test_palettes_and_jpeg_are_colours(tmp_path):
    for number, frame in enumerate(COLOURS):
        few = Image.fromarray(frame // 128 * 255)
        (few.quantize(8) if number % 2 else few).save(tmp_path / f"{number}.png")
    assert np.array_equal(load(tmp_path).values, np.moveaxis(COLOURS // 128 * 255, -1, 1))
    smooth = np.broadcast_to(np.arange(0, 160, 5, dtype=np.uint8)[:, None], (32, 32))
    for number in range(3):
        Image.fromarray(smooth + np.uint8(number * 20)).save(
            tmp_path / f"{number}.jpeg", quality=95
        )
    frames = load(f"{tmp_path}/*.jpeg")
    assert frames.values.shape == (3, 1, 32, 32)
    assert (
        np.abs(frames.values[:, 0].astype(int).mean((1, 2)) - smooth.mean() - [0, 20, 40]).max() < 1
    )


def test_a_list_of_pictures_is_what_a_folder_of_them_is(tmp_path):
    clear = [Image.fromarray(frame).convert("RGBA") for frame in COLOURS]
    clear[2].putpixel((1, 1), (1, 2, 3, 4))
    for number, given in enumerate(
        (
            [Image.fromarray(frame // 128 * 255).quantize(8) for frame in COLOURS],
            [Image.fromarray(frame) for frame in GREY],
            [Image.fromarray(frame).convert("RGB") for frame in GREY],
            [Image.fromarray(frame > 100) for frame in GREY],
            [Image.fromarray(frame) for frame in COLOURS],
            clear,
        )
    ):
        (folder := tmp_path / str(number)).mkdir()
        for place, picture in enumerate(given):
            picture.save(folder / f"{place}.png")
        assert np.array_equal(load(given).values, load(folder).values)
    assert np.array_equal(load(clear).values[2, :, 1, 1], [1, 2, 3, 4])
    with pytest.raises(DataError, match=r"^number 1 of the list is 5 × 8, but number 0 is 6 × 8; "):
        load([Image.fromarray(GREY[0]), Image.fromarray(GREY[0, :5])])
    with pytest.raises(DataError, match=r"^number 1 of the list is of mode colour, but"):
        load([Image.fromarray(GREY[0]), Image.fromarray(COLOURS[0])])


def test_what_differs_in_a_folder_is_named(tmp_path):
    for number in range(4):
        Image.fromarray(GREY[number]).save(tmp_path / f"img{number}.png")
    Image.fromarray(GREY[0, :5]).save(tmp_path / "img10.png")
    with pytest.raises(
        DataError, match=r"^img10\.png is 5 × 8, but img0\.png is 6 × 8; bring all .*\.$"
    ):
        load(tmp_path)
    Image.fromarray(COLOURS[0]).save(tmp_path / "img2.png")
    with pytest.raises(DataError, match=r"^img2\.png is of mode colour, but img0\.png of L; .*\.$"):
        load(tmp_path)
    (tmp_path / "img2.png").write_bytes(animated(GREY, "PNG"))
    with pytest.raises(
        DataError, match=r"^img2\.png holds 5 pictures, but each .* single one; .*\.$"
    ):
        load(tmp_path)
    (tmp_path / "img10.png").write_bytes(still(GREY[0]))
    (tmp_path / "img2.png").write_bytes(still(GREY[0])[:60])
    with pytest.raises(DataError, match=r"^img2\.png is damaged .*\.$"):
        load(tmp_path)


def test_folders_and_patterns_without_pictures_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("1", encoding="utf-8")
    with pytest.raises(
        DataError,
        match=rf"^{tmp_path.name} holds no pictures, whose names end in \.gif \.png .*\.$",
    ):
        load(tmp_path)
    for pattern in ("*.png", "*.txt"):
        with pytest.raises(
            DataError, match=r"^\*\.... fits no pictures, whose .* \.gif \.png .*\.$"
        ):
            load(f"{tmp_path}/{pattern}")


def test_a_folder_must_fit_into_memory(tmp_path, monkeypatch):
    for number in range(3):
        Image.fromarray(GREY[number]).save(tmp_path / f"{number}.png")
    at_most(monkeypatch, 3 * 48 - 1)
    with pytest.raises(DataError, match=r"of memory, but .* is left; give fewer or smaller"):
        load(tmp_path)
    at_most(monkeypatch, 3 * 48)
    assert load(tmp_path).steps == 3
