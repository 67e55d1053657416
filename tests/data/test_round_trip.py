"""Frames written as NetCDF are read back equal."""

import numpy as np
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnwidget.data.axis_names import LETTERS
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.load import load, read_bytes
from tests.damaged import DAMAGED

SPACE = {1: "L", 2: "HW", 3: "DHW"}
TIMES = (
    lambda _: None,
    lambda n: np.arange(n) * 0.5,
    lambda n: np.datetime64("2020-01-31") + np.arange(n),
    lambda n: np.datetime64("1969-12-31T23:59:58") + np.arange(n),
)


@st.composite
def any_frames(draw):
    """Frames with or without each label there is, axes of length 1 among them."""
    size = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    channels = draw(st.integers(0, 3))
    shape = (draw(st.integers(2, 4)), channels or 1, *size)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    values = random.integers(0, 2, shape).astype(
        draw(st.sampled_from(["?", "u1", "i4", "f4", "f8"]))
    )
    if values.dtype.kind == "f":
        values[random.random(shape) < 0.2] = np.nan
    letters = SPACE[len(size)]
    named = draw(st.dictionaries(st.sampled_from(["T", *letters]), st.sampled_from([*LETTERS])))
    placed = draw(st.sets(st.sampled_from(letters)))
    labels = Labels(
        draw(st.sampled_from(TIMES))(shape[0]),
        draw(st.sampled_from([(), ("u", "v", "w")[:channels]])),
        {letter: random.normal(size=size[letters.index(letter)]) for letter in sorted(placed)},
        named,
        draw(st.sampled_from(["", "K", "m s-1"])),
    )
    valid = random.random(draw(st.sampled_from([size, shape[1:]]))) < 0.7
    return Frames(
        values,
        has_channels=channels > 0,
        name="ice",
        labels=labels,
        valid=valid if valid.any() and draw(st.booleans()) else None,
        missing=draw(st.sampled_from(["refuse", "leave out"])),
    )


def check_same(read, given):
    assert np.array_equal(read.values, given.values, equal_nan=given.values.dtype.kind == "f")
    assert read.values.dtype == given.values.dtype
    assert read.has_channels == given.has_channels
    assert read.missing == given.missing
    assert np.array_equal(read.valid, given.valid)
    assert (read.labels.channels, read.labels.units) == (given.labels.channels, given.labels.units)
    assert np.array_equal(read.labels.times, given.labels.times)
    assert {letter: list(places) for letter, places in read.labels.places.items()} == {
        letter: list(places) for letter, places in given.labels.places.items()
    }


@settings(max_examples=DAMAGED // 5)
@given(any_frames())
def test_what_is_written_is_read(tmp_path_factory, frames):
    path = frames.save(tmp_path_factory.getbasetemp() / "any.nc")
    check_same(load(path), frames)
    check_same(read_bytes("any.nc", path.read_bytes()), frames)
    with xr.open_dataset(path) as dataset:
        check_same(load(dataset), frames)
