"""The default fit of series that are hardly predictable: run with `make bench`.

It is judged on test windows by the best rule without a network, whichever that is there. Each
budget is a process of its own.
"""

import json
import subprocess
import sys
from pathlib import Path

from tabulate import tabulate

SCRIPT = Path(__file__).with_name("one_weak.py")
SECONDS, SOON = 30, 3
# Of the error of the best rule: the most, and what half of the series are to come below.
WORST, BETTER = 1.02, 0.97


def fitted(seconds):
    """The figures of all series after so many seconds of training each."""
    command = [sys.executable, "-m", "tests.benchmarks.one_weak", str(seconds)]
    root = SCRIPT.parents[2]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_no_fit_of_a_weak_series_loses_to_a_rule(capsys):
    whole, soon = fitted(SECONDS), fitted(SOON)
    lines = [
        (
            each["name"],
            each["best"],
            each["reference"],
            early["share"],
            each["share"],
            each["epoch"],
        )
        for each, early in zip(whole, soon, strict=True)
    ]
    headings = ("series", "best rule", "reference", f"{SOON} s", f"{SECONDS} s", "best epoch")
    with capsys.disabled():
        print(f"\n{tabulate(lines, headings, floatfmt='.3f')}")
    assert max(each["share"] for each in whole) <= WORST
    assert max(each["share"] for each in soon) <= WORST
    assert sum(each["share"] <= BETTER for each in whole) >= len(whole) / 2
