"""The scale of the data: against exact fractions, and at the ends of what numbers there are."""

from fractions import Fraction

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data import preview
from cnnwidget.data.missing import missing_share
from cnnwidget.data.value_range import digits_between, format_value
from cnnwidget.panel.views import data_view
from cnnwidget.panel.views.data_scale import BINS, bytes_of_range, histogram

RANDOM = np.random.default_rng(0)
RANGES = [(0, 1), (-1e308, 1.5e308), (0, 4e-310), (1e16, 1e16 + 64), (1e6, 1e6 + 1e-3), (-3, 0)]


def within(low, high):
    """Some values of a range, with both of its ends."""
    with np.errstate(over="ignore", under="ignore"):
        values = low * (1 - (share := RANDOM.random(300))) + high * share
    return np.concatenate([[low, high], values]).astype(float)


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_bytes_and_histogram_against_fractions(low, high):
    values = within(low, high)
    first = Fraction(float(low))
    span = Fraction(float(high)) - first
    exact = [(Fraction(value) - first) / span for value in values.tolist()]
    sent = np.frombuffer(bytes_of_range(values, low, high), np.uint8)
    assert max(abs(byte - 1 - 254 * share) for byte, share in zip(sent, exact, strict=True)) <= 0.51
    assert (sent[0], sent[1]) == (1, 255)
    counts = np.zeros(BINS, int)
    for share in exact:
        counts[min(BINS - 1, int(share * BINS))] += 1
    found = np.array(histogram(values, low, high))
    assert found.sum() == len(values)
    # On the border of two parts rounding may choose the other one.
    assert np.abs(np.cumsum(found - counts)).max() <= 1


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_the_ends_of_a_range_are_reported_apart(low, high):
    digits = max(4, digits_between(low, high))
    ends = [float(format_value(float(each), digits).replace("−", "-")) for each in (low, high)]
    assert ends[0] < ends[1]
    first, last = Fraction(float(low)), Fraction(float(high))
    off = max(abs(Fraction(ends[0]) - first), abs(Fraction(ends[1]) - last))
    assert off <= (last - first) / 100


def facts(values, **settings):
    frames = cw.load(values, **settings)
    view, _ = data_view.data_picture(frames)
    gaps = missing_share(frames)
    found = data_view.facts_of(frames, gaps, view["low"], view["high"])
    return {each["label"]: each["value"] for each in found}


@pytest.mark.parametrize("place", [(1501, 33, 33), (2999, 63, 63), (0, 1, 0)])
@pytest.mark.parametrize("valid", [None, np.ones((64, 64), bool)])
def test_the_range_is_that_of_all_values_and_not_of_those_shown(place, valid):
    values = np.zeros((3000, 64, 64), "float32")
    values[place] = 5
    told_of = facts(values, valid=valid)
    assert told_of["values"] == "0 to 5"
    assert told_of["shown"] == "97 of 3,000 frames"
    values[place] = np.inf
    assert facts(values, valid=valid, missing="leave out")["values"] == "all 0"


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_of_very_many_values_the_range_is_that_of_those_shown(monkeypatch, dtype):
    values = RANDOM.integers(0, 100, (30, 200, 10)).astype(dtype)
    assert facts(values)["values"] == "0 to 99"
    monkeypatch.setattr(preview, "MOST_CHECKED", 1000)
    assert facts(values)["values"].startswith("of those shown, ")
    assert facts(values)["missing"] == ("none of those shown" if dtype == "float32" else "none")
    if dtype == "float32":
        values[:] = np.nan
        assert facts(values)["values"] == "of those shown, none"


@pytest.mark.parametrize(
    ("shape", "axes", "shown"),
    [
        ((30, 96, 96), None, None),
        ((30, 97, 20), None, "one row and column in 2"),
        ((30, 20, 700), None, "one row and column in 8"),
        ((30, 1, 300), None, "one row and column in 4"),
        ((30, 385), None, "one place in 2"),
        ((2000, 4), None, "1,000 of 2,000 frames"),
        ((30, 7, 8, 9), "T D H W", "the middle slice of 7"),
        (
            (1001, 7, 8, 99),
            "T D H W",
            "1,000 of 1,001 frames, the middle slice of 7, one row and column in 2",
        ),
    ],
)
def test_what_the_page_leaves_out_is_reported(shape, axes, shown):
    values = np.broadcast_to(np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1)), shape)
    told_of = facts(values, axes=axes)
    assert told_of.get("shown") == shown
    assert told_of["values"] == f"0 to {shape[0] - 1}"


def test_a_volume_tells_its_range_beyond_the_slice_that_is_shown():
    values = np.zeros((30, 6, 5, 4))
    values[:, 0] = 7
    assert facts(values, axes="T D H W")["values"] == "0 to 7"


def test_a_long_name_leaves_room_for_what_is_behind_it():
    name = "sea_ice_concentration_of_the_northern_hemisphere_2020.nc::conc"
    frames = cw.load(np.zeros((30, 4, 4)), name=name)
    shown = data_view.data_picture(frames)[0]["name"]
    assert len(shown) == data_view.LONGEST_SHOWN_NAME
    assert shown.startswith("sea_ice_")
    assert shown.endswith("::conc")


def test_each_channel_has_a_scale_of_its_own():
    """Pressure beside a fraction, and a channel of which nothing is known."""
    values = np.stack([1e5 + RANDOM.random((30, 8, 8)), RANDOM.random((30, 8, 8))] * 2, 1)
    values[:, 2] = 7
    values[:, 3] = np.nan
    view, sent = data_view.data_picture(cw.load(values, missing="leave out"))
    shown = np.frombuffer(sent, np.uint8).reshape(values.shape)
    for channel in (0, 1):
        scale = view["scales"][channel]
        low, high = values[:, channel].min(), values[:, channel].max()
        assert (scale["low"], scale["high"]) == (low, high)
        exact = 1 + 254 * (values[:, channel] - low) / (high - low)
        assert np.abs(shown[:, channel] - exact).max() <= 0.51
        assert sum(scale["histogram"]) == values[:, channel].size
    constant, unknown = view["scales"][2:]
    assert (constant["ends"], set(shown[:, 2].ravel())) == (("7", "7"), {1})
    assert (unknown["ends"], unknown["low"], set(shown[:, 3].ravel())) == (("–", "–"), None, {0})
    assert (view["low"], view["high"]) == (values[:, 1].min(), values[:, 0].max())


def test_the_range_of_a_channel_of_which_nothing_is_forecast():
    valid = np.ones((2, 8, 8), bool)
    valid[1] = False
    values = RANDOM.random((30, 2, 8, 8))
    view, _ = data_view.data_picture(cw.load(values, valid=valid))
    assert view["scales"][1]["low"] is None
    assert view["high"] == values[:, 0].max()
