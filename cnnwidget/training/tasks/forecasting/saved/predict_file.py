"""`predict.py`: a script that repeats the forecast of a run without this package."""

from __future__ import annotations

import ast
import json
import sys
from functools import cache
from importlib import resources
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnwidget.data.axis_order import SPACE
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.show.source import network_code
from cnnwidget.show.source_modules import Import, import_lines

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run
    from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor

# These the file has of its own.
REPLACED = {"SETTINGS", "network"}
IMPORTS = {
    Import("argparse"),
    Import("pathlib", "Path"),
    Import("typing", "Any"),
    Import("numpy"),
    Import("safetensors.torch", "load_file"),
    Import("torch"),
    Import("torch", "nn"),
}


def predict_file(run: Run, predictor: ForecastPredictor) -> str:
    """Return the text of `predict.py` for a run; weights and predictor lie beside it."""
    recipe, plan = run.recipe, plan_of(run.design)
    code = network_code(plan)
    axes = "".join(SPACE[len(predictor.size)])
    reference = predictor.reference
    said = "" if reference is None else f"\n\n{fill(reference.sentence, 96)}"
    settings = "\n".join(
        f'    "{name}": {in_code(value)},' for name, value in settings_of(run, predictor).items()
    )
    imports = import_lines(IMPORTS | code.imports).replace("import numpy\n", "import numpy as np\n")
    length = recipe.pre_history_len
    return f'''"""Forecast {recipe.forecast_len} frames from the last {length}.

    python predict.py INPUT.npy OUTPUT.npy

INPUT holds frames, (T, C, {", ".join(axes)}), in the units of the data, of which the last
{length} count; NaN is missing. OUTPUT gets the {recipe.forecast_len} that follow.
As a module, this has `predict(frames)`. It needs torch, numpy and safetensors alone;
weights.safetensors and predictor.safetensors lie beside it.{said}

Written by cnnwidget {sys.modules["cnnwidget"].__version__}.
"""

{imports}

FOLDER = Path(__file__).parent
SETTINGS: dict[str, Any] = {{
{settings}
}}


{code.body}


def network() -> nn.Module:
    """Return the network with its weights, in 32-bit floats."""
    net = {code.class_name}().float()
    net.load_state_dict(load_file(FOLDER / "weights.safetensors"))
    return net.eval()


{functions()}


if __name__ == "__main__":
    main()
'''


@cache
def functions() -> str:
    """Return the functions of `predict_code.py` but those that the file has of its own."""
    text = resources.files(__package__).joinpath("predict_code.py").read_text(encoding="utf-8")
    found = [
        ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name not in REPLACED
    ]
    return "\n\n\n".join(found)


def in_code(value: Any) -> str:
    """Return a value of words, numbers and lists as Python, with double quotes."""
    if isinstance(value, list):
        return f"[{', '.join(map(in_code, value))}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def settings_of(run: Run, predictor: ForecastPredictor) -> dict[str, Any]:
    """Return what the script knows of the training: numbers and words."""
    recipe, transform, channels = run.recipe, predictor.transform, predictor.channels
    reference = predictor.reference
    season = None if reference is None else reference.season
    return {
        "history": recipe.pre_history_len,
        "gap": recipe.gap,
        "forecast_len": recipe.forecast_len,
        "channels": predictor.last.shape[1],
        "size": list(predictor.size),
        "dtype": predictor.last.dtype.name,
        "inputs": list(channels.inputs),
        "targets": list(channels.targets),
        "past": channels.past,
        "future": channels.future,
        "x_threshold": channels.x_threshold,
        "y_threshold": channels.y_threshold,
        "low": list(transform.scaling.low),
        "span": list(transform.scaling.span),
        "series_low": list(transform.series_scaling.low),
        "series_span": list(transform.series_scaling.span),
        "input_means": list(transform.scaled_means(channels.inputs, channels.x_threshold)),
        "target_means": list(transform.target_means),
        "reference": None if reference is None else reference.name,
        "season": None if season is None else [season.kind, season.count],
        **last_frame(predictor),
    }


def last_frame(predictor: ForecastPredictor) -> dict[str, Any]:
    """Return the date or the number of the last frame, and the step from one to the next."""
    if not predictor.goes_by_dates:
        return {"last": predictor.steps - 1, "step": None}
    times = predictor.labels.times
    following = predictor.labels.times_after(1)
    assert times is not None
    assert following is not None
    ends = (times[-1], following[0])
    days, months = ([each.astype(f"datetime64[{unit}]") for each in ends] for unit in "sM")
    # Months stay months: the first of each, or the same time in each.
    if months[0] < months[1] and days[0] - months[0] == days[1] - months[1]:
        step = [int((months[1] - months[0]).astype(int)), "M"]
    else:
        step = [int((days[1] - days[0]).astype(int)), "s"]
    return {"last": str(np.datetime_as_string(times[-1], unit="s")), "step": step}
