"""The memory that is left, and the cores: figures of made-up systems, and of this one."""

import os
from pathlib import Path

import pytest

from cnnwidget.data import machine_limits

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
    files, expected = SYSTEMS[system]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(machine_limits, "ROOT", tmp_path)
    assert machine_limits.memory_left() == expected


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux alone says it there")
def test_this_machine_says_something_sensible():
    assert 0 < machine_limits.memory_left() < 2**50


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 8),
        ({"sys/fs/cgroup/cpu.max": "max 100000"}, 8),
        ({"sys/fs/cgroup/cpu.max": "200000 100000"}, 2),
        ({"sys/fs/cgroup/cpu.max": "250000 100000"}, 3),
        ({"sys/fs/cgroup/cpu.max": "10000 100000"}, 1),
        ({"sys/fs/cgroup/a/cpu.max": "400000 100000", "sys/fs/cgroup/cpu.max": "max 9"}, 4),
        ({"sys/fs/cgroup/cpu.max": "0 0"}, 8),
        ({"sys/fs/cgroup/cpu.max": "nonsense"}, 8),
    ],
)
def test_a_quota_of_the_second_version_limits_the_cores(tmp_path, monkeypatch, files, cores):
    of_process = {"proc/self/cgroup": "0::/a"}
    assert cores_of(of_process | files, tmp_path, monkeypatch) == cores


@pytest.mark.parametrize(("quota", "cores"), [("-1", 8), ("150000", 2), ("50000", 1)])
def test_a_quota_of_the_first_version_limits_the_cores(tmp_path, monkeypatch, quota, cores):
    folder = "sys/fs/cgroup/cpu/docker"
    files = {
        "proc/self/cgroup": "5:memory:/docker\n4:cpu,cpuacct:/docker",
        f"{folder}/cpu.cfs_quota_us": quota,
        f"{folder}/cpu.cfs_period_us": "100000",
    }
    assert cores_of(files, tmp_path, monkeypatch) == cores


def cores_of(files, root, monkeypatch):
    """The cores that a system of 8 with these files leaves to a process."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    monkeypatch.setattr(machine_limits, "ROOT", root)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    return machine_limits.usable_cores()
