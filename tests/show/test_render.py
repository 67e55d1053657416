"""DOT to SVG with pygraphviz, with the program `dot`, and with neither."""

import base64
import stat
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

import pytest

import cnnwidget as cw
from cnnwidget.show.render import HOW_TO_GET_A_PICTURE, by_program, in_process, render
from tests.samples import SAMPLES

DIAGRAM = cw.diagram(SAMPLES["default"])


@pytest.fixture
def without_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def without_dot(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def with_dot(monkeypatch, tmp_path):
    """A program `dot` made of the Graphviz inside pygraphviz: a machine may have no other."""
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys, pygraphviz\n"
        "assert sys.argv[1:] == ['-Tsvg']\n"
        "graph = pygraphviz.AGraph(string=sys.stdin.read())\n"
        "sys.stdout.buffer.write(graph.draw(format='svg', prog='dot'))\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))


def draws_the_default_design(picture):
    root = ET.fromstring(picture.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    boxes = [
        group
        for group in root.iter("{http://www.w3.org/2000/svg}g")
        if group.get("class") == "node"
    ]
    # Input, latent and output beside the rows; a kept tensor is only an arrow.
    drawn = [row for row in cw.plan(SAMPLES["default"]).rows if row.kind != "Keep"]
    assert len(boxes) == len(drawn) + 3
    assert "ConvTranspose2d" in picture.svg
    assert picture.reason == ""


def test_in_the_process(without_dot):
    draws_the_default_design(render(DIAGRAM.source))


def test_by_the_program(without_pygraphviz, with_dot):
    assert in_process(DIAGRAM.source) is None
    draws_the_default_design(render(DIAGRAM.source))


def test_with_neither_there_is_the_text_and_one_sentence(without_pygraphviz, without_dot):
    assert render(DIAGRAM.source) == (None, DIAGRAM.source, HOW_TO_GET_A_PICTURE)
    bundle = DIAGRAM._repr_mimebundle_()
    assert bundle == {"text/plain": f"{HOW_TO_GET_A_PICTURE}\n\n{DIAGRAM.source}"}
    assert by_program(DIAGRAM.source) is None


def test_a_notebook_gets_svg_and_an_image_that_needs_no_trust():
    bundle = DIAGRAM._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    before, data = bundle["text/html"].split("base64,")
    assert 'alt="EncoderDecoder: 10 × 64 × 64 → 5 × 64 × 64"' in before
    assert base64.b64decode(data.split('"')[0]).decode() == bundle["image/svg+xml"]


@pytest.mark.parametrize("means", ["in the process", "by the program"])
def test_text_that_is_no_diagram_is_a_sentence(means, request, capfd):
    if means == "by the program":
        request.getfixturevalue("without_pygraphviz")
        request.getfixturevalue("with_dot")
    picture = render("digraph { a -> ")
    assert picture.svg is None
    assert picture.dot == "digraph { a -> "
    assert picture.reason.startswith("No picture: Graphviz refused the diagram (")


def test_a_program_that_fails_is_a_sentence(without_pygraphviz, monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Error: out of ink' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    picture = render(DIAGRAM.source)
    assert picture.svg is None
    assert picture.reason == "No picture: Graphviz refused the diagram (Error: out of ink)."


def test_many_threads_draw_at_once():
    drawn = []
    threads = [
        threading.Thread(target=lambda: drawn.append(render(DIAGRAM.source).svg)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 8
    assert len(set(drawn)) == 1


def test_the_first_drawing_writes_nothing_to_standard_error_and_leaves_it_as_it_was():
    """Fontconfig remarks on the machine's configuration would stand in red above the diagram."""
    code = (
        "import os\n"
        "import cnnwidget as cw\n"
        "design = cw.EncoderDecoder(input_size=(8, 8), in_channels=1, out_channels=1)\n"
        "for _ in range(2): assert cw.diagram(design)._repr_mimebundle_()['image/svg+xml']\n"
        "os.write(2, b'still here')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "still here"
