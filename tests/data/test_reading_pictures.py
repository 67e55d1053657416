"""Animations and folders of pictures, written by Pillow and by hand."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load, read_bytes
from cnnwidget.data.reading import pictures
from tests.damaged import DAMAGED, at_most, check_damaged, refusals

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), dtype=np.uint8)
GREY = COLOURS[..., 0].copy()
SHOWN = [10, 20, 30, 40, 50]
BEGIN = [0, 0.01, 0.03, 0.06, 0.1]


def animated(frames, form, **options):
    first, *rest = [Image.fromarray(frame) for frame in frames]
    content = io.BytesIO()
    first.save(content, form, save_all=True, append_images=rest, **options)
    return content.getvalue()


def still(frame, form="PNG", **options):
    content = io.BytesIO()
    Image.fromarray(frame).save(content, form, **options)
    return content.getvalue()


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def deep(frames, *, claimed=None, size=None):
    """An animated PNG of 16 bits, by its specification: Pillow does not write it rightly."""
    count, height, width = frames.shape
    wide, high = size or (width, height)
    parts = [
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 16, 0, 0, 0, 0)),
    ]
    parts.append(chunk(b"acTL", struct.pack(">II", claimed or count, 0)))
    number = 0
    for frame in frames.astype(">u2"):
        control = struct.pack(">IIIIIHHBB", number, wide, high, 0, 0, 1, 10, 0, 0)
        parts.append(chunk(b"fcTL", control))
        packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in frame))
        number += 1
        if number == 1:
            parts.append(chunk(b"IDAT", packed))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + packed))
            number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


def seen(name, content, folder):
    """The values as T H W or T H W C, the same of an upload and of a file."""
    (folder / name).write_bytes(content)
    upload, file = read_bytes(name, content), load(folder / name)
    assert np.array_equal(upload.values, file.values)
    assert upload.name == file.name == name
    for known in (upload, file):
        assert known.understood.endswith("as the file says")
    values = np.moveaxis(upload.values, 1, -1)
    return (values if upload.has_channels else values[..., 0]), upload.labels.times


EXACT = {
    "a.gif": ("GIF", {}),
    "a.png": ("PNG", {}),
    "a.apng": ("PNG", {}),
    "a.webp": ("WEBP", {"lossless": True}),
}


@pytest.mark.parametrize("name", EXACT)
def test_animations_are_what_was_saved(name, tmp_path):
    form, options = EXACT[name]
    for given in (GREY, COLOURS):
        values, times = seen(name, animated(given, form, duration=SHOWN, **options), tmp_path)
        assert values.dtype == np.uint8
        assert np.array_equal(values, given)
        assert np.allclose(times, BEGIN, rtol=0, atol=1e-12)


def test_what_is_grey_in_colours_is_grey(tmp_path):
    given = np.repeat(GREY[..., None], 3, axis=-1)
    for name, (form, options) in EXACT.items():
        values, _ = seen(name, animated(given, form, **options), tmp_path)
        assert np.array_equal(values, GREY)


def test_what_is_not_opaque_stays_so(tmp_path):
    opaque = np.full((5, 6, 8, 1), 255, np.uint8)
    given = np.concatenate([COLOURS, opaque], axis=-1)
    assert np.array_equal(seen("a.png", animated(given, "PNG"), tmp_path)[0], COLOURS)
    given[2, 1, 3, 3] = 7
    values, _ = seen("a.png", animated(given, "PNG", blend=0), tmp_path)
    assert np.array_equal(values, given)


def test_a_gif_is_composited(tmp_path):
    """Each frame writes over a part of the one before only, and leaves the rest."""
    given = np.zeros((4, 6, 8), np.uint8)
    for number in range(4):
        given[number:, number, 2:5] = 60 * (number + 1)
    content = animated(given, "GIF", optimize=False)
    parts = []
    with Image.open(io.BytesIO(content)) as picture:
        for number in range(picture.n_frames):
            picture.seek(number)
            parts.append(picture.dispose_extent if number else None)
    assert any(part != (0, 0, 8, 6) for part in parts[1:])
    assert np.array_equal(seen("a.gif", content, tmp_path)[0], given)


def test_the_default_image_of_an_animated_png_is_not_of_it(tmp_path):
    content = animated(COLOURS, "PNG", default_image=True, duration=SHOWN[1:])
    values, times = seen("a.png", content, tmp_path)
    assert np.array_equal(values, COLOURS[1:])
    assert np.allclose(times, [0, 0.02, 0.05, 0.09])


def test_times_are_told_only_where_all_are_known(tmp_path):
    assert seen("a.gif", animated(GREY, "GIF"), tmp_path)[1] is None
    assert seen("a.gif", animated(GREY, "GIF", duration=[10, 0, 10, 10, 10]), tmp_path)[1] is None


def test_depth_is_kept(tmp_path):
    given = np.random.default_rng(1).integers(0, 2**16, (4, 6, 8)).astype("u2")
    values, times = seen("deep.png", deep(given), tmp_path)
    assert values.dtype == np.uint16
    assert np.array_equal(values, given)
    assert np.allclose(times, [0, 0.1, 0.2, 0.3])


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


GIF = animated(COLOURS, "GIF")
PNG = animated(COLOURS, "PNG")
WEBP = animated(COLOURS, "WEBP", lossless=True)
REFUSED = {
    "empty gif": ("a.gif", b"", "is damaged or no picture"),
    "empty webp": ("a.webp", b"", "is damaged or no picture"),
    "text": ("a.gif", b"what" * 99, "is damaged or no picture"),
    "random": ("a.png", bytes(COLOURS), "is damaged or no picture"),
    "postscript": ("a.gif", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 5 5\n", "no picture"),
    "one gif": ("a.gif", still(GREY[0], "GIF"), "is one picture; give a folder of them or an"),
    "one png": ("a.png", still(GREY[0]), "is one picture"),
    "one jpeg": ("a.jpg", still(GREY[0], "JPEG"), "is one picture"),
    "one bmp": ("a.bmp", still(GREY[0], "BMP"), "is one picture"),
    "one webp": ("a.webp", still(COLOURS[0], "WEBP"), "is one picture"),
    "stereo": ("a.jpg", animated(COLOURS, "MPO"), "is one picture"),
    "an array": ("a.png", b"\x93NUMPY" + bytes(99), "is damaged or no picture"),
    "cut gif": ("a.gif", GIF[: len(GIF) // 2], "is damaged"),
    "cut png": ("a.png", PNG[: len(PNG) // 2], "is damaged"),
    "cut webp": ("a.webp", WEBP[: len(WEBP) // 2], "is damaged"),
    "more frames than there are": ("a.png", deep(GREY, claimed=99), "is damaged"),
    "endless": ("a.png", deep(GREY, claimed=2**31 - 1), "GB is the most; give fewer or smaller"),
    "wide": ("a.png", deep(GREY, size=(6000, 6000)), "frames are 6000 × 6000, but 33,554,432"),
    "huge": ("a.png", deep(GREY, size=(60000, 60000)), "more than 178,956,970 pixels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path):
    name, content, said = REFUSED[case]
    upload = refusals(name, content, tmp_path)
    assert upload.startswith(name)
    assert said in upload


@pytest.mark.parametrize(
    ("name", "content", "end"), [("a.gif", GIF, 0), ("a.png", PNG, 20), ("a.webp", WEBP, 0)]
)
def test_nothing_is_read_of_what_is_cut_off(name, content, end):
    """All frames of a PNG are there when what ends it is not."""
    for length in range(0, len(content) - end, 3):
        with pytest.raises(DataError):
            read_bytes(name, content[:length])
    if name == "a.gif":
        with pytest.raises(
            DataError, match=r"^a\.gif is cut off: it ends between two of its frames"
        ):
            read_bytes(name, content[:-1])


def test_names_are_for_other_files():
    with pytest.raises(
        DataError, match=r"^a\.gif: pictures have no names .* leave variable out\.$"
    ):
        read_bytes("a.gif", GIF, variable="ice")


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    """Many frames of a million pixels each, in a few bytes."""
    flat = np.zeros((2, 1000, 1000), np.uint8)
    flat[1] = 1
    content = animated(flat.repeat(20, axis=0), "PNG")
    at_most(monkeypatch, 9_000_000)
    monkeypatch.setattr(pictures, "decoded", None)
    with pytest.raises(DataError, match=r"^a\.png unpacks to 0\.2 GB, but .* the most"):
        read_bytes("a.png", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gif", GIF),
        ("b.gif", animated(GREY, "GIF", duration=40)),
        ("a.png", PNG),
        ("a.webp", WEBP),
    ],
)
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(
    name, content, tmp_path, monkeypatch, capfd
):
    at_most(monkeypatch, 2_000_000)
    check_damaged(name, content, tmp_path, DAMAGED // 2)
    assert capfd.readouterr() == ("", "")
