import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checkpoints.checkpoint import (
    Checkpoint,
    Progress,
    memory_layout,
    optimizer_memory,
    restore_optimizer,
)
from cnnwidget.training.checkpoints.checkpoint_file import read_checkpoint, write_checkpoint
from cnnwidget.training.loop.optimizers import OPTIMIZERS, optimizer_of
from cnnwidget.training.loop.weights import initial_net
from tests.training.samples import PLANE

PROGRESS = Progress(
    start=None,
    history=((1, 0.5, 0.1 + 0.2, 1e-3, 0.7),),
    best=1,
    next_batch=2,
    sum_of_losses=0.25,
    seen=8,
    lr=1e-3,
    first=0,
    before=0.0,
    spent=1.5,
)


def steps(net, optimizer, count):
    for number in range(count):
        optimizer.zero_grad()
        net(torch.full((2, 3, 8, 8), 1.0 + number)).square().mean().backward()
        optimizer.step()


def network(name):
    torch.manual_seed(0)
    net = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    optimizer = optimizer_of(name, net.parameters(), 1e-4)
    for group in optimizer.param_groups:
        group["lr"] = 1e-2
    return net, optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_goes_on_to_the_last_bit(name, tmp_path):
    unbroken, its = network(name)
    steps(unbroken, its, 3)
    weights = {key: value.clone() for key, value in unbroken.state_dict().items()}
    write_checkpoint(Checkpoint(PROGRESS, weights, {}, optimizer_memory(its)), tmp_path / "state")
    steps(unbroken, its, 4)
    again, other = network(name)
    state = read_checkpoint(tmp_path / "state")
    again.load_state_dict(dict(state.weights))
    restore_optimizer(other, state.optimizer)
    steps(again, other, 4)
    for one, two in zip(unbroken.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    assert state.progress == PROGRESS


def test_a_newer_state_takes_the_place_of_an_older_one_or_leaves_it(tmp_path, monkeypatch):
    path = tmp_path / "state"
    net, optimizer = network("adam")
    write_checkpoint(Checkpoint(PROGRESS, net.state_dict(), {}, {}), path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cnnwidget.data.atomic_write.os.fsync", full)
    with pytest.raises(cw.CnnwidgetError, match="make room"):
        write_checkpoint(Checkpoint(PROGRESS.replace(seen=9), net.state_dict(), {}, {}), path)
    assert read_checkpoint(path).progress == PROGRESS
    assert [each.name for each in tmp_path.iterdir()] == ["state"]
    assert not optimizer_memory(optimizer)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_memory_fits_its_own_network_and_optimiser_alone(name):
    plan = plan_of(PLANE)
    weights = initial_net(plan, 0).state_dict()
    net = initial_net(plan, 0)
    optimizer = optimizer_of(name, net.parameters(), None)
    net(torch.ones(2, 3, 8, 8)).square().mean().backward()
    optimizer.step()
    kept = optimizer_memory(optimizer)
    assert Checkpoint(PROGRESS, weights, weights, kept).fits(plan, name)
    assert Checkpoint(PROGRESS, weights, weights, {}).fits(plan, name)  # before the first step
    assert not Checkpoint(PROGRESS, weights, {}, kept).fits(plan, name)
    assert not Checkpoint(PROGRESS, {}, weights, kept).fits(plan, name)
    others = [memory_layout(other, shapes_of(net)) == memory_layout(name, shapes_of(net))
              for other in OPTIMIZERS]  # fmt: skip
    assert sum(others) == (2 if name.startswith("adam") else 1)
    for first in list(kept)[:1]:
        number, _, field = first.partition(".")
        for changed in (
            {f"99.{field}": kept[first]},
            {f"{number}.other": kept[first]},
            {first: torch.zeros(7)},
            {first: kept[first].double()},
        ):
            assert not Checkpoint(PROGRESS, weights, weights, kept | changed).fits(plan, name)
        del kept[first]
        assert not kept or not Checkpoint(PROGRESS, weights, weights, kept).fits(plan, name)


def shapes_of(net):
    return [tuple(weight.shape) for weight in net.parameters()]


@pytest.mark.parametrize(
    "fields",
    [{"best": 3}, {"history": ()}, {"seen": 1}, {"seen": 0}, {"next_batch": 0}, {"spent": -1.0}],
)
def test_a_place_that_cannot_be(fields):
    with pytest.raises(cw.DataError, match="Progress"):
        PROGRESS.replace(**fields)


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_is_no_state_is_reported(tmp_path, content):
    path = tmp_path / "state"
    path.write_bytes(content)
    with pytest.raises(cw.DataError, match=str(path)):
        read_checkpoint(path)
    with pytest.raises(cw.DataError, match="cannot be read"):
        read_checkpoint(tmp_path / "none")
