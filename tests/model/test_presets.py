"""Every preset as a torch module: it builds, draws, writes its source, and learns."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.presets.presets import presets

# A step of these takes more than a moment on two cores, so that it is taken with fewer channels or
# smaller pictures. All that is counted or built is the preset itself.
SMALL_VGG = {
    "input_size": (64, 64), "start_channels": 8, "head_size": (2, 2), "hidden_features": (64, 64),
}  # fmt: skip
SMALL_RESNET = {"input_size": (64, 64), "start_channels": 8, "stem_channels": 8}
LIGHTER = {
    **{f"vgg{depth}": SMALL_VGG for depth in (11, 13, 16, 19)},
    **{f"resnet{depth}": SMALL_RESNET for depth in (18, 34, 50, 101, 152)},
    "unet": {"start_channels": 4},
    "unet_same": {"start_channels": 4},
    "mobilenet": {"input_size": (96, 96)},
    "forecaster": {"input_size": (24, 24), "channels": (116, 128, 140, 152, 164)},
}


@pytest.fixture(scope="module", params=list(presets))
def preset(request):
    return presets[request.param]


def shapes_of(net):
    return {key: value.shape for key, value in net.state_dict().items()}


def test_a_preset_plans_without_problems(preset):
    plan = plan_of(preset)
    assert not plan.problems
    assert plan.output_shape
    # An off-target end or a checkerboard would be a slip of the preset.
    assert not [each for each in plan.cautions if each.kind in {"off_target", "checkerboard"}]


def test_a_preset_builds_as_it_is_counted(preset):
    plan = plan_of(preset)
    with torch.device("meta"):
        net = cw.build(preset)
        seen = {}
        for row in plan.rows:
            net.get_submodule(row.name).register_forward_hook(
                lambda _, __, output, name=row.name: seen.update({name: tuple(output.shape[1:])})
            )
        net(torch.zeros(2, *plan.input_shape))
    assert sum(p.numel() for p in net.parameters()) == plan.params
    assert seen == {row.name: row.output_shape for row in plan.rows}


def test_a_preset_is_drawn(preset):
    drawn = cw.diagram(preset).source
    assert drawn.startswith("digraph")
    assert "->" in drawn


def test_a_preset_writes_its_source(preset):
    scope = {"__name__": "somewhere_else"}
    with torch.device("meta"):
        exec(compile(cw.source(preset), "<source>", "exec"), scope)
        written = scope[type(preset).__name__]()
        built = cw.build(preset)
        assert list(shapes_of(written).items()) == list(shapes_of(built).items())
        sample = torch.zeros(2, *plan_of(preset).input_shape)
        assert written.eval()(sample).shape == (2, *plan_of(preset).output_shape)


@pytest.mark.parametrize("name", presets)
def test_a_preset_learns_a_step(name):
    torch.manual_seed(0)
    design = presets[name].replace(**LIGHTER.get(name, {}))
    plan = plan_of(design)
    net = cw.build(design)
    before = {key: value.clone() for key, value in net.named_parameters()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    loss = loss_of(net, plan)
    loss.backward()
    assert math.isfinite(loss.item())
    for key, value in net.named_parameters():
        assert value.grad is not None, key
        assert value.grad.isfinite().all(), key
    optimizer.step()
    changed = [key for key, value in net.named_parameters() if not value.equal(before[key])]
    # Each bias and scale begins alike, so that a layer that is cut off is one that does not change.
    assert {key.rsplit(".", 1)[0] for key in changed} == {key.rsplit(".", 1)[0] for key in before}


def loss_of(net, plan):
    """Of the output, and of the heads with their weights."""
    out = net(torch.rand(2, *plan.input_shape))
    if not plan.extras:
        return distance(out)
    out, extras = out
    heads = [extra.weight * distance(extras[extra.name]) for extra in plan.extras]
    return distance(out) + sum(heads)


def distance(out):
    """To classes where there are some, else to a random field."""
    if out.dim() == 2 and out.shape[1] > 1:
        return functional.cross_entropy(out, torch.arange(2))
    return functional.mse_loss(out, torch.rand_like(out))


def test_a_generator_and_its_discriminator_fit():
    generator, discriminator = (
        cw.build(presets[f"dcgan_{each}"]) for each in ("generator", "discriminator")
    )
    images = generator(torch.randn(2, 100, 1, 1))
    assert images.shape == (2, 3, 64, 64)
    assert images.abs().max() <= 1
    probabilities = discriminator(images)
    assert probabilities.shape == (2, 1)
    assert ((probabilities > 0) & (probabilities < 1)).all()
    # Weights begin as the paper has them: deviation 0.02, scales around one.
    deviation = torch.cat([m.weight.flatten() for m in convolutions(generator)]).std()
    assert deviation.item() == pytest.approx(0.02, rel=0.01)


def convolutions(net):
    return [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


def test_a_set_of_points_has_no_order():
    net = cw.build(presets["pointnet"]).eval()
    points = torch.rand(2, 3, 1024)
    shuffled = points[:, :, torch.randperm(1024)]
    torch.testing.assert_close(net(points), net(shuffled))
    assert net(points[:, :, :500]).shape == (2, 40)


def test_every_sensor_is_looked_at_by_itself():
    net = cw.build(presets["waveform_detector"]).eval()
    field = torch.rand(1, 2, 8, 8, 256)
    changed = field.clone()
    changed[0, :, 3, 5] += 1
    differs = (net(field) != net(changed))[0, 0, :, :, 0].nonzero().tolist()
    assert differs == [[3, 5]]
