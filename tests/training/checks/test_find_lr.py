import math
from itertools import pairwise

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.checks.find_lr import EXPLODED, LearningRates, range_test

FRAMES = cw.sample("circling shape", steps=60, size=(16, 16))
DESIGN = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)


def test_rates_rise_by_one_factor_until_the_loss_explodes():
    found = cw.find_lr(DESIGN, FRAMES, lowest=1e-5, highest=10.0, steps=60)
    factors = [after / before for before, after in zip(found.rates, found.rates[1:], strict=False)]
    assert factors == pytest.approx([factors[0]] * len(factors))
    assert found.rates[0] == pytest.approx(1e-5)
    assert max(found.losses[found.losses.index(min(found.losses)) :]) <= EXPLODED * min(
        found.losses
    )


def test_a_fit_with_the_suggestion_learns_more_than_far_off():
    found = cw.find_lr(DESIGN, FRAMES)
    errors = [
        cw.fit(DESIGN, FRAMES, epochs=5, lr=rate, reference="none", progress=False)
        .history[-1]
        .train
        for rate in (found.suggestion, found.suggestion / 1000)
    ]
    assert errors[0] < errors[1] / 2


def test_the_same_seed_finds_the_same():
    assert cw.find_lr(DESIGN, FRAMES, steps=20) == cw.find_lr(DESIGN, FRAMES, steps=20)


def test_the_plot_marks_the_suggestion():
    found = cw.find_lr(DESIGN, FRAMES, steps=20)
    [axes] = found.plot().axes
    curve, mark = axes.lines
    assert tuple(curve.get_xdata()) == found.rates
    assert set(mark.get_xdata()) == {found.suggestion}
    assert found._repr_png_().startswith(b"\x89PNG")
    assert f"lr={found.suggestion:g}" in str(found)


def test_the_first_fast_fall_counts_and_not_the_deeper_one_behind_it():
    """At rates that destroy the network the loss falls again, to that of a constant output."""
    rates = [10 ** (-6 + 6 * n / 99) for n in range(100)]

    def loss(rate):
        power = math.log10(rate)
        first = 1 / (1 + math.exp((power + 2.7) / 0.35))
        second = 1 / (1 + math.exp((power + 0.6) / 0.12))
        return 0.1 + 0.34 * first + 0.06 * second

    losses = [loss(rate) for rate in rates]
    slopes = [math.log(after / before) for before, after in pairwise(losses)]
    assert rates[slopes.index(min(slopes))] > 0.1  # the steepest of all
    found = LearningRates.from_points([*zip(rates, losses, strict=True)])
    assert 1e-3 < found.suggestion < 1e-2
    assert found.suggestion == float(f"{found.suggestion:.2g}")
    assert found.learns
    assert f"{rates[losses.index(min(losses))]:.2g}" in found.sentence


def test_a_loss_that_never_falls_is_reported_and_nothing_is_suggested_in_words():
    found = cw.find_lr(DESIGN, FRAMES, lowest=1e-9, highest=1e-8, steps=20)
    assert not found.learns
    assert "falls at no rate" in str(found)
    assert "lr=" not in str(found)


def test_a_loss_that_is_no_number_from_the_beginning_is_reported():
    frames = np.full((60, 16, 16), 1e30, np.float32)
    frames[::2] = -1e30
    with pytest.raises(cw.CnnwidgetError, match="no finite number"):
        cw.find_lr(DESIGN, frames, scaling="none", loss="mse")


def test_the_search_can_be_left_at_any_step():
    points = range_test(DESIGN, FRAMES)
    assert [next(points) for _ in range(12)] == [*range_test(DESIGN, FRAMES)][:12]
    points.close()


def test_a_setting_that_is_none_is_reported():
    with pytest.raises(cw.CnnwidgetError, match="there is no setting sceonds; did you mean 'seco"):
        cw.find_lr(DESIGN, FRAMES, sceonds=3)


@pytest.mark.parametrize(
    "wrong", [{"lowest": 0.0}, {"lowest": 1.0, "highest": 0.1}, {"highest": 100.0}, {"steps": 3}]
)
def test_rates_that_are_none_are_reported(wrong):
    with pytest.raises(cw.CnnwidgetError, match="find_lr"):
        cw.find_lr(DESIGN, FRAMES, **wrong)
