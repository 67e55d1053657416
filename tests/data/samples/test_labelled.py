"""Images with their classes, held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.labelled import shapes_to_classify, shapes_to_segment
from cnnwidget.data.samples.library import LABELLED, labelled


@pytest.mark.parametrize("name", LABELLED)
def test_labelled_images_are_in_bounds_and_seeds_decide(name):
    first, again, other = (labelled(name, count=30, seed=seed) for seed in (1, 1, 2))
    assert first.frames.values.dtype == np.float32
    assert 0 <= first.frames.values.min() <= first.frames.values.max() <= 1
    assert first.frames.name == name
    assert first.labels.dtype == np.int64
    assert set(np.unique(first.labels)) == set(range(len(first.names)))
    assert np.array_equal(first.frames.values, again.frames.values)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.frames.values, other.frames.values)
    assert len(first.frames) == len(first.labels) == 30


def test_a_mask_is_where_shapes_are():
    shown = shapes_to_segment(count=60, noise=0, size=(48, 80))
    assert shown.labels.shape == (60, 48, 80)
    shapes = shown.labels > 0
    values = shown.frames.values[:, 0]
    # Shapes are brighter than the ground, but for their rims, which are a pixel wide.
    assert (values[shapes] > 0.38).mean() > 0.9
    assert (values[~shapes] < 0.45).mean() > 0.97
    assert 0.03 < shapes.mean() < 0.5
    for image, mask in zip(values, shapes, strict=True):
        assert image[mask].mean() > image[~mask].mean() + 0.15


def test_where_shapes_overlap_the_label_is_that_of_the_one_seen():
    """The image jumps more where one label gives way to another than within one."""
    shown = shapes_to_segment(count=100, noise=0, shapes=6)
    left, right = shown.labels[:, :, :-2], shown.labels[:, :, 2:]
    jump = np.abs(shown.frames.values[:, 0, :, 2:] - shown.frames.values[:, 0, :, :-2])
    shapes = (left > 0) & (right > 0)
    assert jump[shapes & (left != right)].mean() > 1.5 * jump[shapes & (left == right)].mean()


def test_shapes_are_told_by_their_outline_alone():
    """Classes are balanced; shade says nothing, and how much of its box a shape fills, much."""
    shown = shapes_to_classify(count=500, noise=0)
    assert [int((shown.labels == k).sum()) for k in range(5)] == [100] * 5
    filled, shade = [], []
    for image in shown.frames.values[:, 0]:
        mask = image > (np.quantile(image, 0.3) + image.max()) / 2
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        filled.append(mask.sum() / (np.ptp(rows) + 1) / (np.ptp(columns) + 1))
        shade.append(np.quantile(image, 0.95))
    filled, shade = np.array(filled), np.array(shade)
    means = {name: filled[shown.labels == k].mean() for k, name in enumerate(shown.names)}
    assert means["disc"] > means["triangle"] > means["star"]
    assert means["disc"] > 0.6
    assert means["star"] < 0.5
    discs, squares = (shade[shown.labels == shown.names.index(k)] for k in ("disc", "square"))
    assert abs(discs.mean() - squares.mean()) < 0.05


def test_labels_say_which_shape_it_is():
    """The corners of a shape, as its farthest points from its middle by the direction."""
    shown = shapes_to_segment(count=100, size=(96, 96), shapes=1)
    corners = {"disc": 0, "triangle": 3, "square": 4, "cross": 4, "star": 5}
    right = []
    for label in shown.labels:
        mask = label > 0
        y, x = (axis - axis[mask].mean() for axis in np.indices(mask.shape))
        angle = np.arctan2(y, x)[mask]
        far = np.hypot(y, x)[mask]
        turns = 2 * np.pi * np.arange(60) / 60
        away = np.abs((angle - turns[:, None] + np.pi) % (2 * np.pi) - np.pi)
        rim = np.where(away < 0.09, far, 0).max(axis=1)
        waves = np.abs(np.fft.rfft(rim))[1:7] / rim.sum()
        found = int(waves.argmax()) + 1 if waves.max() > 0.025 else 0
        right.append(found == corners[shown.names[label.max()]])
    assert np.mean(right) > 0.9
