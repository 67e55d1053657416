"""Trees of named layers."""

import pytest
from torch import nn

import cnnwidget as cw
from cnnwidget.design.names import TAKEN
from cnnwidget.design.network import leaves
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
        ({"": RELU}, "names that torch modules cannot have"),
        ({"a.b": RELU}, "a name that torch modules cannot have"),
        ({"forward": RELU}, "a name that torch modules cannot have"),
        ({"train": RELU}, "a name that torch modules cannot have"),
        ((("a", RELU), ("a", RELU)), "two children named 'a'"),
        ({"a": nn.ReLU()}, "which is no layer"),
        ({"a": "relu"}, "which is no layer"),
        (((1, RELU),), "must be layers in order"),
        (RELU, "must be layers in order"),
        (5, "must be layers in order"),
    ],
)
def test_children_that_cannot_be(children, sentence):
    sentence = sentence.replace("names that torch", "a name that torch")
    with pytest.raises(cw.DesignError, match=sentence):
        cw.Network(input_shape=(1, 8), children=children)


def test_taken_names_are_those_that_torch_has_itself():
    """Whatever a torch of our range has is in the list, and each name in it is refused by one."""
    net = Net({}, {})
    own = {name for name in (*dir(net), *vars(net)) if not name.startswith("__")}
    assert own <= TAKEN, f"add to cnnwidget/design/names.py: {sorted(own - TAKEN)}"
    for name in TAKEN - own:
        assert name in REMOVED_OR_NEW, f"torch has no {name!r}"


# Names that some torch of our range has and the one of constraints.txt has not.
REMOVED_OR_NEW: set[str] = set()
