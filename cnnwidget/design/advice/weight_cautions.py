"""Cautions of weights: too many, in one place; and norms or dropouts that prevent training."""

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
from cnnwidget.design.storage import storage

# 100 million weights are 400 MB, and four times that with gradients and Adam's two moments.
HEAVY = 100_000_000
# One layer with most of the weights is no caution while these are few: LeNet's first linear layer
# has four fifths of 61,706. Ten million take 160 MB in training.
MUCH = 10_000_000
# A smaller share of the network's weights is not named.
LEAST_SHARE = 0.01
# Hidden layers are halved up to so many times.
HALVINGS = 4
# A latent block is tried with up to so many more stages before it.
MOST_DEEPER = 4


def heavy_layers(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find single layers with more weights than most machines can train."""
    hidden = getattr(design, "hidden_features", ())
    fewer: Alternatives = tuple(
        (("hidden_features", tuple(max(1, n >> times) for n in hidden)),)
        for times in range(1, HALVINGS + 1)
        if hidden
    )
    changes: tuple[Alternatives, ...] = (
        *separate_changes((("latent_shape", None),), (("max_channels", 512),)),
        fewer,
        # Constant channels make another network: only where a lighter head does not suffice.
        ((("head", "global_avg"),), (("channels", "constant"),)),
    )
    weights = sum(row.params for row in rows)
    for row in rows:
        if row.params > HEAVY and not is_in_latent_block(row):
            # The share is not named where it is all of them, or next to nothing.
            named = LEAST_SHARE * weights <= row.params < weights
            share = f", {row.params / weights:.0%} of the network's" if named else ""
            yield CautionCandidate("heavy", row.name, weights_in_words(row.params) + share, changes)


def latent_blocks(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find a latent block with more weights than most machines can train."""
    folding = [row for row in rows if is_in_latent_block(row)]
    weights = sum(row.params for row in folding)
    if weights > HEAVY:
        largest = max(folding, key=lambda row: row.params)
        field = " × ".join(map(str, rows[0].input_shape[1:]))
        reason = f"is of a latent block that {weights_in_words(weights)}, for a field of {field}"
        deeper = tuple((("depth", depth),) for depth in deeper_depths(design))
        changes = (*separate_changes((("latent_shape", None),)), deeper)
        yield CautionCandidate("latent", largest.name, reason, changes)


def is_in_latent_block(row: Row) -> bool:
    """Whether this is a linear layer of a latent block."""
    return row.part == "bottleneck" and isinstance(row.layer, Linear)


def weights_in_words(weights: int) -> str:
    """Return a number of weights and their memory in words."""
    size = weights * FLOAT_BYTES
    return (
        f"has {weights:,} weights, {storage(size)}; with gradients and Adam's two moments "
        f"it takes {storage(4 * size)} to train"
    )


def deeper_depths(design: Design) -> range:
    """Return the next larger depths."""
    depth = getattr(design, "depth", 0)
    return range(depth + 1, depth + MOST_DEEPER + 1) if depth else range(0)


def dominant_layers(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find a layer with more than half of many weights, unless it is heavy anyway."""
    weights = sum(row.params for row in rows)
    for row in rows:
        if max(MUCH, weights / 2) < row.params <= HEAVY:
            share = f"{row.params / weights:.0%}"
            reason = f"has {row.params:,} weights, {share} of the {weights:,} of the network"
            shapes = design.network().input_shape
            smaller = tuple(-(-n // 2) for n in shapes[1:])
            changes = separate_changes(
                (("latent_shape", None),),
                (("head", "global_avg"), ("hidden_features", ())),
                (("input_size", smaller),),
            )
            yield CautionCandidate("dominant", row.name, reason, changes)


def single_values(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find batch normalisation of one value per channel, which a batch of one cannot train."""
    # One stage less, if there is one.
    depth = getattr(design, "depth", 1)
    changes = separate_changes(
        *([(("depth", depth - 1),)] if depth > 1 else []), (("norm", "none"),)
    )
    for row in rows:
        layer = row.layer
        if isinstance(layer, Norm) and layer.kind == "batch" and prod(row.input_shape[1:]) == 1:
            reason = "normalises one value per channel, which fails in training with a batch of one"
            yield CautionCandidate("single_value", row.name, reason, changes, (None,))


def full_dropouts(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:  # noqa: ARG001  (all finders have these arguments)
    """Find dropout with a probability of 1: no weight before it ever learns."""
    for row in rows:
        if isinstance(row.layer, Dropout) and row.layer.p == 1:
            reason = "sets everything to zero in training, so that nothing before it learns"
            changes = separate_changes((("dropout_p", 0.5),))
            yield CautionCandidate(
                "dropout", row.name, reason, changes, (row.layer.replace(p=0.5),)
            )
