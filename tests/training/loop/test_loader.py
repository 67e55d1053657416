"""Batches of frames that stay, beside those that are read one by one; both by hand."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.training.loop.loader import Loader
from cnnwidget.training.tasks.forecasting.resident_windows import (
    SHARE,
    ScaledFrames,
    StackedWindows,
)
from tests.training.samples import losses, noise

CPU = torch.device("cpu")
AXES = {1: "T C L", 2: "T C H W", 3: "T C D H W"}
SIZES = {"line": (16,), "plane": (8, 12), "volume": (4, 6, 8)}


def room_for(frames):
    """Bytes with which frames can stay, but not all of their windows."""
    return SHARE * FLOAT_BYTES * frames.values.size


def loaders(size, **cut):
    """Of the same windows: all that can stays, only the frames stay, and there is no room."""
    frames = cw.load(noise(40, 2, *size), axes=AXES[len(size)])
    design = cw.EncoderDecoder(
        input_size=size, in_channels=6, out_channels=4, depth=1, start_channels=4
    )
    training = cw.train(design, frames, epochs=1, **cut)
    spares = (None, room_for(frames), 0)
    return training, [Loader(training.examples, CPU, spare) for spare in spares]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("cut", [{}, {"gap": 2, "stride": 3}], ids=str)
def test_what_stays_gives_the_same_batches(size, cut):
    training, [everything, staying, reading] = loaders(size, **cut)
    assert isinstance(everything.resident, StackedWindows) == (len(size) == 2)
    assert isinstance(staying.resident, ScaledFrames)
    assert reading.resident is None
    values, made = training.data.frames.values, training.data.cut
    low, span = (np.float32(each) for each in training.examples.transform.scaling)
    places = (-1, *[1] * len(size))
    scaled = (values - low.reshape(places)) / span.reshape(places)
    for numbers in (range(3), np.array([5, 0, 7])):
        batches = [loader.batch(numbers) for loader in (everything, staying, reading)]
        for batch in batches:
            for part, steps in zip(batch[:2], (made.input_frames, made.target_frames), strict=True):
                wanted = np.stack([scaled[list(steps(number))].reshape(-1, *size)
                                   for number in numbers])  # fmt: skip
                assert np.allclose(part.numpy(), wanted, rtol=1e-6, atol=1e-7)
        for one, *others in zip(*batches, strict=True):
            assert all(torch.equal(one, other) for other in others)
            assert all(one.stride() == other.stride() for other in others)
            assert one.is_contiguous(memory_format=torch.channels_last) or len(size) != 2
    reading.close()
    assert torch.equal(reading.batch(range(2))[0], staying.batch(range(2))[0])  # it comes back


def test_a_curve_does_not_depend_on_the_room_there_is():
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=3, out_channels=2, depth=1)
    curves = []
    for spare in (None, room_for(cw.load(noise(40, 8, 8))), 0):
        training = cw.train(design, noise(40, 8, 8), epochs=3)
        training.loader = Loader(training.examples, CPU, spare)
        list(training)
        curves.append(losses(training.run))
    assert curves[0] == curves[1] == curves[2]


@pytest.mark.parametrize("parts", [{"targets": [0]}, {"past": np.arange(40.0)}])
def test_windows_of_parts_are_read_one_by_one(parts):
    frames = cw.load(noise(40, 2, 8, 8), axes="T C H W")
    channels = 3 * (2 + ("past" in parts))
    wanted = 2 * len(parts.get("targets", [0, 1]))
    design = cw.EncoderDecoder(
        input_size=(8, 8), in_channels=channels, out_channels=wanted, depth=1
    )
    lengths = {"pre_history_len": 3, "forecast_len": 2}
    loader = cw.train(design, frames, epochs=1, **lengths, **parts).loader
    assert loader.resident is None
