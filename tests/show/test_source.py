"""Sources: golden files, executed, with the keys, weights and output of the built module."""

import ast
import subprocess
import sys

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from tests.samples import SAMPLES, WORKING
from tests.strategies import encoder_decoders, networks


@pytest.mark.parametrize("name", WORKING)
def test_source(name, golden):
    golden(f"{name}.source.py", cw.source(WORKING[name]))


def executed(text, design):
    """The module that a source makes, run as a file of its own would be."""
    scope = {"__name__": "somewhere_else"}
    exec(compile(text, "<source>", "exec"), scope)
    return scope[type(design).__name__]()


def is_the_built_module(design):
    """Same keys and shapes in the same order, and with the same weights the same output."""
    text = cw.source(design)
    written, built = executed(text, design), cw.build(design)
    # Spread the values, so that no activation hides a difference.
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    shapes = [(key, value.shape) for key, value in written.state_dict().items()]
    assert shapes == [(key, value.shape) for key, value in built.state_dict().items()]
    written.load_state_dict(built.state_dict())
    sample = torch.randn(2, *cw.plan(design).input_shape)
    written.eval()
    built.eval()
    with torch.no_grad():
        assert torch.equal(written(sample).nan_to_num(), built(sample).nan_to_num())
    names = {name for name, module in written.named_modules() if not list(module.children())}
    assert names >= {row.name for row in cw.plan(design).rows}


@pytest.mark.parametrize("name", WORKING)
def test_the_source_is_the_built_module(name):
    is_the_built_module(WORKING[name])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.filterwarnings("ignore:dropout[123]d. Received a")
@settings(max_examples=500)
@given(st.one_of(encoder_decoders(), networks()))
def test_the_source_of_any_design_is_the_built_module(design):
    assume(not cw.plan(design).problems)
    is_the_built_module(design)


@pytest.mark.parametrize("name", WORKING)
def test_the_source_needs_torch_alone(name):
    tree = ast.parse(cw.source(WORKING[name]))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported <= {"torch", "collections"}


def test_the_source_runs_as_a_program(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(cw.source(SAMPLES["default"]), encoding="utf-8")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert done.stdout == "torch.Size([1, 5, 64, 64])\n"


def test_the_source_of_a_single_value_per_channel_runs_too(tmp_path):
    """Batch normalisation of one value fails in training with the one sample that it shows."""
    path = tmp_path / "net.py"
    path.write_text(cw.source(SAMPLES["default"].replace(depth=6)), encoding="utf-8")
    subprocess.run([sys.executable, path], capture_output=True, check=True)


def ruff(*arguments):
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, capture_output=True, text=True).stdout


def is_tidy(folder):
    """Formatted as ruff would, and without a slip it knows of."""
    common = ["--isolated", "--line-length", "100", str(folder)]
    assert ruff("format", "--diff", *common) == ""
    assert "All checks passed" in ruff("check", "--select", "E4,E7,E9,F,I,W", *common)


def test_the_sources_are_tidy(tmp_path):
    for name, design in WORKING.items():
        (tmp_path / f"{name}.py").write_text(cw.source(design), encoding="utf-8")
    is_tidy(tmp_path)


def test_the_sources_of_random_designs_are_tidy(tmp_path):
    written = []

    @settings(max_examples=200)
    @given(encoder_decoders())
    def write(design):
        if not cw.plan(design).problems:
            path = tmp_path / f"net{len(written)}.py"
            path.write_text(cw.source(design), encoding="utf-8")
            written.append(path)

    write()
    assert len(written) > 100
    is_tidy(tmp_path)


def test_names_cannot_break_out_of_their_strings():
    evil = "\"]); import os #'\\"
    network = cw.Network(input_shape=(1, 8), children={evil: cw.Activation(name="relu")})
    is_the_built_module(network)
    calls = [
        node for node in ast.walk(ast.parse(cw.source(network))) if isinstance(node, ast.Import)
    ]
    assert [alias.name for node in calls for alias in node.names] == ["torch"]


def test_a_broken_design_has_no_source():
    with pytest.raises(cw.DesignError, match=r"encoder\.stage5\.conv gets 256 × 1 × 1"):
        cw.source(SAMPLES["broken"])
