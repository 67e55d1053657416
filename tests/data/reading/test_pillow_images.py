"""Animations, written by Pillow or byte by byte."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.images import pillow_images
from tests.damaged import DAMAGED, at_most, check_damaged, refusals
from tests.data.reading.image_files import COLOURS, GREY, animated, still

SHOWN = [10, 20, 30, 40, 50]
BEGIN = [0, 0.01, 0.03, 0.06, 0.1]


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
        DataError, match=r"^a\.gif holds an animation, without .*; leave variable out\.$"
    ):
        read_bytes("a.gif", GIF, variable="ice")


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    """Many frames of a million pixels each, in a few bytes."""
    flat = np.zeros((2, 1000, 1000), np.uint8)
    flat[1] = 1
    content = animated(flat.repeat(20, axis=0), "PNG")
    at_most(monkeypatch, 9_000_000)
    monkeypatch.setattr(pillow_images, "decode_frames", None)
    with pytest.raises(DataError, match=r"^a\.png unpacks to 200\.0 MB, but .* the most"):
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
