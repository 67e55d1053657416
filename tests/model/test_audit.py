"""The audit: three counts side by side, and a reason for every difference."""

import pytest
import torchinfo

import cnnwidget as cw
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import PixelShuffle, PixelUnshuffle
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.model import audit as audit_room
from tests.samples import SAMPLES, WORKING


@pytest.mark.parametrize("name", WORKING)
def test_torch_agrees_and_every_difference_has_a_reason(name):
    audit = cw.audit(WORKING[name])
    assert audit.agrees, audit
    assert [row.name for row in audit.rows] == [row.name for row in cw.plan(WORKING[name]).rows]
    for row in audit.rows:
        assert (row.torchinfo_macs != row.macs) == bool(row.reasons)


def test_what_joins_is_counted_without_what_is_inside():
    audit = cw.audit(SAMPLES["residual"])
    joins = [row for row in audit.rows if row.kind == "Skip"]
    assert len(joins) == 5
    for row in joins:
        assert (row.params, row.torchinfo_params) == (0, 0)
        assert (row.macs, row.torch_macs, row.torchinfo_macs) == (0, 0, 0)


def test_auxiliary_heads_are_counted():
    plan = cw.plan(SAMPLES["inception"])
    audit = cw.audit(plan)
    [head] = [row for row in audit.rows if row.name == "aux1.fc"]
    assert head.macs == head.torch_macs == 16 * 14 * 14 * 10 + 8 * 14 * 14 * 10
    assert audit.total("macs") == plan.macs + head.macs
    assert audit.total("params") == plan.params


@pytest.mark.parametrize(
    "layer",
    [
        Pool(kernel_size=2),
        Pool(kind="avg", kernel_size=3, padding=1),
        Pool(kind="lp", kernel_size=2),
        GlobalPool(kind="max"),
        Norm(kind="batch"),
        Norm(kind="instance"),
        Norm(kind="group", groups=2),
        Norm(kind="layer"),
        Normalize(mean=0.5, std=2.0),
        PixelShuffle(upscale_factor=2),
        PixelUnshuffle(downscale_factor=2),
        Dropout(p=0.5, kind="values"),
        Activation(name="prelu"),
        Resize(size=(7, 9), mode="crop"),
        Resize(size=(20, 20), mode="interpolate"),
        squeeze_excitation(4),
        spatial_attention(),
    ],
    ids=repr,
)
def test_any_layer(layer):
    audit = cw.audit(cw.Network(input_shape=(4, 8, 10), children=[layer]))
    assert audit.agrees, audit


def test_torchinfos_column_is_torchinfos():
    design = SAMPLES["default"]
    summary = torchinfo.summary(cw.build(design), input_size=(1, 10, 64, 64), verbose=0)
    audit = cw.audit(design)
    assert sum(row.torchinfo_macs for row in audit.rows) == summary.total_mult_adds
    assert sum(row.torchinfo_params for row in audit.rows) == summary.total_params


@pytest.mark.parametrize(("axes", "factor"), [(1, 2), (2, 4), (3, 8)])
def test_torchinfo_counts_a_transposed_convolution_stride_to_the_axes_too_often(axes, factor):
    network = cw.Network(
        input_shape=(3, *(8,) * axes),
        children=[cw.layers.ConvTranspose(out_channels=5, kernel_size=2, stride=2, bias=False)],
    )
    [row] = cw.audit(network).rows
    assert row.macs == row.torch_macs
    assert row.torchinfo_macs == factor * row.macs
    assert row.reasons == (audit_room.TRANSPOSED,)


def test_a_linear_layer_over_the_last_axis_is_named_too():
    network = cw.Network(input_shape=(3, 8), children=[cw.layers.Linear(out_features=5)])
    [row] = cw.audit(network).rows
    assert row.macs == row.torch_macs == 3 * 8 * 5
    assert row.reasons == (audit_room.LEADING, audit_room.BIAS)


def test_it_prints_figures_that_add_up_and_the_reasons():
    audit = cw.audit(SAMPLES["default"])
    printed = str(audit)
    columns = [line.split()[2:7] for line in printed.splitlines()[2 : 2 + len(audit.rows)]]
    [total] = [line for line in printed.splitlines() if line.startswith("total")]
    sums = [sum(int(n.replace(",", "")) for n in column) for column in zip(*columns, strict=True)]
    assert total.split()[1:] == [f"{number:,}" for number in sums]
    plan = cw.plan(SAMPLES["default"])
    assert sums[:4] == [plan.params, plan.params, plan.macs, plan.macs]
    assert "*input* value meets the kernel once" in printed
    assert printed.endswith("every difference from torchinfo has its reason.")


def test_a_disagreement_is_said():
    """The audit can say no."""
    audit = cw.audit(SAMPLES["default"])
    row = audit.rows[0]
    for wrong in ("macs", "params", "torchinfo_macs"):
        changes = {name: getattr(row, name) for name in row.__slots__} | {wrong: 1}
        changes["reasons"] = (audit_room.UNKNOWN,) if wrong == "torchinfo_macs" else ()
        bad = audit_room.Audit((audit_room.AuditRow(**changes), *audit.rows[1:]))
        assert not bad.agrees
        assert "does NOT agree" in str(bad)


def test_a_figure_of_torchinfo_that_no_rule_explains_is_unknown():
    plan = cw.plan(SAMPLES["default"])
    module = cw.build(plan).encoder.stage1.conv
    assert list(audit_room.reasons_for(plan.rows[0], module, 12345)) == [audit_room.UNKNOWN]
