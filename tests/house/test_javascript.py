"""The formatter, the linter and the type checker of the page's scripts find what they are for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = Path("cnnwidget", "panel", "static")
DENO = shutil.which("deno", path=Path(sys.executable).parent)
GATES = {
    "format": ["fmt", "--check"],
    "lint": ["lint"],
    "types": ["check", str(STATIC / "page.js")],
}


def run(gate, root):
    """The exit status of a gate, and what it printed."""
    done = subprocess.run(
        [DENO, *GATES[gate]],
        cwd=root,
        capture_output=True,
        text=True,
        env=os.environ | {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path):
    """A copy of the scripts with the settings of the tools."""
    shutil.copy(ROOT / "deno.json", tmp_path)
    shutil.copytree(ROOT / STATIC, tmp_path / STATIC)
    return tmp_path


@pytest.mark.parametrize("gate", GATES)
def test_the_scripts_pass(gate, checkout):
    status, printed = run(gate, checkout)
    assert status == 0, printed


@pytest.mark.parametrize(
    ("gate", "line", "message"),
    [
        ("format", "export const  a = 'text'", "Found 1 not formatted file"),
        ("lint", "const unused = 1;\n", "no-unused-vars"),
        ("lint", "export let never = 1;\n", "prefer-const"),
        ("types", "export const made = clamp(1);\n", "Cannot find name 'clamp'"),
        (
            "types",
            'import { clamp } from "./numbers.js";\nexport const made = clamp("1", 0, 2);\n',
            "not assignable to parameter of type 'number'",
        ),
        ("types", "/** @type {number} */\nexport const made = null;\n", "Type 'null' is not"),
        ("types", "export const double = (value) => 2 * value;\n", "implicitly has an 'any' type"),
    ],
)
def test_an_error_is_found(gate, line, message, checkout):
    """Each error is in a file that the page imports."""
    (checkout / STATIC / "shared" / "wrong.js").write_text(line, encoding="utf-8")
    page = checkout / STATIC / "page.js"
    page.write_text('import "./shared/wrong.js";\n' + page.read_text(encoding="utf-8"))
    status, printed = run(gate, checkout)
    assert status != 0
    assert message in printed


def test_make_check_and_pre_commit_run_each_gate():
    check = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    check = check.partition("\n\n")[0]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    for command in ("deno fmt", "deno lint", "deno check"):
        assert f"$(BIN)/{command}" in check
        assert f".venv/bin/{command}" in hooks
