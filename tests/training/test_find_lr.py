import pytest

import cnnwidget as cw
from cnnwidget.training.find_lr import EXPLODED

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
        cw.fit(DESIGN, FRAMES, epochs=5, lr=rate, progress=False).history[-1].train
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
    assert f"lr={found.suggestion:.1g}" in str(found)


@pytest.mark.parametrize(
    "wrong", [{"lowest": 0.0}, {"lowest": 1.0, "highest": 0.1}, {"highest": 100.0}, {"steps": 3}]
)
def test_rates_that_are_none_are_told(wrong):
    with pytest.raises(cw.DesignError, match="find_lr"):
        cw.find_lr(DESIGN, FRAMES, **wrong)
