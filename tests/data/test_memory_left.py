"""The memory that is left: figures of made-up systems, and of this one."""

from pathlib import Path

import pytest

from cnnwidget.data import memory_left

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
    monkeypatch.setattr(memory_left, "ROOT", tmp_path)
    assert memory_left.available() == expected


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux alone says it there")
def test_this_machine_says_something_sensible():
    assert 0 < memory_left.available() < 2**50
