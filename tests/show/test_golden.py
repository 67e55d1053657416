"""The folder of golden files holds those of the samples and no others."""

from pathlib import Path

from tests.samples import PAGES, SAMPLES, WORKING


def test_no_golden_file_is_left_over():
    kept = {path.name for path in (Path(__file__).parent / "golden").iterdir()}
    assert kept == {
        *(f"{name}.{kind}" for name in SAMPLES for kind in ("table.txt", "dot")),
        *(f"{name}.table.html" for name in PAGES),
        *(f"{name}.source.py" for name in WORKING),
    }
