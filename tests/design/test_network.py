"""Trees of named layers."""

import pytest
from torch import nn

import cnnwidget as cw
from cnnwidget.design.network import leaves
from cnnwidget.design.taken import TAKEN
from cnnwidget.model.build import Net

RELU = cw.Activation(name="relu")


def test_children_come_as_pairs_a_dict_or_a_list():
    pairs = cw.Sequence(children=(("a", RELU), ("b", RELU)))
    assert cw.Sequence(children={"a": RELU, "b": RELU}) == pairs
    assert [name for name, _ in cw.Sequence(children=[RELU, RELU]).children] == ["0", "1"]


def test_leaves_have_dotted_names_and_inherit_their_part():
    network = cw.Network(
        input_shape=(1, 8),
        children={
            "down": cw.Sequence(
                children={
                    "a": RELU,
                    "deep": cw.Sequence(children=[RELU], part="bottleneck"),
                    "more": cw.Sequence(children=[RELU]),
                },
                part="encoder",
            ),
            "last": RELU,
        },
    )
    assert [(leaf.name, leaf.part) for leaf in leaves(network)] == [
        ("down.a", "encoder"),
        ("down.deep.0", "bottleneck"),
        ("down.more.0", "encoder"),
        ("last", ""),
    ]


@pytest.mark.parametrize(
    ("children", "sentence"),
    [
        ({"": RELU}, "a name that torch modules cannot have"),
        ({"a.b": RELU}, "a name that torch modules cannot have"),
        ({"forward": RELU}, "a name that torch modules cannot have"),
        ({"train": RELU}, "a name that torch modules cannot have"),
        ((("a", RELU), ("a", RELU)), "two children named 'a'"),
        ({"a": nn.ReLU()}, "which is no layer"),
        ({"a": "relu"}, "which is no layer"),
        (((1, RELU),), "must be layers in order"),
        (RELU, "must be layers in order"),
        (5, "must be layers in order"),
        ({"a\nb": RELU}, "which cannot be printed"),
        ({"\ud800": RELU}, "which cannot be printed"),
        ({"\x00": RELU}, "which cannot be printed"),
        ({"a": "x" * 1000}, r"holds 'x+\.\.\. under"),
    ],
)
def test_children_that_cannot_be(children, sentence):
    with pytest.raises(cw.DesignError, match=sentence):
        cw.Network(input_shape=(1, 8), children=children)


def test_taken_names_are_those_that_torch_has_itself():
    """A child of one of these names could not be built."""
    net = Net({}, {})
    own = {name for name in (*dir(net), *vars(net)) if not name.startswith("__")}
    assert own <= TAKEN, f"add to cnnwidget/design/taken.py: {sorted(own - TAKEN)}"


def test_no_name_is_taken_without_need():
    for name in TAKEN - OF_OTHER_TORCHES:
        assert hasattr(Net({}, {}), name), f"torch has no {name!r}"


# Names that some torch of our range has and the one of constraints.txt has not.
OF_OTHER_TORCHES: set[str] = set()


def test_sequences_nest_only_so_deep():
    nested = RELU
    for _ in range(50):
        nested = cw.Sequence(children=[nested])
    with pytest.raises(cw.DesignError, match="more than 50 sequences within each other"):
        cw.Sequence(children=[nested])
    network = cw.Network(input_shape=(1, 8), children=nested.children)
    assert len(cw.plan(network).rows) == 1
    cw.build(network)
    cw.source(network)
