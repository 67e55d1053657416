"""Receptive fields against the textbook, and in words."""

from fractions import Fraction
from time import process_time

import pytest

import cnnwidget as cw
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Network, Skip
from cnnwidget.design.planning.walk import walk
from cnnwidget.design.receptive.compute_fields import receptive_field_of, receptive_fields
from cnnwidget.design.receptive.receptive_field import figure
from cnnwidget.design.receptive.work_limit import WorkLimit
from cnnwidget.show.wording import sees

THREE = Conv(out_channels=1, kernel_size=3, padding=1)


def fields(*layers, shape=(1, 64)):
    return receptive_fields(walk(Network(input_shape=shape, children=layers)).rows, shape)


def test_three_by_three_thrice_is_seven():
    assert [field.size for field in fields(THREE, THREE, THREE)] == [(3,), (5,), (7,)]


def test_vgg_16():
    # 2, 2, 3, 3 and 3 convolutions, each time with a pool: 212 pixels behind the last one.
    layers = []
    for convolutions in (2, 2, 3, 3, 3):
        layers += [THREE] * convolutions + [Pool(kernel_size=2)]
    found = fields(*layers, shape=(1, 224, 224))
    assert found[-2].size == (196, 196)
    assert found[-1].size == (212, 212)
    assert found[-1].stride == (32, 32)
    assert found[-1].clipped == (212, 212)


def bottleneck(stride, *, early):
    inner = [
        Conv(out_channels=1, kernel_size=1, stride=stride if early else 1),
        Conv(out_channels=1, kernel_size=3, stride=1 if early else stride, padding=1),
        Conv(out_channels=1, kernel_size=1),
    ]
    return Skip(children=inner, projection=Conv(out_channels=1, kernel_size=1, stride=stride))


@pytest.mark.parametrize(("early", "size"), [(True, 483), (False, 427)])
def test_resnet_50(early, size):
    # 483 as first published, with the stride in the narrow convolutions; since then it is in the
    # wide ones.
    layers = [Conv(out_channels=1, kernel_size=7, stride=2, padding=3)]
    layers.append(Pool(kernel_size=3, stride=2, padding=1))
    for number, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            layers.append(bottleneck(2 if number and not block else 1, early=early))  # noqa: PERF401
    found = fields(*layers, shape=(1, 224, 224))
    assert found[-1].stride == (32, 32)
    assert found[-1].size == (size, size)
    assert found[-1].clipped == (224, 224)


def test_a_decoder_has_strides_below_one_and_fields_that_vary():
    up = ConvTranspose(out_channels=1, kernel_size=3, stride=2, padding=1, output_padding=1)
    [field] = fields(up)
    assert field.size == (2,)
    assert field.stride == (Fraction(1, 2),)
    assert field.varies == (True,)


def test_a_layer_over_all_positions_is_global():
    [pooled, behind] = fields(GlobalPool(), Conv(out_channels=1, kernel_size=1))
    assert pooled.words == behind.words == "global"
    assert pooled.size == ("everything",)
    assert pooled.clipped == (64,)
    *_, flat, linear = fields(THREE, Flatten(), Linear(out_features=2))
    assert (flat.size, flat.stride, flat.is_global) == ((3,), ("varies",), False)
    assert linear.is_global


def test_a_norm_over_all_positions_is_global_and_the_other_figures_stay():
    _, norm, behind = fields(THREE, Norm(kind="instance"), THREE)
    assert norm.words == "3, norm global"
    assert behind.words == "5, norm global"
    assert not fields(THREE, Norm(kind="batch"))[-1].is_global


def test_flattened_and_folded_again_is_as_before():
    before, _, after, _ = fields(THREE, Flatten(), Unflatten(shape=(1, 64)), THREE)
    assert after == before


def test_paths_of_different_strides():
    narrow = [Conv(out_channels=1, kernel_size=2, stride=2)]
    [*_, field] = fields(Skip(children=narrow, align="interpolate"), THREE)
    assert field.stride == (2,)
    [*_, field] = fields(Skip(children=narrow, align="crop"))
    assert field.stride == ("varies",)


@pytest.mark.parametrize("n", [2**18 + 1, 2**40])
def test_long_axes_have_unclipped_figures_only(n):
    [field] = fields(THREE, shape=(1, n))
    assert field.size == (3,)
    assert field.clipped == (None,)


@pytest.mark.parametrize("stride", [1, 2])
def test_fifty_down_and_fifty_up(stride):
    design = cw.EncoderDecoder(
        input_size=(500, 500), in_channels=1, out_channels=1, depth=50, stride=stride
    )
    network = design.network()
    last = receptive_fields(walk(network).rows, network.input_shape)[-1]
    assert last.stride == (1, 1)
    assert last.clipped == ((500, 500) if stride == 2 else (201, 201))


UNKNOWN = [
    [Resize(size=(99991,)), Resize(size=(10007,), mode="adaptive_avg"), Resize(size=(1000003,))],
    [Resize(size=(2**18 - 1,)), THREE, Resize(size=(2**18 - 5,))],
    [Resize(size=(2**28,))],
    [Upsample(scale_factor=2**25)],
    [ConvTranspose(out_channels=1, kernel_size=2**20, stride=2**19)],
    [ConvTranspose(out_channels=1, kernel_size=2**17, stride=2**11), Resize(size=(65537,))],
    [ConvTranspose(out_channels=1, kernel_size=n + 1, stride=n) for n in (2, 3, 5, 7, 11, 13)],
    [Resize(size=(n,)) for n in (1013, 1019, 1021, 1031, 1033, 1039)] * 100,
]


@pytest.mark.parametrize("layers", UNKNOWN, ids=range(len(UNKNOWN)))
def test_figures_that_would_take_too_long_are_unknown(layers):
    """Processor time, because other programs may be running; it takes some 0.2 s."""
    network = Network(input_shape=(1, 65), children=[*layers, THREE])
    rows = walk(network).rows
    start = process_time()
    found = receptive_fields.__wrapped__(rows, network.input_shape)
    assert process_time() - start < 1
    assert found[-1].size == found[-1].clipped == (None,)
    assert found[-1].words == "?"


def test_a_huge_kernel_has_unclipped_figures_only():
    [field] = fields(ConvTranspose(out_channels=1, kernel_size=2**20))
    assert field.size == (2**20,)
    assert (field.words, field.clipped) == ("1.0e+6", (None,))


def test_sizes_without_a_common_divisor():
    [field] = fields(Resize(size=(1009,), mode="adaptive_avg"), shape=(1, 1013))
    assert (field.size, field.clipped, field.varies) == ((3,), (3,), (True,))
    [field] = fields(Resize(size=(10007,)), shape=(1, 5003))
    assert (field.size, field.clipped) == ((2,), (2,))


def test_the_field_of_one_row_is_that_of_all():
    network = cw.EncoderDecoder(input_size=(48, 40), in_channels=2, out_channels=1).network()
    rows, shape = walk(network).rows, network.input_shape
    for number, field in enumerate(receptive_fields(rows, shape)):
        assert receptive_field_of(rows, shape, number) == field


def test_work_below_the_limit_is_done_after_a_refusal():
    assert not WorkLimit(3).allows(4)
    limit = WorkLimit(3)
    assert limit.allows(2)
    assert not limit.allows(2)
    assert limit.allows(1)


@pytest.mark.parametrize(
    ("number", "word"),
    [(10**6, "1000000"), (2**1000, "1.1e+301"), (-(10**4000), "-1.0e+4000"), (None, "None"),
     (Fraction(1, 2), "1/2"), (Fraction(1, 2**1000), "9.3e-302")],
)  # fmt: skip
def test_long_figures_are_rounded(number, word):
    assert figure(number) == word


def test_long_figures_are_rounded_everywhere():
    plan = cw.plan(
        cw.EncoderDecoder(input_size=(64, 64), in_channels=1, out_channels=1, depth=1000)
    )
    field = plan.receptive_fields[2000]
    assert len(field.words) < 30
    assert len(sees(field)) < 20
    assert max(map(len, str(plan.explain()).splitlines())) < 300


def test_a_flattened_row_is_explained_by_its_known_figures():
    plan = cw.plan(Network(input_shape=(1, 8, 8), children=[THREE, Flatten()]))
    first, last = (line.strip() for line in str(plan.explain()).splitlines() if "sees" in line)
    assert first.endswith("stride 1 × 1, from −1 × −1 on")
    assert last == "each value sees 3 × 3 pixels"
