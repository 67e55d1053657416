"""Layers that have too many weights, or nothing to work on."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnwidget.design.advice.caution_candidates import (
    Alternatives,
    CautionCandidate,
    separate_changes,
)
from cnnwidget.design.design_types import Design
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.planning.row import Row

# 100 million weights are 400 MB, and four times that with gradients and Adam's two moments.
HEAVY = 100_000_000
# One layer with most of the weights is nothing to speak of while these are few: LeNet's first
# linear layer has four fifths of 61,706. Ten million are 160 MB in training, and a network that
# spends them in one place would do with less.
MUCH = 10_000_000
# A share of the network's weights that is less is not told.
LEAST_TOLD = 0.01
# Hidden layers are halved so many times for a head that is light enough.
HALVINGS = 4
# From here on one would read 1,000.0, and the next unit says it.
MOST_OF_A_UNIT = 999.95


def heavy_layers(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Single layers with more weights than most machines can train."""
    hidden = getattr(design, "hidden_features", ())
    fewer: Alternatives = tuple(
        (("hidden_features", tuple(max(1, n >> times) for n in hidden)),)
        for times in range(1, HALVINGS + 1)
        if hidden
    )
    ways: tuple[Alternatives, ...] = (
        *separate_changes((("latent_shape", None),), (("max_channels", 512),)),
        fewer,
        # As many channels everywhere is another network: only where the head is not to blame.
        ((("head", "global_avg"),), (("channels", "constant"),)),
    )
    weights = sum(row.params for row in rows)
    for row in rows:
        if row.params > HEAVY and not folds(row):
            # All of them needs no words, and next to nothing is no reason.
            told = LEAST_TOLD * weights <= row.params < weights
            share = f", {row.params / weights:.0%} of the network's" if told else ""
            yield CautionCandidate("heavy", row.name, weights_in_words(row.params) + share, ways)


def latent_blocks(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """A latent block with more weights than most machines can train, at its largest layer."""
    folding = [row for row in rows if folds(row)]
    weights = sum(row.params for row in folding)
    if weights > HEAVY:
        largest = max(folding, key=lambda row: row.params)
        field = " × ".join(map(str, rows[0].input_shape[1:]))
        reason = f"is of a latent block that {weights_in_words(weights)}, for a field of {field}"
        deeper = tuple((("depth", depth),) for depth in deeper_depths(design, 4))
        ways = (*separate_changes((("latent_shape", None),)), deeper)
        yield CautionCandidate("latent", largest.name, reason, ways)


def folds(row: Row) -> bool:
    """Whether this is a linear layer of a latent block."""
    return row.part == "bottleneck" and isinstance(row.layer, Linear)


def weights_in_words(weights: int) -> str:
    """A number of weights, and what they take."""
    taken = weights * FLOAT_BYTES
    return (
        f"has {weights:,} weights, {bytes_in_words(taken)}; with gradients and Adam's two moments "
        f"it takes {bytes_in_words(4 * taken)} to train"
    )


def bytes_in_words(number: int) -> str:
    """Bytes to read: gigabytes, and beyond a thousand of them larger units.

    Example:
        >>> bytes_in_words(411_041_792), bytes_in_words(3_200_000_000_000)
        ('0.4 GB', '3.2 TB')
    """
    amount, unit = number / 1e9, "GB"
    for larger in ("TB", "PB", "EB"):
        if amount < MOST_OF_A_UNIT:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:,.1f} {unit}"


def deeper_depths(design: Design, stages: int) -> range:
    """The next depths."""
    depth = getattr(design, "depth", 0)
    return range(depth + 1, depth + stages + 1) if depth else range(0)


def dominant_layers(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """A layer with more than half of many weights; the largest are told of as such already."""
    weights = sum(row.params for row in rows)
    for row in rows:
        if max(MUCH, weights / 2) < row.params <= HEAVY:
            share = f"{row.params / weights:.0%}"
            reason = f"has {row.params:,} weights, {share} of the {weights:,} of the network"
            shapes = design.network().input_shape
            smaller = tuple(-(-n // 2) for n in shapes[1:])
            ways = separate_changes(
                (("latent_shape", None),),
                (("head", "global_avg"), ("hidden_features", ())),
                (("input_size", smaller),),
            )
            yield CautionCandidate("dominant", row.name, reason, ways)


def single_values(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Batch normalisation of one value per channel, which a batch of one cannot train."""
    # One stage less, if there is one; the next ones would do as well and not say more.
    depth = getattr(design, "depth", 1)
    ways = separate_changes(*([(("depth", depth - 1),)] if depth > 1 else []), (("norm", "none"),))
    for row in rows:
        layer = row.layer
        if isinstance(layer, Norm) and layer.kind == "batch" and prod(row.input_shape[1:]) == 1:
            reason = "normalises one value per channel, which fails in training with a batch of one"
            yield CautionCandidate("single_value", row.name, reason, ways, (None,))


def dropped_out(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:  # noqa: ARG001  (all are asked alike)
    """Dropout that leaves nothing: no weight before it ever learns."""
    for row in rows:
        if isinstance(row.layer, Dropout) and row.layer.p == 1:
            reason = "sets everything to zero in training, so that nothing before it learns"
            ways = separate_changes((("dropout_p", 0.5),))
            yield CautionCandidate("dropout", row.name, reason, ways, (row.layer.replace(p=0.5),))
