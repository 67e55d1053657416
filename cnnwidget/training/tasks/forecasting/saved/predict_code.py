"""The functions of `predict.py`, as text: that file is put together of them and of a network.

It is read as data, so that what is checked here is what is written there. It needs torch, numpy
and safetensors alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

FOLDER = Path(__file__).parent
# What the network was trained with; `predict.py` has values here.
SETTINGS: dict[str, Any] = {}


def network() -> nn.Module:
    """Return the network with its weights; `predict.py` has one of its own."""
    raise NotImplementedError


def predict(
    frames: Any, past: Any = None, future: Any = None, last: int | str | None = None
) -> np.ndarray:
    """Return the forecast of what follows the last of some frames.

    Args:
        frames: (T, C, *size) in the units of the data; NaN is missing. The last ones count.
        past: other series known up to the last frame, (T, K, *size), or (T, K) for whole frames.
        future: other series known to the end of the forecast, likewise.
        last: the date or the number of the last frame in the series that the network was trained
            on, for a forecast with a season; None is the last frame of that series.

    Returns:
        (forecast_len, targets, *size) in the units of the data.
    """
    history, gap, forecast_len = (SETTINGS[name] for name in ("history", "gap", "forecast_len"))
    channels, size = SETTINGS["channels"], tuple(SETTINGS["size"])
    known = np.asarray(frames)
    if known.ndim == 1 + len(size) and channels == 1:
        known = known[:, None]
    if known.shape[1:] != (channels, *size) or len(known) < history:
        raise ValueError(
            f"The frames are {known.shape}, but must be (T, {channels}, *{size}) with at least "
            f"{history} of them."
        )
    known = known[-history:]
    inputs, targets = SETTINGS["inputs"], SETTINGS["targets"]
    x = filled(scaled(known, inputs, SETTINGS["x_threshold"]), SETTINGS["input_means"])
    before = filled(scaled(known, targets, SETTINGS["y_threshold"]), SETTINGS["target_means"])
    series, ahead = other_series(past, future, history + gap + forecast_len)
    given = np.concatenate([np.concatenate([x, *series], axis=1).reshape(-1, *size), *ahead])
    with torch.no_grad():
        output = network()(torch.from_numpy(given)[None])[0]
    forecast = output.numpy().reshape(forecast_len, len(targets), *size)
    if SETTINGS["reference"] is not None:
        forecast = forecast + reference(before, last)
    result = forecast.astype(np.float64)
    if SETTINGS["y_threshold"] is None:
        result = result * each("span", targets, result) + each("low", targets, result)
    valid = load_file(FOLDER / "predictor.safetensors").get("valid")
    if valid is not None:  # nothing is known of the other places: they stay
        stays = ~valid.numpy()[targets]
        newest = known[-1][targets]
        if SETTINGS["y_threshold"] is not None:
            newest = np.where(np.isnan(newest), newest, newest > SETTINGS["y_threshold"])
        result[:, stays] = newest[stays]
    return np.asarray(result, SETTINGS["dtype"])


def each(name: str, channels: list[int], values: np.ndarray) -> np.ndarray:
    """Return a setting of some channels, to go with values, (steps, channels, *size)."""
    numbers = np.array([SETTINGS[name][number] for number in channels])
    return numbers.reshape(-1, *[1] * (values.ndim - 2))


def scaled(frames: np.ndarray, channels: list[int], threshold: float | None) -> np.ndarray:
    """Return channels of frames, scaled in 64 bits, or 1 above a threshold and 0 elsewhere."""
    values = frames[:, channels]
    if threshold is None:
        values = (values - each("low", channels, values)) / each("span", channels, values)
    values = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
    if threshold is not None:
        values = np.where(np.isnan(values), values, values > threshold).astype(np.float32)
    return values


def filled(values: np.ndarray, means: list[float]) -> np.ndarray:
    """Return frames with the last known value, or the mean before any, where one is missing."""
    last = np.array(means, np.float32).reshape(-1, *[1] * (values.ndim - 2))
    frames = []
    for frame in values:
        last = np.where(np.isnan(frame), last, frame)
        frames.append(last)
    return np.stack(frames)


def other_series(past: Any, future: Any, span: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return other series beside the history, and the part of `future` that lies ahead."""
    history, size = SETTINGS["history"], tuple(SETTINGS["size"])
    beside, ahead, first = [], [], 0
    for name, values, length in (("past", past, history), ("future", future, span)):
        count = SETTINGS[name]
        if (values is None) != (count == 0):
            raise ValueError(f"The network is given {count} series as `{name}`; give as many.")
        if values is None:
            continue
        known = np.asarray(values, np.float64)
        known = known.reshape(len(known), count, *(known.shape[2:] or [1] * len(size)))
        if len(known) < length:
            raise ValueError(f"`{name}` has {len(known)} steps, but {length} are needed.")
        known = np.broadcast_to(known[-length:], (length, count, *size))
        numbers = list(range(first, first + count))
        low, span_of = (each(f"series_{part}", numbers, known) for part in ("low", "span"))
        known = ((known - low) / span_of).astype(np.float32)
        beside.append(known[:history])
        ahead += [known[history:].reshape(-1, *size)] if name == "future" else []
        first += count
    return beside, ahead


def reference(history: np.ndarray, last: int | str | None) -> np.ndarray:
    """Return the rule that the network adds to: m + weights · (history - m), scaled."""
    tensors = load_file(FOLDER / "predictor.safetensors")
    weights = tensors["reference.weights"].numpy()
    leads, steps, _ = weights.shape
    given, ahead = history[len(history) - steps :], np.zeros((), np.float32)
    if "reference.means" in tensors:
        means = tensors["reference.means"].numpy()
        own = np.minimum(phases(last), len(means) - 1)
        given = given - means[own[len(history) - steps : len(history)]]
        ahead = means[own[-leads:]]
    weights = np.broadcast_to(weights, (*weights.shape[:2], history.shape[1]))
    result: np.ndarray = np.einsum("lsv,sv...->lv...", weights, given) + ahead
    return result


def phases(last: int | str | None) -> np.ndarray:
    """Return the phase of each frame of the history and of the forecast in its season."""
    first, leads = SETTINGS["gap"] + 1, SETTINGS["forecast_len"]
    offsets = np.array([*range(1 - SETTINGS["history"], 1), *range(first, first + leads)])
    kind, count = SETTINGS["season"] or ("frame", 1)
    newest = SETTINGS["last"] if last is None else last
    if kind == "frame":
        numbers: np.ndarray = (int(newest) + offsets) % count
        return numbers
    amount, step = SETTINGS["step"]  # in months, which stay months, or in seconds
    times = np.array(newest, f"datetime64[{step}]") + offsets * np.timedelta64(amount, step)
    parts = {"month": ("Y", "M"), "day of the year": ("Y", "D"), "hour": ("D", "h")}
    whole, part = parts[kind]
    since = times.astype(f"datetime64[{part}]") - times.astype(f"datetime64[{whole}]")
    return np.asarray(since.astype(np.int64))


def main() -> None:
    """Read frames, forecast, and write what follows."""
    parser = argparse.ArgumentParser(description="Forecast what follows the last frames.")
    parser.add_argument("input", help="frames, as .npy")
    parser.add_argument("output", help="where the forecast goes, as .npy")
    parser.add_argument("--past", help="other series up to the last frame, as .npy")
    parser.add_argument("--future", help="other series to the end of the forecast, as .npy")
    parser.add_argument("--last", help="date or number of the last frame, for a season")
    given = parser.parse_args()
    past, future = (None if name is None else np.load(name) for name in (given.past, given.future))
    np.save(given.output, predict(np.load(given.input), past, future, given.last))
