"""Cautions of the machine: what there is room for."""

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checks import memory_cautions as place
from cnnwidget.training.checks.check import check
from tests.training.samples import noise


def kinds(found):
    return [caution.kind for caution in found]


def net(**settings):
    shape = {"input_size": (32, 32), "in_channels": 4, "out_channels": 4, "skips": "none"}
    return cw.EncoderDecoder(**(shape | settings))


def test_a_training_without_room_is_reported_with_one_that_has_it():
    design = net()
    needed = plan_of(design).memory_to_train(16)
    assert "memory" not in kinds(check(design, memory=needed))
    [caution] = [each for each in check(design, memory=needed - 1) if each.kind == "memory"]
    assert "in batches of 16" in caution.reason
    assert caution.mends[0].change == "start_channels=14"
    assert "memory" not in kinds(check(caution.mends[0].design, memory=needed - 1))


def test_the_limit_is_that_of_the_process_and_none_where_nobody_knows(monkeypatch):
    monkeypatch.setattr(place, "memory_left", lambda: 1000)
    assert "memory" in kinds(check(net()))
    monkeypatch.setattr(place, "memory_left", lambda: None)
    assert "memory" not in kinds(check(net()))


def test_a_batch_that_fits_is_named():
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=3, out_channels=3)
    plan = cw.plan(design)
    left = plan.memory_to_train(13)
    [found] = [each for each in cw.check(design, memory=left) if each.kind == "memory"]
    assert found.reason.endswith("; batch_size=13 of the recipe would fit")
    too_little = plan.memory_to_train(1) - 1
    [found] = [each for each in cw.check(design, memory=too_little) if each.kind == "memory"]
    assert "batch_size" not in found.reason


def test_the_panel_checks_memory_with_its_own_batch(monkeypatch):
    design = net()
    needed = plan_of(design).memory_to_train(16)
    monkeypatch.setattr(place, "memory_left", lambda: needed - 1)
    panel = cw.Designer(noise(300, 32, 32), design)
    for batch, warned in ((16, True), (8, False)):
        panel.settings.batch_size.value = batch
        assert panel.wait()
        notes = [
            each for each in panel.stage.problems_view["problems"] if "of memory" in each["text"]
        ]
        assert bool(notes) == warned
        if warned:
            assert "start_channels=14" in [each["label"] for each in notes[0]["mends"]]
    panel.close()
