"""Batches of frames that stay, beside those that are read one by one; both by hand."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop.loader import BYTES_A_VALUE, SHARE, Loader
from tests.training.samples import losses, noise

CPU = torch.device("cpu")
AXES = {1: "T C L", 2: "T C H W", 3: "T C D H W"}
SIZES = {"line": (16,), "plane": (8, 12), "volume": (4, 6, 8)}


def room_for(frames):
    """Bytes with which frames can stay, but not all of their windows."""
    return SHARE * BYTES_A_VALUE * frames.values.size


def feeds(size, **cut):
    """Of the same windows: all that can stays, only the frames stay, and there is no room."""
    frames = cw.load(noise(40, 2, *size), axes=AXES[len(size)])
    design = cw.EncoderDecoder(
        input_size=size, in_channels=6, out_channels=4, depth=1, start_channels=4
    )
    training = cw.train(design, frames, epochs=1, **cut)
    given = training.windows, training.transform, CPU
    return training, [Loader(*given, spare=spare) for spare in (None, room_for(frames), 0)]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("cut", [{}, {"gap": 2, "stride": 3}], ids=str)
def test_what_stays_gives_the_same_batches(size, cut):
    training, [everything, staying, reading] = feeds(size, **cut)
    assert (everything.whole is not None) == (len(size) == 2)
    assert staying.frames is not None
    assert staying.whole is reading.whole is reading.frames is None
    values, made = training.windows.frames.values, training.windows.cut
    low, span = (np.float32(each) for each in training.scaling)
    places = (-1, *[1] * len(size))
    scaled = (values - low.reshape(places)) / span.reshape(places)
    for numbers in (range(3), np.array([5, 0, 7])):
        batches = [feed.batch(numbers) for feed in (everything, staying, reading)]
        for batch in batches:
            for part, steps in zip(batch, (made.given, made.ahead), strict=True):
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
        training.loader = Loader(training.windows, training.transform, CPU, spare)
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
    feed = cw.train(design, frames, epochs=1, **lengths, **parts).loader
    assert feed.frames is feed.whole is None
