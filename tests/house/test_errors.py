"""Who is at fault: the design, the data, or neither."""

import pytest

import cnnwidget as cw

DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)


def closed_panel():
    panel = cw.Designer()
    panel.close()
    panel.fit()


def test_one_base_has_two_children():
    assert cw.CnnwidgetError.__bases__ == (ValueError,)
    assert cw.DesignError.__bases__ == cw.DataError.__bases__ == (cw.CnnwidgetError,)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: DESIGN.replace(depth=-1), cw.DesignError),
        (lambda: cw.from_json({}), cw.DesignError),
        (lambda: cw.plan("unet"), cw.DesignError),
        (lambda: cw.train(DESIGN, cw.sample("circling shape", size=(9, 9))), cw.DesignError),
        (lambda: cw.load([1, 2, 3]), cw.DataError),
        (lambda: cw.load_run("nowhere"), cw.DataError),
        (
            lambda: cw.train(DESIGN, cw.sample("circling shape", size=(8, 8)), lr=-1.0),
            cw.CnnwidgetError,
        ),
        (lambda: cw.fit(DESIGN, cw.sample("circling shape"), epoch=3), cw.CnnwidgetError),
        (
            lambda: cw.sweep(DESIGN, cw.sample("circling shape"), "kernel", [1, 3]),
            cw.CnnwidgetError,
        ),
        (lambda: cw.Runs()["best"], cw.CnnwidgetError),
        (lambda: cw.Runs().lines("depth"), cw.CnnwidgetError),
        (lambda: cw.sample("circling shape").save("nowhere/ice.npy"), cw.CnnwidgetError),
        (closed_panel, cw.CnnwidgetError),
    ],
)
def test_an_error_says_who_is_at_fault(call, error):
    with pytest.raises(cw.CnnwidgetError) as raised:
        call()
    assert type(raised.value) is error
