"""Diagrams: golden files, and what they mean to Graphviz."""

import xml.etree.ElementTree as ET

import graphviz
import pygraphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.axes import spell
from cnnwidget.show.render import render
from tests.samples import SAMPLES
from tests.strategies import encoder_decoders, networks


@pytest.mark.parametrize("name", SAMPLES)
def test_dot(name, golden):
    golden(f"{name}.dot", cw.diagram(SAMPLES[name]).source)


def parsed(design):
    """The diagram as Graphviz itself reads it."""
    diagram = cw.diagram(design)
    assert isinstance(diagram, graphviz.Digraph)
    return pygraphviz.AGraph(string=diagram.source)


def means_the_plan(design):
    """As many boxes as rows, and one path through them, along the arrows, with their shapes."""
    plan = cw.plan(design)
    graph = parsed(design)
    rows = [node for node in graph.nodes() if node.startswith("row")]
    assert len(rows) == len(plan.rows)
    assert ("output" in graph) == (not plan.problems)
    follow = {}
    for edge in graph.edges():
        start, end = edge if edge.attr["dir"] != "back" else reversed(edge)
        assert start not in follow
        follow[start] = (end, edge.attr["label"].strip())
    path, shapes, node = ["input"], [], "input"
    while node in follow:
        node, shape = follow[node]
        path.append(node)
        shapes.append(shape)
    assert len(path) == len(graph.nodes())
    order = [node for node in path if node != "latent"]
    ends = [] if plan.problems else ["output"]
    assert order == ["input", *(f"row{i}" for i in range(len(plan.rows))), *ends]
    along = [spell(row.input_shape) for row in plan.rows]
    if not plan.problems:
        along.append(spell(plan.output_shape))
    if "latent" in path:
        place = path.index("latent")
        along.insert(place, along[place - 1])
    assert shapes == along


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name):
    means_the_plan(SAMPLES[name])


@settings(max_examples=200)
@given(st.one_of(encoder_decoders(), networks()))
def test_any_design(design):
    means_the_plan(design)
    assert render(cw.diagram(design).source).svg


def clusters(design):
    graph = parsed(design)  # its subgraphs do not outlive it
    subgraphs = [sub for sub in graph.subgraphs() if sub.name]
    return {sub.name.removeprefix("cluster_"): set(sub.nodes()) for sub in subgraphs}


def test_encoder_bottleneck_and_decoder_are_clusters():
    found = clusters(SAMPLES["default"])
    assert {name: len(nodes) for name, nodes in found.items()} == {
        "encoder": 9,
        "bottleneck": 1,
        "decoder": 7,
    }
    assert found["bottleneck"] == {"latent"}
    latent = clusters(SAMPLES["latent"])
    assert len(latent["bottleneck"]) == 2 * 6 + 1


def test_the_failing_layer_is_marked_with_its_reason():
    graph = parsed(SAMPLES["broken"])
    failing = graph.get_node(f"row{len(cw.plan(SAMPLES['broken']).rows) - 1}")
    assert failing.attr["color"] == "#d64545"
    assert "✗ the kernel 5 × 5 is larger than" in failing.attr["label"]
    others = [node for node in graph.nodes() if node.attr["color"] == "#d64545"]
    assert others == [failing]


def test_twenty_layers_are_less_than_twenty_high():
    """Encoder and decoder stand side by side: legible without scrolling for ever."""
    plan = cw.plan(SAMPLES["seed"])
    assert len(plan.rows) == 20
    graph = parsed(SAMPLES["seed"])
    graph.layout("dot")
    heights = {round(float(node.attr["pos"].split(",")[1])) for node in graph.nodes()}
    assert len(heights) <= 13


def test_labels_are_escaped():
    evil = '<script>&"\\N\\G'
    network = cw.Network(input_shape=(1, 8), children={evil: cw.Activation(name="relu")})
    svg = render(cw.diagram(network).source).svg
    assert "<script>" not in svg
    texts = [element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    assert evil in texts


def test_a_network_of_a_thousand_layers_is_not_drawn_but_told():
    bundle = cw.diagram(SAMPLES["default"].replace(depth=400))._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "boxes and arrows are too many to read" in bundle["text/plain"]
    assert "image/svg+xml" in cw.diagram(SAMPLES["default"].replace(depth=100))._repr_mimebundle_()
