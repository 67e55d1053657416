"""Memory: figures of a made-up system, and what is refused because of them."""

import re
from pathlib import Path

import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training import room
from cnnwidget.training.training import Training
from tests.training.samples import PLANE, noise

MEMINFO = "MemTotal:  9000 kB\nMemFree:  1 kB\nMemAvailable:    5000 kB\n"
STAT = "anon 7\ninactive_file 100\nactive_file 20\nfile 9999\n"
OLD_STAT = "cache 9999\ninactive_file 5\ntotal_inactive_file 100\ntotal_active_file 20\n"
MACHINE = {"proc/meminfo": MEMINFO}
UNLIMITED = "9223372036854771712"


def group(folder, limit, used):
    """The files of a group of the second version."""
    return {
        f"sys/fs/cgroup/{folder}memory.max": limit,
        f"sys/fs/cgroup/{folder}memory.current": used,
        f"sys/fs/cgroup/{folder}memory.stat": STAT,
    }


def old_group(folder, limit, used):
    """The files of a group of the first version."""
    return {
        f"sys/fs/cgroup/memory/{folder}memory.limit_in_bytes": limit,
        f"sys/fs/cgroup/memory/{folder}memory.usage_in_bytes": used,
        f"sys/fs/cgroup/memory/{folder}memory.stat": OLD_STAT,
    }


SYSTEMS = {
    "none of it": ({}, None),
    "a machine": (MACHINE, 5000 * 1024),
    "a machine that says nothing": ({"proc/meminfo": "MemAvailable: many\n"}, None),
    "a container": ({"proc/self/cgroup": "0::/\n"} | group("", "4000\n", "1000\n"), 3120),
    "a machine with less than its container": (
        MACHINE | {"proc/self/cgroup": "0::/\n"} | group("", "99999999", "0"),
        5000 * 1024,
    ),
    "no limit": (MACHINE | {"proc/self/cgroup": "0::/\n"} | group("", "max", "7"), 5000 * 1024),
    "the group has it": (
        {"proc/self/cgroup": "0::/a/b\n"} | group("a/", "max", "900") | group("a/b/", "999", "900"),
        219,
    ),
    "a group above has it": (
        {"proc/self/cgroup": "0::/a/b\n"} | group("a/", "950", "900") | group("a/b/", "999", "9"),
        170,
    ),
    "nothing is left": ({"proc/self/cgroup": "0::/\n"} | group("", "1000", "9000"), 0),
    "the path is that of the host": (
        {"proc/self/cgroup": "3:memory:/docker/abc\n"} | old_group("", "4000", "1000"),
        3120,
    ),
    "the first version": (
        {"proc/self/cgroup": "9:name=systemd:/\n5:cpu,memory:/a\n0::/\nwhat\n"}
        | old_group("", UNLIMITED, "5000")
        | old_group("a/", "4000", "1000"),
        3120,
    ),
    "files without numbers": (
        MACHINE | {"proc/self/cgroup": "0::/\n"} | group("", "", "1"),
        5000 * 1024,
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_left(system, tmp_path, monkeypatch):
    files, wanted = SYSTEMS[system]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(room, "ROOT", tmp_path)
    assert room.available() == wanted


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux alone says it there")
def test_this_machine_says_something_sensible():
    assert 0 < room.available() < 2**50


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
