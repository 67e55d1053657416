"""Sources: golden files, executed, with the keys, weights and output of the built module."""

import ast
import subprocess
import sys

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.show.source_modules import definitions
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


def alike(one, other):
    """The same tensors, whatever they are in."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return torch.equal(one.nan_to_num(), other.nan_to_num())


def is_the_built_module(design):
    """The same weights from the same seed, and with the same weights the same outputs."""
    plan, text = cw.plan(design), cw.source(design)
    torch.manual_seed(0)
    written = executed(text, design)
    torch.manual_seed(0)
    built = cw.build(design)
    shapes = [(key, value.shape) for key, value in written.state_dict().items()]
    assert shapes == [(key, value.shape) for key, value in built.state_dict().items()]
    assert alike(dict(written.state_dict()), dict(built.state_dict()))
    # Spread the values, so that no activation hides a difference.
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    written.load_state_dict(built.state_dict())
    sample = torch.randn(2, *plan.input_shape)
    with torch.no_grad():
        if plan.extras:
            outputs = []
            for net in (written, built):
                torch.manual_seed(0)  # of dropout
                outputs.append(net.train()(sample))
            assert isinstance(outputs[0], tuple)
            assert alike(*outputs)
        written.eval()
        built.eval()
        assert alike(written(sample), built(sample))
        if hasattr(written, "encode"):
            latent, kept = written.encode(sample)
            assert alike((latent, kept), built.encode(sample))
            assert alike(written.decode(latent, kept), built(sample))
    names = {name for name, _ in written.named_modules()}
    assert names >= {row.name for row in plan.rows}


@pytest.mark.parametrize("name", WORKING)
def test_the_source_is_the_built_module(name):
    is_the_built_module(WORKING[name])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.filterwarnings("ignore:dropout[123]d. Received a")
@settings(max_examples=200)
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


def test_no_module_of_ours_has_the_name_of_one_of_torch():
    """The name of a constructor is enough to know where it is from."""
    assert [name for name in definitions() if hasattr(torch.nn, name)] == []


def test_modules_are_written_word_for_word_and_only_those_that_are_needed():
    text = cw.source(SAMPLES["gate"])
    for name in ("Skip", "Keep", "Merge", "joined", "aligned", "initialise"):
        assert f"\n\n\n{definitions()[name].text}\n\n\n" in text
    for name in ("Aux", "Branches", "Sequence"):
        assert f"class {name}(" not in text
    assert "class Carrier" not in cw.source(SAMPLES["by_hand"])
    assert "initialise" not in cw.source(SAMPLES["inception"])


def test_a_decoder_that_merges_kept_tensors_can_be_called_alone():
    net = executed(cw.source(SAMPLES["unet"]), SAMPLES["unet"]).eval()
    sample = torch.randn(1, *SAMPLES["unet"].input_shape)
    latent, kept = net.encode(sample)
    assert latent.shape == (1, 128, 8, 12)
    assert list(kept) == ["skip1", "skip2", "skip3"]
    assert torch.equal(net.decode(latent, kept), net(sample))


def test_functions_call_functions():
    text = cw.source(SAMPLES["inception"])
    assert "self.inception2 = inception(24, conv_out_channels=16)  # 32 x 14 x 14" in text
    assert text.count("nn.Conv2d(") == 1


def test_settings_that_only_some_leave_out_keep_functions_apart():
    """Only the defaults of convolutions are known."""
    slopes = [
        cw.layers.Norm(kind="batch"),
        cw.layers.Norm(kind="instance"),
        cw.layers.Norm(kind="instance"),
    ]
    children = {
        f"part{n}": cw.layers.Sequence(
            children={"norm": norm, "act": cw.layers.Activation(name="relu")}
        )
        for n, norm in enumerate(slopes)
    }
    network = cw.Network(input_shape=(3, 8, 8), children=children)
    is_the_built_module(network)
    assert cw.source(network).count("part()") == 3  # two uses and the function itself


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
    @given(st.one_of(encoder_decoders(), networks()))
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
    network = cw.Network(input_shape=(1, 8), children={evil: cw.layers.Activation(name="relu")})
    is_the_built_module(network)
    calls = [
        node for node in ast.walk(ast.parse(cw.source(network))) if isinstance(node, ast.Import)
    ]
    assert [alias.name for node in calls for alias in node.names] == ["torch"]


def test_a_broken_design_has_no_source():
    with pytest.raises(cw.DesignError, match=r"encoder\.stage5\.conv gets 224 × 1 × 1"):
        cw.source(SAMPLES["broken"])
