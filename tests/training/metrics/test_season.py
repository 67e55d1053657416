"""Phases of frames by their dates, against pandas' calendar."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.training.metrics.season import Season, proposed_period, season_of
from tests.training.samples import PLANE, wave

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize(
    ("frequency", "period", "phase"),
    [
        ("MS", "year", lambda dates: dates.month - 1),
        ("ME", "year", lambda dates: dates.month - 1),
        ("QS-DEC", "year", lambda dates: dates.month - 1),
        ("D", "year", lambda dates: dates.day_of_year - 1),
        ("7D", "year", lambda dates: dates.day_of_year - 1),
        ("h", "day", lambda dates: dates.hour),
        ("3h", "day", lambda dates: dates.hour),
    ],
)
def test_phases_are_those_of_pandas(frequency, period, phase):
    dates = pandas.date_range("1999-03-01", periods=1500, freq=frequency)
    times = dates.to_numpy().astype("datetime64[s]")
    season = season_of(period, times)
    numbers = np.arange(len(times))
    phases = season.phases(numbers, Labels(times=times))
    assert np.array_equal(phases, phase(dates))
    assert phases.max() < season.count
    assert proposed_period(times) == period


@pytest.mark.parametrize(("frequency", "period"), [("MS", "year"), ("D", "year"), ("h", "day")])
def test_phases_beyond_the_last_date_go_on(frequency, period):
    dates = pandas.date_range("2003-11-01", periods=900, freq=frequency)
    times = dates.to_numpy().astype("datetime64[s]")
    season = season_of(period, times)
    numbers = np.arange(900).reshape(2, 450)
    wanted = season.phases(numbers, Labels(times=times))
    assert np.array_equal(season.phases(numbers, Labels(times=times[:600])), wanted)


@pytest.mark.parametrize(
    ("frequency", "count"),
    [("YS", 80), ("MS", 20), ("D", 500), ("h", 40), ("min", 90), ("2YS", 50)],
)
def test_nothing_is_proposed_without_two_cycles(frequency, count):
    dates = pandas.date_range("2000-01-01", periods=count, freq=frequency)
    assert proposed_period(dates.to_numpy()) is None


def test_nothing_is_proposed_without_dates():
    assert proposed_period(None) is None
    assert proposed_period(np.arange(100.0)) is None
    assert proposed_period(np.array(["2000-01-01"], "datetime64[D]")) is None


@pytest.mark.parametrize("period", ["year", "day"])
def test_a_season_by_dates_needs_dates(period):
    with pytest.raises(cw.DataError, match=f"period is '{period}', but the frames have no dates"):
        cw.train(PLANE, wave(60, 8, 8), epochs=1, period=period)
    with pytest.raises(cw.DataError, match="goes by the month, but the frames have no dates"):
        Season("month", 12).phases(np.arange(3), Labels())
