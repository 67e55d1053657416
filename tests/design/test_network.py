"""Trees of named layers and combinators."""

import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import nn

import cnnwidget as cw
from cnnwidget.design.network import DEEPEST, PROJECTION, nodes, with_inner, with_node
from cnnwidget.design.reserved_names import RESERVED_NAMES
from cnnwidget.model import modules
from cnnwidget.model.build import Net
from tests.strategies import networks

some = settings(
    max_examples=300, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)

RELU = cw.layers.Activation(name="relu")
CONV = cw.layers.Conv(out_channels=4, kernel_size=3, padding=1)


def test_children_come_as_pairs_a_dict_or_a_list():
    pairs = cw.layers.Sequence(children=(("a", RELU), ("b", RELU)))
    assert cw.layers.Sequence(children={"a": RELU, "b": RELU}) == pairs
    for kind in (cw.layers.Sequence, cw.layers.Skip, cw.layers.Branches):
        assert [name for name, _ in kind(children=[RELU, RELU]).children] == ["0", "1"]


def test_rows_have_dotted_names_and_inherit_their_part():
    network = cw.Network(
        input_shape=(1, 8),
        children={
            "down": cw.layers.Sequence(
                children={
                    "a": RELU,
                    "deep": cw.layers.Sequence(children=[RELU], part="bottleneck"),
                    "more": cw.layers.Skip(children=[RELU], projection=cw.layers.Dropout()),
                },
                part="encoder",
            ),
            "paths": cw.layers.Branches(
                children={"one": RELU, "two": cw.layers.Sequence(children=[])}
            ),
            "last": RELU,
        },
    )
    assert [(row.name, row.part) for row in cw.plan(network).rows] == [
        ("down.a", "encoder"),
        ("down.deep.0", "bottleneck"),
        ("down.more.0", "encoder"),
        ("down.more.projection", "encoder"),
        ("down.more", "encoder"),
        ("paths.one", ""),
        ("paths", ""),
        ("last", ""),
    ]


WRONG_CHILDREN = [
    ({"": RELU}, "a name that torch modules cannot have"),
    ({"a.b": RELU}, "a name that torch modules cannot have"),
    ({"forward": RELU}, "a name that torch modules cannot have"),
    ({"train": RELU}, "a name that torch modules cannot have"),
    ((("a", RELU), ("a", RELU)), "two children named 'a'"),
    ({"a": nn.ReLU()}, "which is no layer"),
    ({"a": "relu"}, "which is no layer"),
    ({"a": cw.Network(input_shape=(1,), children=[])}, "which is no layer"),
    (((1, RELU),), "must be layers in order"),
    (RELU, "must be layers in order"),
    (5, "must be layers in order"),
    ({"a\nb": RELU}, "which cannot be printed"),
    ({"\ud800": RELU}, "which cannot be printed"),
    ({"\x00": RELU}, "which cannot be printed"),
    ({"a": "x" * 1000}, r"holds 'x+\.\.\. under"),
]


@pytest.mark.parametrize(("children", "sentence"), WRONG_CHILDREN)
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (cw.Network, {"input_shape": (1, 8)}),
        (cw.layers.Sequence, {}),
        (cw.layers.Skip, {}),
        (cw.layers.Branches, {}),
        (cw.layers.Aux, {"name": "a"}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_children_that_cannot_be(kind, fields, children, sentence):
    with pytest.raises(cw.DesignError, match=sentence):
        kind(children=children, **fields)


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        (
            cw.layers.Skip,
            {"children": {PROJECTION: RELU}},
            "named 'projection', which is the way round",
        ),
        (
            cw.layers.Skip,
            {"children": [], "projection": "always"},
            "must be 'auto', 'none', or a layer",
        ),
        (
            cw.layers.Skip,
            {"children": [], "projection": None},
            "must be 'auto', 'none', or a layer",
        ),
        (
            cw.layers.Skip,
            {"children": [], "projection": [RELU]},
            "must be 'auto', 'none', or a layer",
        ),
        (cw.layers.Skip, {"children": [], "projection": nn.ReLU()}, "must be 'auto', 'none', or a"),
        (
            cw.layers.Skip,
            {"children": [], "projection": cw.layers.Merge(name="a")},
            "must be 'auto', 'none'",
        ),
        (cw.layers.Skip, {"children": [], "how": "append"}, "one of concat, add, multiply"),
        (cw.layers.Skip, {}, "children is missing"),
        (cw.layers.Branches, {"children": [], "align": "left"}, "none, crop, pad, interpolate"),
        (cw.layers.Branches, {"children": [], "name": "a"}, "none of its fields"),
        (cw.layers.Keep, {}, "name is missing"),
        (cw.layers.Keep, {"name": ""}, "a name that torch modules cannot have"),
        (cw.layers.Keep, {"name": "a.b"}, "a name that torch modules cannot have"),
        (cw.layers.Keep, {"name": 1}, "must be a name"),
        (cw.layers.Merge, {"name": "\n"}, "cannot be printed"),
        (cw.layers.Merge, {"name": "a", "how": "concatenate"}, "did you mean 'concat'"),
        (cw.layers.Aux, {"name": "a", "children": [], "weight": -1.0}, "must be at least 0"),
        (cw.layers.Aux, {"name": "a", "children": [], "weight": math.inf}, "weight is inf"),
        (cw.layers.Aux, {"name": "__a", "children": []}, "a name that torch modules cannot have"),
        (cw.Network, {"input_shape": (1, 8), "children": [], "init": "zeros"}, "one of pytorch"),
        (cw.Network, {"input_shape": (), "children": []}, "tuple of whole numbers"),
    ],
)
def test_combinators_that_cannot_be(kind, fields, sentence):
    with pytest.raises(cw.DesignError, match=sentence) as refused:
        kind(**fields)
    assert "\n" not in str(refused.value)


@some
@given(networks())
def test_any_tree_is_a_value(network):
    again = eval(repr(network), {"Network": cw.Network, "layers": cw.layers})
    assert again == network
    assert hash(again) == hash(network)
    assert repr(again) == repr(network)
    assert network.replace() == network
    with pytest.raises(cw.DesignError, match="does not change"):
        network.init = "dcgan"


@some
@given(networks())
def test_any_node_can_be_replaced_where_it_stands(network):
    def at(path):
        return dict(nodes(changed))[path]

    for path, node in nodes(network.children):
        changed = with_node(network.children, path.split("."), node)
        assert changed == network.children
        changed = with_node(network.children, path.split("."), cw.layers.Flatten(start_dim=2))
        assert at(path) == cw.layers.Flatten(start_dim=2)
        # Nothing else has changed, but for what is around it.
        for other, before in nodes(network.children):
            if not f"{path}.".startswith(f"{other}.") and not other.startswith(f"{path}."):
                assert at(other) == before
        changed = with_node(network.children, path.split("."), None)
        assert path not in dict(nodes(changed))


def test_a_projection_is_replaced_and_removed():
    skip = cw.layers.Skip(
        children=[CONV], projection=cw.layers.Sequence(children={"a": CONV, "b": RELU})
    )
    assert with_inner(skip, [PROJECTION, "b"], None).projection.children == (("a", CONV),)
    assert with_inner(skip, [PROJECTION], RELU).projection == RELU
    assert with_inner(skip, [PROJECTION], None).projection == "none"


def test_an_automatic_projection_is_there_where_channels_differ():
    skip = cw.layers.Skip(children=[CONV])
    rows = cw.plan(cw.Network(input_shape=(3, 8, 8), children=[skip])).rows
    assert [row.name for row in rows] == ["0.0", "0.projection", "0"]
    assert rows[1].layer == cw.layers.Conv(out_channels=4, kernel_size=1)
    rows = cw.plan(cw.Network(input_shape=(4, 8, 8), children=[skip])).rows
    assert [row.name for row in rows] == ["0.0", "0"]


KEPT = cw.layers.Keep(name="a")


@pytest.mark.parametrize(
    ("children", "bad", "reason"),
    [
        ({"x": KEPT, "y": KEPT}, "y", "something is kept under 'a' already"),
        ({"x": cw.layers.Merge(name="a")}, "x", "nothing is kept under 'a' before it"),
        ({"x": KEPT, "y": cw.layers.Merge(name="b")}, "y", "under 'b' before it, but a"),
        ({"x": cw.layers.Aux(name="a", children=[]), "y": KEPT}, "y", "under 'a' already"),
        ({"x": KEPT, "y": cw.layers.Aux(name="a", children=[])}, "y", "under 'a' already"),
        ({"x": cw.layers.Aux(name="b", children={"k": KEPT}), "y": KEPT}, "y", "under 'a' already"),
        # A head does not run once training is over.
        (
            {"x": cw.layers.Aux(name="b", children={"k": KEPT}), "y": cw.layers.Merge(name="a")},
            "y",
            "'a' is kept inside an auxiliary head, which does not run once training is over",
        ),
        (
            {"x": cw.layers.Aux(name="a", children={"k": KEPT})},
            "x",
            "something is kept under 'a' already",
        ),
        ({"x": cw.layers.Branches(children=[])}, "x", "there are no branches to join"),
    ],
)
def test_a_keep_or_merge_that_does_not_fit_is_a_problem(children, bad, reason):
    plan = cw.plan(cw.Network(input_shape=(1, 8), children=children))
    [problem] = plan.problems
    assert problem.layer == bad == plan.rows[-1].name
    assert reason in problem.reason
    assert plan.rows[-1].kind in ("Keep", "Merge", "Aux", "Branches")


def test_a_merge_of_nothing_is_a_problem():
    network = cw.Network(input_shape=(1, 8), children=[cw.layers.Merge(name="a")])
    [problem] = cw.plan(network).problems
    assert problem.reason == "nothing is kept under 'a' before it"


def test_two_heads_of_one_name_are_refused_where_the_second_stands():
    heads = [
        cw.layers.Aux(name="a", children=[cw.layers.Conv(out_channels=n, kernel_size=1)])
        for n in (4, 5)
    ]
    plan = cw.plan(cw.Network(input_shape=(1, 8), children=heads))
    [problem] = plan.problems
    assert problem.shape == (1, 8)
    assert problem.reason == "an auxiliary output is given out under 'a' already"
    assert [row.name for row in plan.rows] == ["0.0", "1"]
    assert "1 with name='a_2'" in [mend.change for mend in problem.mends]


def test_a_head_without_layers_and_one_within_another_are_given_out():
    inner = cw.layers.Aux(name="inner", children=[cw.layers.Conv(out_channels=5, kernel_size=1)])
    outer = cw.layers.Aux(
        name="outer", children=[inner, cw.layers.Conv(out_channels=6, kernel_size=1)]
    )
    network = cw.Network(
        input_shape=(3, 8), children=[cw.layers.Aux(name="bare", children=[]), outer, RELU]
    )
    _, extras = cw.build(network).train()(torch.zeros(2, 3, 8))
    shapes = {extra.name: extra.shape for extra in cw.plan(network).extras}
    assert {name: tuple(extra.shape[1:]) for name, extra in extras.items()} == shapes
    assert shapes == {"bare": (3, 8), "inner": (5, 8), "outer": (6, 8)}


def test_a_tensor_kept_in_a_head_is_merged_in_it():
    head = cw.layers.Aux(name="b", children={"k": KEPT, "m": cw.layers.Merge(name="a")})
    plan = cw.plan(cw.Network(input_shape=(1, 8), children=[head, RELU]))
    assert not plan.problems
    assert plan.extras[0].shape == (2, 8)


def own_names(module):
    return {name for name in (*dir(module), *vars(module)) if not name.startswith("__")}


OURS = {
    "Net": Net({}, {}),
    "Sequence": modules.Sequence({}),
    "Skip": modules.Skip({}, "add"),
    "Branches": modules.Branches({}, "add"),
    "Aux": modules.Aux("a", {}),
}


@pytest.mark.parametrize("name", OURS)
def test_reserved_names_are_those_of_torch(name):
    """A child of one of these names could not be built."""
    missing = sorted(own_names(OURS[name]) - RESERVED_NAMES)
    assert not missing, f"add to cnnwidget/design/reserved_names.py: {missing}"


def test_no_name_is_reserved_without_need():
    for name in RESERVED_NAMES - OF_OTHER_TORCHES:
        assert any(hasattr(module, name) for module in OURS.values()), f"torch has no {name!r}"


# Names that some torch of our range has and the one of constraints.txt has not.
OF_OTHER_TORCHES: set[str] = set()


@pytest.mark.parametrize(
    "around",
    [
        lambda node: cw.layers.Sequence(children=[node]),
        lambda node: cw.layers.Skip(children=[node]),
        lambda node: cw.layers.Branches(children=[node]),
        lambda node: cw.layers.Skip(children=[], projection=node),
    ],
    ids=["sequence", "skip", "branches", "projection"],
)
def test_combinators_nest_only_so_deep(around):
    nested = RELU
    for _ in range(DEEPEST):
        nested = around(nested)
    with pytest.raises(cw.DesignError, match="more than 50 sequences within each other"):
        around(nested)
    with pytest.raises(cw.DesignError, match="more than 50 sequences within each other"):
        cw.Network(input_shape=(1, 8), children=[nested])
    inner = nested.children[0][1] if nested.children else nested.projection
    network = cw.Network(input_shape=(1, 8), children=[inner])
    assert not cw.plan(network).problems
    cw.build(network)
    cw.source(network)
