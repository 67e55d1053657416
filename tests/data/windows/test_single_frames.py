"""Frames one by one, for tasks other than a forecast, against the frames themselves."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Subset

import cnnwidget as cw
from cnnwidget.data.samples.library import labelled
from cnnwidget.data.windows.single_frames import examples


def images(count=40, channels=2):
    return np.random.default_rng(0).random((count, channels, 8, 9)).astype(np.float32)


def test_to_reconstruct_a_frame_is_wanted_itself():
    values = images()
    pairs = examples(values, "reconstruct")
    assert len(pairs) == 40
    for number, (x, y) in enumerate(pairs):
        assert np.array_equal(x, values[number])
        assert np.array_equal(y, values[number])
        x.fill_(7)  # the tensors are copies
        assert np.array_equal(y, values[number])
    assert torch.equal(pairs[-1][1], pairs[39][1])


def test_to_denoise_noise_of_its_level_is_added():
    values = images(count=200)
    pairs = examples(values, "denoise", noise=0.25, seed=3)
    batch = next(iter(DataLoader(pairs, batch_size=200)))
    added = (batch[0] - batch[1]).numpy()
    assert np.array_equal(batch[1], values)
    seen = values[: pairs.split.train.stop]
    assert added.std() == pytest.approx(0.25 * np.ptp(seen), rel=0.02)
    assert abs(added.mean()) < 0.005
    assert torch.equal(pairs[5][0], batch[0][5])
    assert not torch.equal(examples(values, "denoise", noise=0.25)[5][0], batch[0][5])


@pytest.mark.parametrize("task", ["segment", "classify"])
def test_labels_stay_with_their_frames(task):
    values = images()
    shape = (40,) if task == "classify" else (40, 8, 9)
    labels = (np.arange(np.prod(shape)) % 7).reshape(shape)
    pairs = examples(values, task, labels=labels)
    met = []
    for x, y in pairs:
        [number] = [n for n in range(40) if np.array_equal(values[n], x)]
        assert y.dtype == torch.int64
        assert np.array_equal(y, labels[number])
        met.append(number)
    assert sorted(met) == list(range(40))
    assert met != sorted(met)


def test_a_split_of_labelled_images_has_all_classes():
    made = labelled("shapes to classify", count=200, size=(24, 24))
    pairs = examples(made, "classify")
    assert pairs.names == made.names
    for part in (pairs.split.train, pairs.split.validation, pairs.split.test):
        loader = DataLoader(Subset(pairs, part), batch_size=16)
        classes = torch.cat([y for _, y in loader])
        assert set(classes.tolist()) == set(range(len(made.names)))
    segmented = examples(labelled("shapes to segment", count=10, size=(24, 24)), "segment")
    assert segmented[0][1].shape == (24, 24)


@pytest.mark.parametrize(
    ("task", "options", "said"),
    [
        ("segmnt", {}, "did you mean 'segment'"),
        ("segment", {}, "needs labels of the shape 40 × 8 × 9"),
        ("classify", {"labels": np.zeros(39, int)}, "of the shape 39, but to classify"),
        ("classify", {"labels": np.zeros(40)}, "labels are float64"),
        ("classify", {"labels": np.full(40, -1)}, "whole numbers from 0 on"),
        ("denoise", {"labels": np.zeros(40, int)}, "denoise has no labels"),
        ("denoise", {"noise": -1}, "noise is -1"),
    ],
)
def test_what_does_not_go_together_is_refused(task, options, said):
    with pytest.raises(cw.DataError, match=said):
        examples(images(), task, **options)


def test_it_is_indexed_like_a_list():
    pairs = examples(images(), "reconstruct")
    for index in (40, -41):
        with pytest.raises(IndexError, match="There is no example"):
            pairs[index]
