"""Trainings that are refused because they have no room in memory."""

import re

import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training import room
from cnnwidget.training.training import Training
from tests.training.samples import PLANE, noise


def refused(monkeypatch, left, design=PLANE, **settings):
    """What is said where so many bytes are left; nothing may be allocated before."""
    monkeypatch.setattr(room, "available", lambda: left)
    monkeypatch.setattr("cnnwidget.training.training.drawn", None)
    with pytest.raises(cw.DesignError) as refusal:
        cw.train(design, noise(60, *design.input_size), epochs=1, **settings)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_training_that_does_not_fit_is_refused_with_both_figures(monkeypatch):
    wide = PLANE.replace(start_channels=2000, max_channels=2000, depth=2)
    plan = plan_of(wide)
    # 34 windows in batches of 8 or fewer are five batches of 7.
    needed = 24 * plan.params + 7 * plan.memory
    text = refused(monkeypatch, needed - 1, wide, batch_size=8)
    figure = re.escape(f"{needed / 1e9:.2f} GB")
    assert re.fullmatch(
        rf"Training this design in batches of 7 takes {figure} of memory or more, but {figure} is "
        r"left; try a smaller batch_size or fewer channels\.",
        text,
    )


def test_it_is_trained_where_it_just_fits_or_nobody_knows(monkeypatch):
    plan = plan_of(PLANE)
    for left in (24 * plan.params + 7 * plan.memory, None):
        monkeypatch.setattr(room, "available", lambda left=left: left)
        assert cw.fit(PLANE, noise(60, 8, 8), epochs=1, batch_size=8, progress=False).best


def test_what_would_not_help_is_not_advised(monkeypatch):
    assert refused(monkeypatch, 0, batch_size=8).endswith("try fewer channels.")
    latent = PLANE.replace(latent_shape=(2, 2))
    assert refused(monkeypatch, 0, latent).endswith("try fewer channels or no latent block.")


def test_a_batch_has_no_more_windows_than_there_are(monkeypatch):
    """A batch_size beyond the series is no reason to refuse."""
    plan = plan_of(PLANE)
    windows = len(cw.windows(noise(60, 8, 8), pre_history_len=3, forecast_len=2).split.train)
    needed = 24 * plan.params + windows * plan.memory
    assert f"batches of {windows} " in refused(monkeypatch, needed - 1, batch_size=65536)
    monkeypatch.undo()
    monkeypatch.setattr(room, "available", lambda: needed)
    assert cw.fit(PLANE, noise(60, 8, 8), epochs=1, batch_size=65536, progress=False).best


def test_an_allocator_that_fails_is_told_in_a_sentence(monkeypatch):
    def step(self, chosen, epoch):
        torch.empty(10**15)

    monkeypatch.setattr(Training, "step", step)
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1)
    with pytest.raises(MemoryError, match=r"^There is too little memory .* smaller batch_size"):
        list(training)
    assert training.run.ending == "stopped"
    monkeypatch.undo()
    list(training)  # it goes on when there is more
    assert training.run.ending == "finished"


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="something else"), room.shortage_told():
        raise RuntimeError("something else")
    with pytest.raises(MemoryError), room.shortage_told():
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
