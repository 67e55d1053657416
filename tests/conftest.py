"""What all tests share: seeds, the number of random examples, their counts, golden files."""

import os
from pathlib import Path

import hypothesis
import pytest

# isort: split
import torch

from tests import tally

# Random examples of each property: few on a developer's machine, more in CI, most in `make fuzz`.
EXAMPLES = int(os.environ.get("CNNWIDGET_EXAMPLES") or ("2000" if os.environ.get("CI") else "200"))

hypothesis.settings.register_profile(
    "cnnwidget", max_examples=EXAMPLES, deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("cnnwidget")


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )


def pytest_terminal_summary(terminalreporter):
    """What was held against PyTorch, counted, and how many of these tests failed."""
    wrong = [*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ())]
    if counts := tally.summary(len(wrong)):
        terminalreporter.write_sep("=", "judged by PyTorch")
        terminalreporter.write_line(counts)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def golden(request):
    """Compare a text with a file under tests/show/golden, or write it there when asked to."""

    def compare(name, text):
        path = Path(__file__).parent / "show" / "golden" / name
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{name} is missing; write it with `make golden`"
        assert text == path.read_text(encoding="utf-8")

    return compare
