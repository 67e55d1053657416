"""Building: names, printing, refusal, devices."""

import copy
import pickle
import re

import pytest
import torch
from torch import nn

import cnnwidget as cw
from cnnwidget.design.axes import spell
from cnnwidget.show.wording import count
from tests.samples import SAMPLES, WORKING


@pytest.mark.parametrize("name", WORKING)
def test_print_reads_like_the_table(name):
    plan = cw.plan(WORKING[name])
    lines = repr(cw.build(plan)).splitlines()[3:-1]
    for row, printed in zip(plan.rows, lines, strict=True):
        columns = (row.name, row.kind, row.settings, spell(row.output_shape), count(row.params))
        planned = [column for column in columns if column]
        assert re.split(r"  +", printed.strip()) == planned
    assert repr(cw.build(plan)).splitlines()[-1] == f")  {plan.params:,} parameters"


def test_print_tells_the_module_as_it_is_now():
    net = cw.build(SAMPLES["default"])
    net.decoder.stage3.conv = nn.Identity()
    assert "Identity" in repr(net)
    assert f"{sum(p.numel() for p in net.parameters()):,} parameters" in repr(net)


def test_a_net_can_be_sliced():
    net = cw.build(SAMPLES["default"])
    sample = torch.zeros(1, 10, 64, 64)
    assert torch.equal(net.eval()[:1](sample), net.encoder(sample))
    assert "encoder.stage1.conv" in repr(net[:1])


def test_modules_are_reached_by_their_names():
    net = cw.build(SAMPLES["default"])
    assert isinstance(net.encoder.stage1.conv, nn.Conv2d)
    sample = torch.zeros(1, 10, 64, 64)
    assert net.encoder(sample).shape == (1, 112, 8, 8)
    net.eval()
    latent, kept = net.encode(sample)
    assert torch.equal(latent, net.encoder(sample))
    assert torch.equal(net.decode(latent, kept), net(sample))


@pytest.mark.parametrize("name", WORKING)
def test_it_builds_on_meta(name):
    plan = cw.plan(WORKING[name])
    with torch.device("meta"):
        net = cw.build(plan)
        output = net.eval()(torch.empty(1, *plan.input_shape))
    assert all(p.is_meta for p in net.parameters())
    assert tuple(output.shape[1:]) == plan.output_shape


def test_a_network_too_large_for_any_machine_builds_on_meta():
    design = cw.EncoderDecoder(
        input_size=(4096, 4096), in_channels=512, out_channels=512, latent_shape=(512, 64, 64)
    )
    with torch.device("meta"):
        net = cw.build(design)
    assert sum(p.numel() for p in net.parameters()) == cw.plan(design).params > 10**12


def test_a_broken_design_is_refused_with_its_mends():
    with pytest.raises(cw.DesignError) as refusal:
        cw.build(SAMPLES["broken"])
    assert "encoder.stage5.conv gets 224 × 1 × 1" in str(refusal.value)
    assert "Try padding='same', or depth=4" in str(refusal.value)


def test_every_layer_has_an_activation_of_its_own():
    net = cw.build(SAMPLES["default"].replace(activation="prelu"))
    activations = [module for module in net.modules() if isinstance(module, nn.PReLU)]
    assert len(activations) == 5
    assert len({id(module) for module in activations}) == 5


def test_a_built_module_can_be_copied_pickled_and_moved():
    net = cw.build(SAMPLES["default"]).double()
    sample = torch.randn(1, 10, 64, 64, dtype=torch.float64)
    net.eval()
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert repr(twin) == repr(net)
        assert torch.equal(twin(sample), net(sample))


def test_it_learns():
    """Gradients reach every weight, and a few steps lower the loss."""
    net = cw.build(SAMPLES["odd_rectangle"])
    sample, target = torch.randn(4, 10, 65, 46), torch.randn(4, 5, 65, 46)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    losses = []
    for _ in range(8):
        loss = nn.functional.mse_loss(net(sample), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    assert losses[-1] < losses[0]


def test_a_decoder_without_what_the_encoder_kept_is_refused():
    design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, skips="concat")
    net = cw.build(design).eval()
    latent, kept = net.encode(torch.zeros(1, 2, 16, 16))
    with pytest.raises(cw.CnnwidgetError) as refusal:
        net.decode(latent)
    names = sorted(kept)
    message = str(refusal.value)
    assert message.startswith("decode needs what encode kept: ")
    assert message.endswith("; pass its second result.")
    assert all(name in message for name in names)
    with pytest.raises(cw.CnnwidgetError, match=f"kept: {names[0]};"):
        net.decode(latent, {name: kept[name] for name in names[1:]})
    assert net.decode(latent, kept).shape == (1, 1, 16, 16)
