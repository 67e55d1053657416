"""The default fit of some series in a process of its own: `one_weak.py SECONDS NAME ...`.

Prints, for each, a line of JSON: its name, the test error of the fit as a share of that of the best
rule, the name of that rule, that of the reference, and the best epoch.
"""

import json
import sys

import cnnwidget as cw
from tests.benchmarks.weak_series import weak_series

LENGTHS = {"pre_history_len": 6, "forecast_len": 3}


def judged(name, weak, seconds):
    """The figures of a fit of so many seconds."""
    frames = weak.frames
    design = cw.EncoderDecoder(
        input_size=frames.size,
        in_channels=LENGTHS["pre_history_len"] * frames.channels,
        out_channels=LENGTHS["forecast_len"] * frames.channels,
    )
    run = cw.fit(design, frames, **LENGTHS, period=weak.period, seconds=seconds, progress=False)
    errors = {each: figures.mae for each, figures in run.metrics.baselines}
    best = min(errors, key=errors.get)
    reference = run.predictor.reference
    return {
        "name": name,
        "share": run.metrics.error / errors[best],
        "best": best,
        "reference": None if reference is None else reference.name,
        "epoch": run.best.epoch if run.best else None,
        "epochs": len(run.history),
        "rules": {each: error / errors[best] for each, error in errors.items()},
    }


if __name__ == "__main__":
    chosen = sys.argv[2:]
    for name, weak in weak_series().items():
        if not chosen or name in chosen:
            print(json.dumps(judged(name, weak, float(sys.argv[1]))), flush=True)
