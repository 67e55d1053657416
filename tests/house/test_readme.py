"""What the README shows is so."""

import doctest
import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_its_code_runs_and_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it writes a folder
    scope = {}
    for block in BLOCKS:
        if not block.startswith(">>>"):
            exec(block, scope)
            continue
        example = doctest.DocTestParser().get_doctest(block, scope, "README", "README.md", 0)
        assert doctest.DocTestRunner().run(example).failed == 0
    assert scope["coming"].shape == (8, 64, 64)


def test_its_eight_lines_are_eight():
    assert len([line for line in BLOCKS[0].splitlines() if line]) == 8


def test_its_pictures_and_links_exist():
    root = Path(__file__).parents[2]
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert targets
    assert all((root / target).is_file() for target in targets)
