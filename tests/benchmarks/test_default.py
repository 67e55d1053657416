"""Why the defaults of `EncoderDecoder` are what they are: run with `make bench`."""

import cnnwidget as cw

SECONDS = 20


# What TorchCNNBuilder's examples train with: a constant rate, and no clipping.
THEIR_RECIPE = {"lr": 1e-3, "schedule": "constant", "clip_grad_norm": None}


def test_the_default_net_beside_the_seeds_in_equal_time(capsys):
    """TorchCNNBuilder's network with its own defaults, five unstrided layers and their mirror.

    All are trained for as long on the same frames, and judged by the same windows: the seed's with
    the usual recipe of this package and with its own. The default without long skips stands beside
    them.
    """
    frames = cw.sample("circling shape")
    default = cw.EncoderDecoder(input_size=frames.size, in_channels=10, out_channels=5)
    seed = cw.forecaster_base(frames.size, in_time_points=10, out_time_points=5, n_layers=5)
    errors = {}
    for name, design, recipe in (
        ("default", default, {}),
        ("without skips", default.replace(skips="none"), {}),
        ("seed, usual recipe", seed, {}),
        ("seed, its own recipe", seed, THEIR_RECIPE),
    ):
        run = cw.fit(design, frames, seconds=SECONDS, **recipe)
        errors[name] = run.metrics.network.mae
        with capsys.disabled():
            plan = cw.plan(design)
            print(
                f"\n{name}: {plan.params:,} parameters, {plan.macs / 1e6:.0f} M MACs, "
                f"{len(run.history)} epochs in {SECONDS} s, error {errors[name]:.4f}, "
                f"{errors[name] / errors['default']:.1f} times the default's"
            )
    assert errors["default"] < min(errors["seed, usual recipe"], errors["seed, its own recipe"])
