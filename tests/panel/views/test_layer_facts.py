"""The facts of a layer that the panel shows."""

import cnnwidget as cw


def test_the_facts_of_a_row_are_those_of_its_layer(designer):
    layers = {
        "conv": cw.layers.Conv(out_channels=4, kernel_size=3, stride=2),
        "block": cw.layers.Skip(
            children={"conv": cw.layers.Conv(out_channels=4, kernel_size=3, padding=1)}
        ),
        "head": cw.layers.Aux(
            name="head", children={"conv": cw.layers.Conv(out_channels=1, kernel_size=1)}
        ),
        "end": cw.layers.Conv(out_channels=1, kernel_size=1),
    }
    designer.design = cw.Network(input_shape=(1, 12, 12), children=layers)
    assert designer.wait()
    rows = designer.stage.plan_view["rows"]
    told = designer.stage.facts_view["rows"]
    by_name = {row["cells"][0]: (row, dict(told[row["id"]]["facts"])) for row in rows}
    row, facts = by_name["conv"]
    assert facts["shape"] == "1 × 12 × 12 → 4 × 5 × 5"
    assert facts["size"] == "⌊(12 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 5"
    assert facts["lost"] == "rounding down leaves the last row and the last column unmet"
    assert facts["sees"].startswith("3 × 3 pixels")
    assert facts["costs"] == "900 multiply-accumulates"
    assert told[row["id"]]["sees"] == "3"
    row, facts = by_name["block"]
    assert row["cells"][1] == "Skip"
    assert row["from"] == [by_name["block.conv"][0]["id"], by_name["conv"][0]["id"]]
    assert facts["shape"] == "4 × 5 × 5 and 4 × 5 × 5 → 4 × 5 × 5"
    row, facts = by_name["head.conv"]
    assert row["aux"]
    assert row["cells"][6] == "(100)"
    assert facts["runs"] == "in training only"
    assert not by_name["end"][0]["aux"]
    assert by_name["end"][0]["cells"][6] == "100"


def test_facts_of_a_design_with_a_problem_end_where_it_does(designer):
    designer.design = cw.Network(
        input_shape=(1, 4, 4),
        children={
            "fits": cw.layers.Activation(name="relu"),
            "wide": cw.layers.Conv(out_channels=1, kernel_size=9),
        },
    )
    assert designer.wait()
    facts = designer.stage.facts_view["rows"]["row1"]
    assert facts["sees"] == ""
    assert dict(facts["facts"])["shape"] == "1 × 4 × 4 → ✗"
