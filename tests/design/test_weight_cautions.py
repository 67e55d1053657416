"""Cautions of weights."""

import pytest

import cnnwidget as cw
from cnnwidget.design.advice.weight_cautions import weights_in_words
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.reshaping import Flatten
from tests.samples import cautions_of, network_of


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (100_000_000, "400 MB; with gradients and Adam's two moments it takes 1.6 GB"),
        (249_999_999_999, "1.0 TB; with gradients and Adam's two moments it takes 4.0 TB"),
        (10**15, "4.0 PB; with gradients and Adam's two moments it takes 16 PB"),
    ],
)
def test_weights_are_in_a_fitting_unit(weights, words):
    assert words in weights_in_words(weights)


def test_a_share_of_next_to_nothing_is_not_named():
    layers = [Flatten(), Linear(out_features=11_000), Linear(out_features=2_000_000)]
    small, large = cautions_of(network_of(*layers, shape=(10_000,)), "heavy")
    assert "of the network" not in small.reason
    assert large.reason.endswith("100% of the network's")


def test_a_heavy_head_is_made_lighter_before_all_channels_are_made_equal():
    [caution] = cautions_of(cw.presets["vgg16"], "heavy")
    changes = [mend.change for mend in caution.mends]
    assert changes == ["hidden_features=(2048, 2048)", "head='global_avg'"]
