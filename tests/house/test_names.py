"""The public names."""

import importlib
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import cnnwidget as cw
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.network import COMBINATORS, Network

PACKAGE = Path(cw.__file__).parent
ROOMS = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
SCREEN = 40
NO_EXAMPLE = {"CnnwidgetError"}  # DesignError shows one
# Of pydantic.
METHODS = ["model_dump", "model_copy", "model_fields", "parse_obj", "json", "dict", "copy"]


def home_of(name):
    return importlib.import_module(cw._MODULES[name])


def helped(thing):
    return pydoc.plain(pydoc.render_doc(thing))


def test_about_thirty_names_are_public():
    assert len(cw.__all__) <= 35
    assert set(cw.__all__) <= set(dir(cw))
    assert {name for name in dir(cw) if not name.startswith("__")} == set(cw.__all__)


@pytest.mark.parametrize("name", cw.__all__)
def test_a_public_name_is_what_its_home_defines(name):
    thing = getattr(cw, name)
    if cw._MODULES[name] == "cnnwidget":
        assert thing is importlib.import_module(f"cnnwidget.{name}")
    else:
        home = home_of(name)
        assert thing is getattr(home, name)
        assert thing.__module__ == home.__name__
    assert name not in ROOMS


@pytest.mark.parametrize("name", cw.__all__)
def test_a_public_name_is_documented_with_an_example(name):
    document = inspect.getdoc(getattr(cw, name))
    assert document
    if name not in NO_EXAMPLE:
        assert ">>>" in document


@pytest.mark.parametrize("name", cw.layers.__all__)
def test_a_layer_is_documented_with_an_example(name):
    assert ">>>" in inspect.getdoc(getattr(cw.layers, name))


def test_the_layers_are_all_there_are():
    """Classes that can stand in a network, and functions that return one."""

    def below(kind):
        return {kind, *(each for child in kind.__subclasses__() for each in below(child))}

    ours = {each for each in below(Layer) if each.__module__.startswith("cnnwidget.")} - {Layer}
    public = {getattr(cw.layers, name) for name in cw.layers.__all__}
    assert {each for each in public if inspect.isclass(each)} == ours | COMBINATORS
    assert sorted(cw.layers.__all__, key=lambda name: (name.islower(), name)) == cw.layers.__all__
    assert not set(cw.layers.__all__) & set(cw.__all__)


@pytest.mark.parametrize("name", ["Conv", "Skip", "labelled", "examples", "noisy", "plann"])
def test_an_unknown_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"module 'cnnwidget' has no attribute '{name}'"):
        getattr(cw, name)


def test_a_star_brings_all_names():
    space = {}
    exec("from cnnwidget import *", space)
    assert set(cw.__all__) <= set(space)


def test_a_type_checker_knows_the_names(tmp_path):
    """The names and their types come from the stub, and a wrong one is an error."""
    file = tmp_path / "uses.py"
    file.write_text(
        "import cnnwidget as cw\n"
        "from cnnwidget import *\n"
        "reveal_type(cw.build)\n"
        "reveal_type(layers.Conv)\n"
        "reveal_type(EncoderDecoder)\n"
        "cw.plann\n"
        "cw.noisy\n"
    )
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent"]
    done = subprocess.run([*command, file], capture_output=True, text=True, cwd=PACKAGE.parent)
    said = [line.split(": ", 1)[1] for line in done.stdout.splitlines()[:-1]]
    assert "-> cnnwidget.model.build.Net" in said[0]
    assert "cnnwidget.design.layers.convolution.Conv" in said[1]
    assert "cnnwidget.design.families.encoder_decoder.EncoderDecoder" in said[2]
    assert 'has no attribute "plann"' in said[3]
    assert 'has no attribute "noisy"' in said[4]
    assert len(said) == 5


def test_help_fits_on_a_screen_names_all_and_loads_no_torch():
    text = helped(cw)
    assert len(text.splitlines()) <= SCREEN
    assert [name for name in cw.__all__ if name not in text] == []
    code = (
        "import pydoc, sys, cnnwidget\n"
        "pydoc.render_doc(cnnwidget)\n"
        "print('torch' in sys.modules, 'Conv' in dir(cnnwidget), 'fit' in dir(cnnwidget))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


@pytest.mark.parametrize("kind", [cw.EncoderDecoder, cw.Classifier, cw.Generator, Network])
def test_help_on_a_design_shows_no_pydantic_method(kind):
    text = helped(kind)
    assert "replace(self" in text
    assert "inherited from pydantic" not in text
    assert not [name for name in METHODS if f" {name}(" in text]
    assert "pydantic_" not in text


def test_a_design_lists_only_what_is_ours():
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=1, out_channels=1)
    for thing in (design, cw.EncoderDecoder):
        assert not set(METHODS) & set(dir(thing))
        assert not [name for name in dir(thing) if "pydantic" in name]
    assert {"input_size", "depth", "replace", "network"} <= set(dir(design))


def test_the_version_is_that_of_the_project():
    import tomllib

    pyproject = Path(cw.__file__).parents[1] / "pyproject.toml"
    assert (
        cw.__version__ == tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"]
    )
