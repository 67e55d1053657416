"""Fingerprints, against hashlib over the bytes, and against all that is the same data."""

import gc
import hashlib
import tracemalloc

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data import fingerprint
from cnnwidget.data.fingerprint import (
    PIECE_BYTES,
    ArrayFingerprint,
    difference,
    digest_of,
    fingerprint_of,
)
from cnnwidget.data.windows.window_contents import WindowContents

VALUES = np.random.default_rng(0).normal(size=(40, 2, 8, 9)).astype(np.float32)
DTYPES = ("bool", "uint8", "int16", "int64", "float16", "float32", "float64")


def prints(values, **settings):
    return fingerprint_of(WindowContents(cw.load(values), **settings))


@pytest.mark.parametrize("dtype", DTYPES)
def test_it_is_blake2b_over_the_bytes_in_c_order(dtype):
    values = (20 * VALUES).clip(0).astype(dtype)
    expected = hashlib.blake2b(values.tobytes(), digest_size=16).hexdigest()
    assert digest_of(values) == expected
    assert prints(values) == (ArrayFingerprint("frames", (40, 2, 8, 9), dtype, expected),)


@pytest.mark.parametrize("dtype", DTYPES)
def test_how_an_array_lies_in_memory_does_not_matter(dtype, monkeypatch):
    values = (20 * VALUES).clip(0).astype(dtype)
    expected = digest_of(values)
    swapped = values.astype(values.dtype.newbyteorder("S"))
    others = (
        np.asfortranarray(values),
        swapped,
        values[::-1].copy()[::-1],
        values[:, ::-1].copy()[:, ::-1],
    )
    for other in others:
        assert digest_of(other) == expected
    assert prints(swapped) == prints(values)
    constant = np.broadcast_to(values[0], values.shape)
    assert digest_of(constant) == digest_of(constant.copy()) != expected
    monkeypatch.setattr(fingerprint, "PIECE_BYTES", values[:3].nbytes + 1)
    assert digest_of(values) == expected


def test_any_bit_that_counts_is_seen():
    expected = digest_of(VALUES)
    for place in ((0, 0, 0, 0), (39, 1, 7, 8), (20, 1, 3, 3)):
        other = VALUES.copy()
        other[place] = np.nextafter(other[place], np.float32(9))
        assert digest_of(other) != expected


def test_all_nan_are_the_same_and_no_number():
    bits = np.array([0x7FC00000, 0xFFC00001, 0x7F800001], np.uint32).view(np.float32)
    found = {digest_of(np.array([1.0, nan], np.float32)) for nan in bits}
    assert np.isnan(bits).all()
    assert len(found) == 1
    assert digest_of(np.array([1.0, 0.0], np.float32)) not in found
    wide = np.array([[1.0, np.nan]], np.longdouble)  # some bytes of which are nothing
    assert digest_of(wide) == digest_of(wide.astype(float))


def test_masks_and_other_series_have_their_own():
    season = np.sin(np.arange(40.0))
    frames = cw.load(VALUES, valid=VALUES[0] > 0)
    found = fingerprint_of(WindowContents(frames, past=season, future=season * 2))
    assert [each.name for each in found] == ["frames", "valid", "past", "future"]
    assert [each.shape for each in found[1:]] == [(2, 8, 9), (40, 1, 8, 9), (40, 1, 8, 9)]
    assert len({each.digest for each in found}) == 4
    expected = np.broadcast_to(season[:, None, None, None], (40, 1, 8, 9))
    assert found[2].digest == digest_of(expected.astype(found[2].dtype))


def test_what_differs_is_named():
    season = np.sin(np.arange(40.0))
    plain, beside = prints(VALUES), prints(VALUES, past=season)
    assert difference(plain, prints(VALUES.copy())) == ""
    for other, message in (
        (prints(VALUES[:-1]), "the shape of frames is 39 × 2 × 8 × 9, not 40 × 2 × 8 × 9"),
        (prints(VALUES.astype(float)), "the dtype of frames is float64, not float32"),
        (prints(-VALUES), "the values of frames are others"),
        (beside, "they are frames and past, not frames"),
    ):
        assert difference(plain, other) == message
    assert difference(beside, prints(VALUES, past=-season)) == "the values of past are others"


def test_a_file_is_read_in_pieces_and_once(tmp_path, monkeypatch):
    mapped = np.lib.format.open_memmap(
        tmp_path / "large.npy", mode="w+", dtype=np.float32, shape=(16, 2048, 2048)
    )  # 268 MB, of which the disk need have none
    mapped[3, 5, 7] = 1.0
    frames = cw.load(mapped)
    contents = WindowContents(frames)
    tracemalloc.start()
    try:
        found = fingerprint_of(contents)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * PIECE_BYTES
    monkeypatch.setattr(fingerprint, "digest_of", None)
    assert fingerprint_of(WindowContents(frames)) == found
    before = len(fingerprint.cache)
    del frames, contents
    gc.collect()
    assert len(fingerprint.cache) == before - 1  # the cache keeps no data alive
