"""Diagrams: golden files, and what they mean to Graphviz."""

import xml.etree.ElementTree as ET
from collections import Counter

import graphviz
import pygraphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.axes import spell
from cnnwidget.design.joins import Join
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Skip
from cnnwidget.show.diagram_style import LONG, as_label
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


def origin(plan, source):
    """Return the node that a tensor comes from, also through several `Keep`."""
    while source >= 0 and isinstance(plan.rows[source].layer, Keep):
        source = plan.rows[source].sources[0]
    return "input" if source < 0 else f"row{source}"


def means_the_plan(design):
    """Assert that there is a node per row, except for `Keep`, and an arrow per input tensor."""
    plan = cw.plan(design)
    graph = parsed(design)
    rows = dict(enumerate(plan.rows))
    drawn = {n: row for n, row in rows.items() if not is_kept(row)}
    latent = plan.rows_of_encoder
    ends = {"input"} | ({"output"} if not plan.problems else set())
    ends |= {f"aux{n}" for n in range(len(plan.extras))}
    ends |= {"latent"} if latent is not None else set()
    assert set(graph.nodes()) == {f"row{n}" for n in drawn} | ends
    expected = Counter()
    for number, row in drawn.items():
        for position, source in enumerate(row.sources):
            start = origin(plan, source)
            is_kept_input = isinstance(row.layer, Merge) and position == 1
            if latent is not None and number >= latent and not is_kept_input:
                start = start if start != origin(plan, rows[latent].sources[0]) else "latent"
            expected[start, f"row{number}"] += 1
    if latent is not None:
        expected[origin(plan, rows[latent].sources[0]), "latent"] += 1
    for number, extra in enumerate(plan.extras):
        start = origin(plan, extra.source)
        if latent is not None and start == origin(plan, rows[latent].sources[0]):
            start = next(start for start, end in arrows_of(graph) if end == f"aux{number}")
        expected[start, f"aux{number}"] += 1
    if not plan.problems:
        start = origin(plan, plan.last)
        at_latent = latent is not None and start == origin(plan, rows[latent].sources[0])
        expected["latent" if at_latent else start, "output"] += 1
    assert Counter(arrows_of(graph)) == expected
    has_the_shapes(plan, graph)


def is_kept(row):
    return isinstance(row.layer, Keep) and row.output_shape is not None


def arrows_of(graph):
    """Start and end of each arrow as it is seen, whichever way it was declared."""
    return [edge if edge.attr["dir"] != "back" else tuple(reversed(edge)) for edge in graph.edges()]


def has_the_shapes(plan, graph):
    """Assert that each label has the right shape, and each new shape has a label."""
    labelled = set()
    for edge in graph.edges():
        start, end = edge if edge.attr["dir"] != "back" else reversed(edge)
        label = (edge.attr["label"] or "").strip("<> ")
        shape = shape_of(plan, start)
        merged = plan.rows[int(end[3:])].layer if end.startswith("row") else None
        if edge.attr["color"] == LONG:
            assert isinstance(merged, Merge)
            assert label == f"{as_label(merged.name)}&#160; {spell(shape)}".strip()
        elif label:
            assert label == spell(shape)
            labelled.add(start)
    for number, row in enumerate(plan.rows):
        left = {start for start, _ in arrows_of(graph)}
        changes = row.output_shape != row.input_shape or len(row.sources) > 1
        if f"row{number}" in left and changes and row.output_shape is not None:
            assert f"row{number}" in labelled or only_merged(graph, f"row{number}")


def only_merged(graph, node):
    """Whether a tensor goes only to merges."""
    return all(
        edge.attr["color"] == LONG
        for edge in graph.edges()
        if (edge[1] if edge.attr["dir"] == "back" else edge[0]) == node
    )


def shape_of(plan, node):
    if node == "input":
        return plan.input_shape
    if node == "latent":
        return plan.rows[plan.rows_of_encoder].input_shape
    return plan.rows[int(node.removeprefix("row"))].output_shape


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
        "decoder": 11,
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


def heights(graph):
    """The height of the middle of each node, as Graphviz lays it out."""
    graph.layout("dot")
    return {node: round(float(node.attr["pos"].split(",")[1])) for node in graph.nodes()}


def test_long_skips_are_level():
    """From the way down straight over to the way up, deep ones below high ones."""
    design = SAMPLES["unet"]
    graph = parsed(design)
    over = [edge for edge in arrows_of(graph) if is_merge(design, edge[1])]
    crossing = [edge for edge in graph.edges() if edge.attr["constraint"] == "false"]
    assert len(crossing) == 3
    at = heights(graph)
    levels = [at[start] for start, _ in crossing]
    assert levels == [at[end] for _, end in crossing]
    assert levels == sorted(levels, reverse=True) or levels == sorted(levels)
    assert len(set(levels)) == 3
    assert len(over) == 6


def is_merge(design, node):
    return node.startswith("row") and isinstance(cw.plan(design).rows[int(node[3:])].layer, Merge)


def test_skips_that_would_knot_the_two_ways_are_drawn_all_the_same():
    """The tensor kept first is merged first: the arrows cross, but the diagram is drawn."""
    unet = SAMPLES["unet"]
    names = {"skip1": "skip3", "skip2": "skip2", "skip3": "skip1"}
    parts = dict(unet.children)
    stages = []
    for name, stage in parts["decoder"].children:
        if name == "head":
            stages.append((name, stage))
            continue
        inside = dict(stage.children)
        merge = inside["merge"]
        inside["merge"] = merge.replace(name=names[merge.name], align="interpolate")
        stages.append((name, stage.replace(children=inside)))
    knotted = unet.replace(
        children=parts | {"decoder": cw.layers.Sequence(children=stages, part="decoder")}
    )
    assert not cw.plan(knotted).problems
    means_the_plan(knotted)
    assert render(cw.diagram(knotted).source).svg


def test_branches_stand_side_by_side():
    graph = parsed(SAMPLES["inception"])
    at = heights(graph)
    rows = cw.plan(SAMPLES["inception"]).rows
    firsts = [
        at[f"row{n}"]
        for n, row in enumerate(rows)
        if row.name in [f"inception1.{way}" for way in ("narrow.conv", "three.reduce.conv")]
    ]
    assert len(firsts) == 2
    assert len(set(firsts)) == 1


def test_auxiliary_heads_are_dead_ends():
    graph = parsed(SAMPLES["inception"])
    arrows = arrows_of(graph)
    assert [end for start, end in arrows if start == "aux0"] == []
    [before] = [start for start, end in arrows if end == "aux0"]
    assert cw.plan(SAMPLES["inception"]).rows[int(before[3:])].name == "aux1.fc"
    assert "aux1, in training only" in cw.diagram(SAMPLES["inception"]).source


def test_joins_are_signs():
    found = {}
    for name in ("residual", "gate", "unet", "inception"):
        graph = parsed(SAMPLES[name])
        found[name] = {graph.get_node(node).attr["label"] for node in joins(SAMPLES[name])}
    assert found == {
        "residual": {"<b>+</b>"},
        "gate": {"<b>×</b>", "<b>+</b>"},
        "unet": {"<b>concat</b>"},
        "inception": {"<b>concat</b>"},
    }


def joins(design):
    return [f"row{n}" for n, row in enumerate(cw.plan(design).rows) if isinstance(row.layer, Join)]


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
    network = cw.Network(input_shape=(1, 8), children={evil: cw.layers.Activation(name="relu")})
    svg = render(cw.diagram(network).source).svg
    assert "<script>" not in svg
    texts = [element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    assert evil in texts


@pytest.mark.parametrize("name", ["\\", 'quo"te', "<b>", "it's", "\\N"])
def test_any_name_can_be_that_of_a_branch_a_head_or_what_is_put_aside(name):
    inner = cw.layers.Sequence(children={name: cw.layers.Activation(name="relu")})
    children = {
        name: Branches(children={name: inner}),
        "head": Aux(name=name, children={name: cw.layers.Flatten()}),
        "keep": Keep(name=f"{name}2"),
        "skip": Skip(children={name: inner}),
        "merge": Merge(name=f"{name}2"),
    }
    means_the_plan(cw.Network(input_shape=(1, 8), children=children))
    assert render(cw.diagram(cw.Network(input_shape=(1, 8), children=children)).source).svg


def test_a_network_of_a_thousand_layers_is_not_drawn_but_told():
    bundle = cw.diagram(SAMPLES["default"].replace(depth=400))._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "boxes and arrows are too many to read" in bundle["text/plain"]
    assert "image/svg+xml" in cw.diagram(SAMPLES["default"].replace(depth=100))._repr_mimebundle_()
