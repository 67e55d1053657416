"""The channel laws against TorchCNNBuilder's own."""

import random

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torchcnnbuilder.builder import Builder
from torchcnnbuilder.latent import LatentSpaceModule

from cnnwidget.design.families.channels import (
    Growth,
    growing_channels,
    latent_features,
    shrinking_channels,
)

size = st.lists(st.integers(4, 200), min_size=1, max_size=3).map(tuple)
law = st.sampled_from(["exponential", "proportion", "linear", "power"])


@given(
    law,
    st.integers(1, 8),
    st.integers(1, 120),
    st.integers(1, 150),
    size,
    st.integers(1, 40),
    st.sampled_from([1.5, 2.0, 2.5]),
)
def test_channels_are_those_of_torchcnnbuilder_where_it_gives_any(
    law, depth, given_, expected, size, start, ratio
):
    theirs = Builder(input_size=size)
    try:
        down = theirs._calc_out_channels(size, given_, depth, ratio, start, channel_growth_rate=law)
        up = theirs._calc_out_transpose_channels(
            down[-1], expected, depth, ratio, channel_growth_rate=law
        )
    except (ValueError, IndexError):
        assume(False)
    # TorchCNNBuilder fails later with lists too short or with numbers below one.
    assume(len(down) == len(up) == depth + 1 and min(up) > 0)
    assume(law in ("proportion", "linear") or max(down + up) <= 512)
    growth = Growth(start, ratio)
    ours = growing_channels(law, depth, in_channels=given_, input_size=size, growth=growth)
    assert ours == tuple(down)
    assert up == list(
        shrinking_channels(law, depth, in_channels=down[-1], out_channels=expected, growth=growth)
    )


@given(
    st.one_of(law, st.just("constant")),
    st.integers(1, 1000),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    size,
    st.floats(0.01, 100),
)
def test_every_law_always_gives_channels(law, depth, given_, expected, size, ratio):
    growth = Growth(32, ratio)
    down = growing_channels(law, depth, in_channels=given_, input_size=size, growth=growth)
    up = shrinking_channels(law, depth, in_channels=down[-1], out_channels=expected, growth=growth)
    assert len(down) == len(up) == depth + 1
    assert (down[0], up[0], up[-1]) == (given_, down[-1], expected)
    assert all(type(channels) is int and channels >= 1 for channels in (*down, *up))


@pytest.mark.parametrize(
    ("first", "last", "layers"), [(2304, 64, 2), (2048, 128, 3), (37 * 60 * 60, 256, 2), (8, 9, 4)]
)
def test_latent_features_keep_both_ends(first, last, layers):
    features = latent_features(first, last, layers)
    assert (features[0], features[-1], len(features)) == (first, last, layers + 1)
    assert all(min(first, last) - 1 <= each <= max(first, last) for each in features)


def test_latent_features_are_those_of_torchcnnbuilder_where_its_ends_are_right():
    chance = random.Random(0)
    differ = tried = 0
    while tried < 3000:
        first, last, layers = (
            chance.randint(2, 200_000),
            chance.randint(2, 20_000),
            chance.randint(2, 5),
        )
        theirs = torch.exp(
            torch.linspace(
                torch.log(torch.tensor(first, dtype=torch.int)),
                torch.log(torch.tensor(last, dtype=torch.int)),
                steps=layers + 1,
            )
        )
        theirs = [int(value) for value in theirs.tolist()]
        if (theirs[0], theirs[-1]) != (first, last):
            continue
        tried += 1
        ours = latent_features(first, last, layers)
        assert all(abs(a - b) <= 1 for a, b in zip(ours, theirs, strict=True))
        differ += ours != tuple(theirs)
    # torch's logarithm is within one unit of the last place, ours is the nearest.
    assert differ <= tried / 500


def test_torchcnnbuilder_loses_a_feature_at_the_ends():
    """Its forward pass then fails, which ours does not."""
    module = LatentSpaceModule((128, 8, 8), (8, 8), n_layers=2)
    assert module._resize[1].in_features == 128 * 8 * 8 - 1
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        module(torch.zeros(1, 128, 8, 8))
    assert latent_features(128 * 8 * 8, 64, 2)[0] == 128 * 8 * 8
