"""The panel without a browser: set a control, read the design; press, and read the views."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import ipywidgets
import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel import notebook_cell
from cnnwidget.panel.state.state import key_of

DEFAULT = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)


@pytest.fixture
def designer():
    """A panel on small frames, with everything drawn."""
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    assert panel.wait()
    yield panel
    panel.close()
    panel.wait()


def press(panel, op, **more):
    """What the page sends when a button is pressed."""
    ops = panel.stage.intent.get("ops", [])
    panel.stage.set_state(
        {"intent": {"page": "a", "ops": [*ops, {"seq": len(ops) + 1, "op": op, **more}]}}
    )
    assert panel.wait()


def messages(panel):
    return [each["text"] for each in panel.stage.messages_view.get("messages", [])]


def until(condition, seconds=60):
    """Wait for something that a thread brings about."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def short_training(panel, epochs=2):
    panel.settings.unit.value = "epochs"
    panel.settings.amount.value = epochs


def test_it_opens_on_sample_data_and_without_torch_or_pyplot():
    code = (
        "import sys, cnnwidget as cw\n"
        "panel = cw.Designer()\n"
        "assert panel.wait()\n"
        "panel.controls.widgets['depth'][0].value = 4\n"
        "assert panel.wait() and panel.stage.plan_view['rows']\n"
        "panel._repr_mimebundle_()\n"
        "print(repr(panel.design))\n"
        "print(sorted({'torch', 'torchinfo', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [repr(DEFAULT.replace(depth=4)), "[]"]


@pytest.mark.parametrize(
    ("field", "position", "value", "expected"),
    [
        ("depth", 0, 2, 2),
        ("start_channels", 0, 8, 8),
        ("channels", 0, "linear", "linear"),
        ("kernel_size", 0, 5, (5, 5)),
        ("stride", 0, 1, (1, 1)),
        ("dilation", 0, 2, (2, 2)),
        ("padding", 0, "valid", "valid"),
        ("padding", 0, "1, 2", (1, 2)),
        ("norm", 0, "instance", "instance"),
        ("activation", 0, "gelu", "gelu"),
        ("input_size", 1, 24, (16, 24)),
        ("decoder_depth", 0, "2", 2),
        ("decoder_kernel_size", 0, "3", (3, 3)),
        ("latent_shape", 0, "64", (64,)),
        ("final_norm", 0, True, True),
        ("downsampling", 0, "max_pool", "max_pool"),
        ("upsampling", 0, "pixel_shuffle", "pixel_shuffle"),
        ("skips", 0, "add", "add"),
        ("skip_align", 0, "crop", "crop"),
        ("block", 0, "residual", "residual"),
        ("convolution", 0, "separable", "separable"),
        ("attention", 0, "squeeze_excitation", "squeeze_excitation"),
        ("bottleneck", 0, True, True),
        ("init", 0, "kaiming_normal", "kaiming_normal"),
        (
            "overrides",
            0,
            "{'encoder.stage2.conv': {'kernel_size': 5}}",
            {"encoder.stage2.conv": {"kernel_size": 5}},
        ),
    ],
)
def test_a_control_changes_its_field_and_nothing_else(designer, field, position, value, expected):
    before = designer.design
    designer.controls.widgets[field][position].value = value
    assert designer.design == before.replace(**{field: expected})
    assert designer.wait()
    assert designer.stage.plan_view["key"] == key_of(designer.plan, designer.frames)
    assert messages(designer) == []


def test_every_field_of_the_design_has_a_control(designer):
    # Channels in and out are history and horizon.
    fields = set(cw.EncoderDecoder.model_fields) - {"in_channels", "out_channels"}
    assert set(designer.controls.widgets) == fields


@pytest.mark.parametrize(
    "design",
    [
        DEFAULT.replace(depth=5, kernel_size=(3, 31), stride=(1, 2), dilation=9),
        DEFAULT.replace(depth=2, channels=(7, 9), decoder_channels=(11,), padding=(1, 0)),
        DEFAULT.replace(latent_shape=(8, 2), latent_activation="tanh", input_size=(500, 7)),
        DEFAULT.replace(input_size=(40,)),
        DEFAULT.replace(input_size=(8, 9, 10), depth=1),
        cw.forecaster_base((32, 32), in_time_points=6, out_time_points=3, n_layers=2),
    ],
)
def test_a_design_given_in_code_moves_every_control(designer, design):
    designer.design = design
    assert designer.design == design
    assert designer.wait()
    # Reading all controls back gives the same design: what is shown is what it says.
    axes = len(design.input_size)
    for control in designer.controls.widgets:
        shown = [each for each in designer.controls.widgets[control] if is_shown(each)]
        value = getattr(design, control)
        if control == "input_size":
            assert tuple(each.value for each in shown) == value
        elif control in {"kernel_size", "stride", "dilation"}:
            several = len(shown) == axes and axes > 1
            assert tuple(each.value for each in shown) == (value if several else value[:1])
            assert several or len(set(value)) == 1
    assert designer.controls.widgets["depth"][0].value == design.depth
    assert designer.stage.plan_view["title"].startswith("EncoderDecoder")


def is_shown(widget):
    return widget.layout.display != "none"


def test_channels_by_hand_follow_the_depth(designer):
    designer.design = designer.design.replace(channels=(4, 8, 12))
    designer.controls.widgets["depth"][0].value = 5
    assert designer.design.channels == (4, 8, 12, 12, 12)
    designer.controls.widgets["depth"][0].value = 2
    assert designer.design.channels == (4, 8)
    designer.controls.by_hand.value = "5, 6"
    assert designer.design.channels == (5, 6)
    designer.controls.widgets["channels"][0].value = "linear"
    assert designer.design.channels == "linear"


def test_channels_by_hand_follow_all_that_counts_stages(designer):
    """A number for the bottleneck, and one for the head that is not in a mirror image."""
    start = designer.design.replace(skips="none", channels=(4, 8, 12), decoder_channels=(9, 5))
    designer.design = start
    widgets = designer.controls.widgets
    widgets["bottleneck"][0].value = True
    assert designer.design.channels == (4, 8, 12, 12)
    assert designer.design.decoder_channels == (9, 5, 5)
    widgets["skips"][0].value = "concat"
    assert designer.design.decoder_channels == (9, 5, 5)
    widgets["depth"][0].value = 4
    assert designer.design.channels == (4, 8, 12, 12, 12)
    assert designer.design.decoder_channels == (9, 9, 5, 5)
    widgets["depth"][0].value = 1
    assert designer.design.channels == (4, 8)
    assert designer.design.decoder_channels == (5,)
    widgets["depth"][0].value = 3
    widgets["skips"][0].value = "none"
    widgets["bottleneck"][0].value = False
    assert designer.design == start
    widgets["decoder_depth"][0].value = "5"
    assert designer.design.decoder_channels == (9, 9, 9, 5)
    assert messages(designer) == []


def test_what_the_design_refuses_is_explained_and_the_control_goes_back(designer):
    designer.design = before = designer.design.replace(skips="concat", channels=(4, 8, 12))
    names = designer.controls.widgets["names"][0]
    names.value = "torchcnnbuilder"
    assert designer.design == before
    assert names.value == "stages"
    [message] = messages(designer)
    assert "mirror image" in message
    designer.controls.widgets["skips"][0].value = "none"
    names.value = "torchcnnbuilder"
    assert designer.design == before.replace(skips="none", names="torchcnnbuilder")
    assert messages(designer) == []


@pytest.mark.parametrize(
    "text",
    [
        "{'encoder.stage1.conv': {'kernel_size': 5}",
        "stage1",
        "3",
        "{'encoder.stage1.conv': 5}",
        "{'encoder.stage1.conv': {'kernel_size': -1}}",
        "{'encoder.stage1.conv': {'kernel': 5}}",
        "{'a': __import__('os')}",
        "[" * 500,
    ],
)
def test_overrides_that_are_none_are_one_sentence(designer, text):
    before = designer.design
    box = designer.controls.widgets["overrides"][0]
    box.value = text
    assert designer.design == before
    assert box.value == text
    [message] = messages(designer)
    assert "overrides" in message
    assert len(message) < 400


def test_overrides_are_shown_as_they_are_typed(designer):
    box = designer.controls.widgets["overrides"][0]
    designer.design = designer.design.replace(
        overrides={"encoder.stage1.conv": {"kernel_size": (5, 3)}}
    )
    assert box.value == "{'encoder.stage1.conv': {'kernel_size': (5, 3)}}"
    box.value = ""
    assert designer.design.overrides == ()


def test_a_control_that_counts_for_nothing_is_off(designer):
    widgets = designer.controls.widgets
    widgets["skips"][0].value = "none"
    assert widgets["skip_align"][0].disabled
    widgets["skips"][0].value = "add"
    assert not widgets["skip_align"][0].disabled
    assert widgets["dropout_p"][0].disabled
    widgets["norm"][0].value = "dropout"
    assert not widgets["dropout_p"][0].disabled


LATENT = {"latent_shape": (64,)}


@pytest.mark.parametrize(
    ("field", "values", "base", "counts"),
    [
        ("start_channels", (32, 16), {}, True),
        ("start_channels", (32, 16), {"channels": "power"}, False),
        ("start_channels", (32, 16), {"channels": "linear", "decoder_channels": "constant"}, True),
        ("channel_ratio", (2.0, 1.5), {}, True),
        ("channel_ratio", (2.0, 1.5), {"channels": "power"}, True),
        ("channel_ratio", (2.0, 1.5), {"channels": "linear"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": "constant"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": "proportion"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": (8, 16, 64)}, False),
        (
            "channel_ratio",
            (2.0, 1.5),
            {"channels": "linear", "decoder_channels": "exponential"},
            True,
        ),
        ("max_channels", (1024, 40), {}, True),
        ("max_channels", (1024, 3), {"channels": "power"}, True),
        ("max_channels", (1024, 3), {"channels": "linear"}, False),
        ("max_channels", (1024, 3), {"channels": "proportion"}, False),
        ("max_channels", (1024, 3), {"channels": "linear", "decoder_channels": "power"}, True),
        (
            "max_channels",
            (1024, 3),
            {"channels": "linear", "decoder_channels": "exponential"},
            False,
        ),
        ("latent_layers", (1, 2), {}, False),
        ("latent_layers", (1, 2), LATENT, True),
        ("latent_activation", ("none", "relu"), {}, False),
        ("latent_activation", ("none", "relu"), LATENT, True),
        ("final_norm", (False, True), {"norm": "none"}, False),
        ("final_norm", (False, True), {"norm": "batch"}, True),
        ("final_norm", (False, True), {"norm": "dropout"}, True),
        *(
            (field, values, {"upsampling": upsampling}, upsampling == "transpose")
            for upsampling in ("transpose", "nearest", "linear", "pixel_shuffle")
            for field, values in (
                ("output_padding", ("mirror", 1)),
                ("decoder_kernel_size", ("auto", 6)),
                ("decoder_padding", (None, 2)),
                ("decoder_dilation", (None, 2)),
            )
        ),
    ],
)
def test_a_control_is_on_where_its_field_makes_a_difference(designer, field, values, base, counts):
    designs = [DEFAULT.replace(**base, **{field: value}) for value in values]
    one, other = map(cw.plan, designs)
    assert ((one.rows, one.problems) != (other.rows, other.problems)) is counts
    designer.design = designs[0]
    assert designer.controls.widgets[field][0].disabled is not counts


def test_a_refused_text_stays_until_it_is_corrected_or_the_design_changes(designer):
    box = designer.controls.widgets["padding"][0]
    before = designer.design
    box.value = "some"
    designer.frames = designer.frames  # nothing of the design
    designer.controls.widgets["names"][0].value = "stages"
    assert box.value == "some"
    box.value = "1"
    assert (box.value, designer.design) == ("1, 1", before.replace(padding=1))
    assert messages(designer) == []
    box.value = "some"
    designer.controls.widgets["depth"][0].value = 2
    assert (box.value, messages(designer)) == ("1, 1", [])
    # Corrected to what it was.
    box.value = "some"
    box.value = "1"
    assert messages(designer) == []
    designer.controls.widgets["channels"][0].value = "by hand"
    by_hand = designer.controls.by_hand
    by_hand.value = "8, 16, 32"
    assert by_hand.value == "8, 16, 32"
    assert len(messages(designer)) == 1
    designer.controls.widgets["depth"][0].value = 3
    assert by_hand.value != "8, 16, 32"


@pytest.mark.parametrize("name", ["denoiser", "forecaster", "resnet18"])
def test_the_usual_net_goes_back_to_the_sample_at_its_usual_size(name):
    panel = cw.Designer()
    panel.presets.choice.value = name
    assert panel.wait()
    size = {"denoiser": (128,), "forecaster": (125, 125)}.get(name, (64, 64))
    assert panel.frames.size == size
    assert panel.presets.choice.value == name
    panel.presets.choice.value = "usual"
    assert panel.wait()
    assert panel.design == DEFAULT
    assert (panel.frames.size, panel.frames.steps) == ((64, 64), 120)
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


def test_a_panel_opened_on_a_preset_has_the_usual_net_at_the_usual_size():
    panel = cw.Designer(design=presets["denoiser"].replace(input_size=(96,)))
    assert panel.frames.size == (96,)
    panel.presets.choice.value = "usual"
    assert panel.wait()
    assert panel.design == DEFAULT
    panel.close()


def test_the_usual_net_as_a_mend_goes_back_to_the_usual_size():
    panel = cw.Designer()
    panel.presets.choice.value = "denoiser"
    assert panel.wait()
    panel.design = presets["resnet18"]
    assert panel.wait()
    assert panel.frames.size == (128,)
    note = panel.stage.notes_view["notes"][0]
    assert [each["label"] for each in note["mends"]] == ["use the usual net for these data"]
    press(panel, "mend", id=note["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design == DEFAULT
    assert panel.frames.size == (64, 64)
    panel.close()


def test_ones_own_frames_stay_whatever_preset_is_looked_at():
    own = np.random.default_rng(0).random((60, 24, 20))
    panel = cw.Designer(own)
    usual = panel.design
    for name in ("denoiser", "usual", "forecaster", "resnet18", "usual"):
        panel.presets.choice.value = name
        assert panel.wait()
        assert np.array_equal(panel.frames.values[:, 0], own)
    assert panel.design == usual
    panel.close()


def offered(panel):
    return [name for _, name in panel.presets.choice.options]


def test_a_design_of_ones_own_comes_back_after_a_look_at_presets():
    panel = cw.Designer()
    choice = panel.presets.choice
    assert "" not in offered(panel)
    panel.controls.widgets["depth"][0].value = 4
    panel.controls.widgets["input_size"][0].value = 80
    panel.data.history.value = 7
    assert panel.wait()
    own, frames = panel.design, panel.frames
    assert (choice.value, frames.size) == ("", (80, 64))
    for name in ("forecaster", "denoiser", "usual", "resnet18"):
        choice.value = name
        assert panel.wait()
        assert "" in offered(panel)
    note = panel.stage.notes_view["notes"][0]
    labels = {each["label"]: each["id"] for each in note["mends"]}
    assert list(labels) == ["use the usual net for these data", "back to my design"]
    press(panel, "mend", id=labels["back to my design"], key=panel.stage.plan_view["key"])
    for _ in range(2):
        assert (choice.value, panel.design) == ("", own)
        assert panel.frames is frames
        assert panel.data.history.value == 7
        assert panel.stage.fit_view["blocked"] == ""
        choice.value = "denoiser"
        assert panel.wait()
        choice.value = ""
        assert panel.wait()
    assert messages(panel) == []
    panel.close()


def test_an_own_design_comes_back_without_frames_that_are_no_more(designer):
    designer.controls.widgets["depth"][0].value = 2
    own = designer.design
    designer.presets.choice.value = "resnet18"
    designer.frames = other = cw.load(np.random.default_rng(0).random((60, 24, 20)))
    designer.presets.choice.value = ""
    assert designer.wait()
    assert designer.design == own
    assert designer.frames is other


def test_an_unpadded_net_is_fitted_with_padding():
    panel = cw.Designer()
    panel.presets.choice.value = "unet"
    assert panel.wait()
    note = panel.stage.notes_view["notes"][0]
    labels = {each["label"]: each["id"] for each in note["mends"]}
    press(
        panel,
        "mend",
        id=labels["fit to the data, with padding='same'"],
        key=panel.stage.plan_view["key"],
    )
    assert panel.design == presets["unet"].replace(
        input_size=(64, 64),
        output_size=(64, 64),
        in_channels=10,
        out_channels=5,
        padding="same",
        skip_align="none",
    )
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


@pytest.mark.parametrize("name", presets)
def test_every_preset_is_shown_and_named(designer, name):
    choice = designer.presets.choice
    choice.value = name
    assert designer.wait()
    assert designer.design == presets[name]
    assert choice.value == name
    about = presets.about(name)
    assert escape(about.teaches) in designer.presets.caption.value
    assert messages(designer) == []
    view, facts = designer.stage.plan_view, designer.stage.facts_view
    assert len(view["rows"]) == len(designer.plan.rows) == len(facts["rows"])
    assert facts["key"] == view["key"] == designer.stage.diagram_view["key"]
    ours = isinstance(designer.design, cw.EncoderDecoder)
    assert designer.controls.widgets["depth"][0].disabled != ours
    if not ours:
        note = designer.stage.notes_view["notes"][0]
        assert note["kind"] == "note"
        assert "To look at, not to fit" in note["text"]
        assert not is_shown(designer.controls.box)
        assert f"as cw.presets['{name}']." in designer.controls.without.value
        assert designer.stage.fit_view["blocked"]
        press(designer, "mend", id=note["mends"][0]["id"], key=view["key"])
        assert choice.value == "usual"
        assert designer.stage.fit_view["blocked"] == ""
        assert not designer.controls.widgets["depth"][0].disabled


def test_a_preset_moves_the_sliders_and_is_none_any_more_when_they_move(designer):
    choice, widgets = designer.presets.choice, designer.controls.widgets
    assert choice.value == "usual"
    choice.value = "unet_same"
    assert (widgets["depth"][0].value, widgets["skips"][0].value) == (4, "concat")
    assert widgets["downsampling"][0].value == "max_pool"
    widgets["start_channels"][0].value = 8
    assert choice.value == ""
    assert designer.presets.caption.layout.display == "none"
    widgets["start_channels"][0].value = 64
    assert choice.value == "unet_same"
    # One's own comes back as it was left.
    choice.value = ""
    assert choice.value == ""
    assert designer.design == presets["unet_same"].replace(start_channels=8)
    designer.design = presets["resnet18"]
    assert choice.value == "resnet18"


def test_a_preset_is_fitted_to_the_data_with_the_lengths_that_were_wanted(designer):
    designer.data.history.value = 7
    designer.presets.choice.value = "unet_same"
    designer.controls.widgets["start_channels"][0].value = 4
    assert designer.wait()
    note = designer.stage.notes_view["notes"][0]
    press(designer, "mend", id=note["mends"][0]["id"], key=designer.stage.plan_view["key"])
    assert designer.design == presets["unet_same"].replace(
        input_size=(16, 16), in_channels=7, out_channels=5, start_channels=4
    )
    assert designer.presets.choice.value == ""
    assert designer.stage.fit_view["blocked"] == ""


def test_a_mend_of_a_design_that_is_no_more_does_nothing(designer):
    designer.design = designer.design.replace(padding="valid", kernel_size=5, depth=4)
    assert designer.wait()
    key = designer.stage.notes_view["key"]
    mend = designer.stage.notes_view["notes"][0]["mends"][0]["id"]
    designer.design = later = designer.design.replace(start_channels=7)
    designer.intents.mend(mend, key)  # while nothing of the later one is on the page
    assert designer.design == later


def test_a_classifier_leaves_history_and_horizon_as_they_were(designer):
    designer.data.history.value = 7
    designer.presets.choice.value = "resnet18"
    assert (designer.data.history.value, designer.data.horizon.value) == (7, 5)
    assert designer.data.history.disabled
    with pytest.raises(cw.DesignError, match="To look at, not to fit"):
        designer.fit()


def test_the_facts_of_a_row_are_those_of_its_layer(designer):
    layers = {
        "conv": cw.Conv(out_channels=4, kernel_size=3, stride=2),
        "block": cw.Skip(children={"conv": cw.Conv(out_channels=4, kernel_size=3, padding=1)}),
        "head": cw.Aux(name="head", children={"conv": cw.Conv(out_channels=1, kernel_size=1)}),
        "end": cw.Conv(out_channels=1, kernel_size=1),
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
            "fits": cw.Activation(name="relu"),
            "wide": cw.Conv(out_channels=1, kernel_size=9),
        },
    )
    assert designer.wait()
    facts = designer.stage.facts_view["rows"]["row1"]
    assert facts["sees"] == ""
    assert dict(facts["facts"])["shape"] == "1 × 4 × 4 → ✗"


def test_memory_to_train_follows_the_batch(designer):
    def figure():
        assert designer.wait()
        [told] = [f for f in designer.stage.plan_view["totals"] if f["label"] == "memory to train"]
        return told

    designer.settings.batch_size.value = 1
    one = figure()
    assert "one sample and adam" in one["hint"]
    designer.settings.batch_size.value = 256
    many = figure()
    assert "batches of 256" in many["hint"]
    assert many["value"] != one["value"]


@pytest.mark.parametrize(
    ("field", "text"),
    [("padding", "some"), ("padding", "-1"), ("padding", "1,2,3"), ("latent_shape", "__import__")],
)
def test_what_is_no_value_is_a_sentence_and_nothing_is_lost(designer, field, text):
    before = designer.design
    designer.controls.widgets[field][0].value = text
    assert designer.design == before
    assert len(messages(designer)) == 1
    assert field in messages(designer)[0]
    designer.controls.widgets["depth"][0].value = 2
    assert messages(designer) == []


def test_a_problem_is_shown_and_its_mends_are_a_click_away(designer):
    designer.design = designer.design.replace(padding="valid", kernel_size=5, depth=4)
    assert designer.wait()
    [problem] = designer.plan.problems
    note = designer.stage.notes_view["notes"][0]
    assert (note["kind"], note["where"]) == ("problem", problem.layer)
    assert "problem" in designer.stage.fit_view["blocked"]
    key = designer.stage.plan_view["key"]
    for number, mend in enumerate(problem.mends[:4]):
        assert note["mends"][number]["label"] == mend.change
    press(designer, "mend", id=note["mends"][0]["id"], key="of another design")
    assert designer.plan.problems
    press(designer, "mend", id=note["mends"][0]["id"], key=key)
    assert designer.design == problem.mends[0].design


def test_history_and_horizon_are_the_channels():
    frames = np.random.default_rng(0).random((50, 2, 12, 12)).astype("float32")
    panel = cw.Designer(frames)
    assert panel.design.in_channels == 20
    panel.data.history.value = 3
    panel.data.horizon.value = 4
    assert (panel.design.in_channels, panel.design.out_channels) == (6, 8)
    panel.design = panel.design.replace(in_channels=14)
    assert panel.data.history.value == 7
    panel.design = panel.design.replace(in_channels=15)
    assert panel.wait()
    assert panel.stage.fit_view["blocked"] == "The design does not fit the data."
    note = panel.stage.notes_view["notes"][0]
    assert "15 × 12 × 12" in note["text"]
    press(panel, "mend", id=note["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


def test_data_of_another_size_is_a_note_with_a_mend():
    frames = np.random.default_rng(0).random((50, 20, 30))
    panel = cw.Designer(frames, DEFAULT)
    assert panel.wait()
    assert panel.design == DEFAULT
    assert panel.stage.fit_view["blocked"] == "The design does not fit the data."
    note = panel.stage.notes_view["notes"][0]
    assert "10 × 64 × 64" in note["text"]
    press(panel, "mend", id=note["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design.input_size == (20, 30)
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


@pytest.mark.parametrize(
    ("frames", "design", "words"),
    [
        (np.zeros(5), None, "say how many make a frame"),
        ("nowhere.npy", None, "nowhere.npy"),
        (None, "a design", "is no design"),
        (np.zeros((9, 4, 4), complex), None, "complex"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(frames, design, words):
    with pytest.raises(cw.CnnwidgetError, match=words):
        cw.Designer(frames, design)


def test_a_network_by_hand_is_shown_without_sliders():
    network = DEFAULT.network()
    panel = cw.Designer(design=network)
    assert panel.wait()
    assert panel.stage.plan_view["title"].startswith("Network")
    assert panel.controls.widgets["depth"][0].disabled
    assert not is_shown(panel.controls.box)
    assert panel.controls.without.value == (
        "This network has no sliders; it is made in code, as a cw.Network."
    )
    panel.design = DEFAULT
    assert is_shown(panel.controls.box)
    assert not is_shown(panel.controls.without)
    assert not panel.controls.widgets["depth"][0].disabled
    panel.close()


def test_the_fit_has_the_curve_of_plain_code(designer):
    short_training(designer, 3)
    press(designer, "fit")
    view = designer.stage.fit_view
    assert view["state"] == "finished"
    again = cw.fit(designer.design, designer.frames, epochs=3, progress=False)
    assert view["curve"]["train"] == [each.train for each in again.history]
    assert view["curve"]["valid"] == [each.validation for each in again.history]
    assert view["verdict"] == again.skill.sentence
    assert view["live"] == []
    assert designer.run.history[-1].train == again.history[-1].train
    for name, value in again.baselines:
        assert {"name": name, "value": value} in view["baselines"]


def test_what_is_trained_on_is_told_as_a_plan_until_it_was(designer):
    split = cw.windows(designer.frames, pre_history_len=10, forecast_len=5).split
    numbers = f"windows 0 to {split.train[-1]} ({len(split.train)})"
    assert "split" not in designer.stage.fit_view
    assert designer.stage.data_view["split"].startswith(f"To be trained on {numbers}, validated")
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["split"].startswith(f"Trained on {numbers}, validated")
    # Nothing is held out of a series that is too short.
    designer.frames = designer.frames.values[:12]
    assert designer.wait()
    assert designer.stage.data_view["split"].endswith("will be of windows that are trained on.")


def test_frames_reach_the_page_on_one_scale(designer):
    short_training(designer)
    press(designer, "fit")
    view, run = designer.stage.frames_view, designer.run
    samples, leads = len(view["samples"]), len(view["leads"])
    shape = (samples, leads, 1, *view["size"])
    truth = np.frombuffer(designer.stage.truth, np.uint8).reshape(shape)
    shown = np.frombuffer(designer.stage.prediction, np.uint8).reshape(shape)
    number = run.split.test[0]
    values = designer.frames.values[number + 10 : number + 15]
    [[low, high]] = view["ranges"]
    span = high - low
    expected = np.clip(np.rint((values - low) / span * 255), 0, 255)
    assert np.array_equal(truth[0], expected)
    beyond = np.clip(np.rint((run.forecast() - low) / span * 255), 0, 255)
    assert np.abs(shown[-1, :, 0].astype(float) - beyond).max() <= 1
    assert view["has_truth"] == [True] * (samples - 1) + [False]


def test_stop_continue_and_restart(designer):
    short_training(designer, 400)
    designer.fit()
    until(lambda: designer.stage.fit_view.get("curve", {}).get("epoch"))
    assert designer.run.history  # there is a run while it trains
    press(designer, "stop")
    press(designer, "stop")
    view = designer.stage.fit_view
    assert (view["state"], view["can"]) == ("stopped", ["continue", "restart"])
    done = len(designer.run.history)
    assert 0 < done < 400
    assert designer.run.ending == "stopped"
    designer.fitting.go_on()
    until(lambda: len(designer.run.history) > done)
    press(designer, "stop")
    assert len(designer.run.history) > done
    # With another design it is a fit, and the old one can be brought back.
    old = designer.design
    designer.controls.widgets["depth"][0].value = 1
    assert designer.wait()
    assert designer.stage.fit_view["can"] == ["fit", "continue"]
    assert designer.stage.fit_view["key"] != designer.stage.plan_view["key"]
    press(designer, "restore")
    assert designer.design == old
    assert designer.stage.fit_view["can"] == ["continue", "restart"]


def test_a_stop_while_pytorch_is_loading_is_not_lost(designer):
    short_training(designer, 400)
    with designer.fitting._lock:  # so that loading takes as long as this does
        designer.fit()
        designer.stop()
        view = designer.stage.fit_view
        assert (view["state"], view["line"]) == ("stopping", "stopping, once PyTorch is loaded")
    assert designer.wait(60)
    assert designer.stage.fit_view["state"] == "stopped"


def test_a_stop_that_comes_while_the_training_tells_of_itself_holds_neither_up(designer):
    """The page waits for the training, which shows something before it lets the page go on."""
    ops = [{"seq": 1, "op": "stop"}]
    page = threading.Thread(
        target=designer.stage.set_state, args=({"intent": {"page": "b", "ops": ops}},), daemon=True
    )
    asked = threading.Event()
    stop = designer.fitting.stop

    def stopping():
        asked.set()
        stop()

    designer.fitting.stop = stopping
    with designer.fitting._lock:  # as the thread of a training has it while it tells
        page.start()
        assert asked.wait(60)
        shown = designer.stage._lock.acquire(timeout=10)  # as what it shows does
        if shown:
            designer.stage._lock.release()
    assert shown
    page.join(60)
    assert not page.is_alive()


def test_a_training_that_cannot_be_says_why(designer):
    designer.settings.device.value = "cuda"
    if torch.cuda.is_available():
        designer.settings.device.value = "mps"
    press(designer, "fit")
    assert designer.stage.fit_view["state"] == "idle"
    assert "is not to be had on this machine" in messages(designer)[0]
    designer.settings.device.value = "cpu"
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["state"] == "finished"


def test_a_fit_that_cannot_begin_leaves_the_last_one_as_it_is(designer):
    short_training(designer)
    press(designer, "fit")
    before, run = dict(designer.stage.fit_view), designer.run
    designer.controls.widgets["depth"][0].value = 2
    designer.settings.device.value = "mps" if torch.cuda.is_available() else "cuda"
    press(designer, "fit")
    after = designer.stage.fit_view
    for name in ("state", "key", "design", "curve", "verdict"):
        assert after[name] == before[name]
    assert after["can"] == ["fit", "continue"]
    assert designer.run is run
    assert designer.stage.frames_view["samples"]


def test_missing_values_are_told_before_a_fit(designer):
    values = designer.frames.values.copy()
    values[7, 0, 3, 3] = np.nan
    designer.frames = values[:, 0]
    assert designer.wait()
    assert designer.stage.data_view["missing"] == 1
    assert designer.stage.fit_view["blocked"] == "Values are missing in the data."
    assert (
        "1 value (0.0065 %) is missing or infinite"
        in (designer.stage.notes_view["notes"][0]["text"])
    )
    designer.frames = np.nan_to_num(values[:, 0])
    assert designer.wait()
    assert designer.stage.fit_view["blocked"] == ""


def test_settings_that_continue_does_not_take_are_told(designer):
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["keeps"] == ""
    designer.settings.lr.value = 1e-3
    assert designer.wait()
    assert "Continue keeps" in designer.stage.fit_view["keeps"]


def test_a_stopped_first_epoch_shows_frames(designer):
    short_training(designer, 400)
    designer.fit()
    designer.stop()
    assert designer.wait(60)
    assert designer.stage.frames_view["samples"]
    assert designer.stage.fit_view["line"] == "Stopped within epoch 1: no curve yet."
    assert len(designer.stage.prediction) == len(designer.stage.truth) > 0


def test_frames_given_in_code_are_never_replaced(designer):
    own = np.random.default_rng(0).random((60, 24, 24))
    designer.frames = own
    assert designer.data.source.value == "given in code"
    designer.controls.widgets["input_size"][0].value = 25
    assert designer.wait()
    assert np.array_equal(designer.frames.values[:, 0], own)
    assert "25 × 24" in designer.stage.notes_view["notes"][0]["text"]
    designer.data.source.value = "drifting blobs"
    assert designer.wait()
    assert designer.frames.name == "drifting blobs"
    designer.data.source.value = "given in code"
    assert np.array_equal(designer.frames.values[:, 0], own)


def test_frames_of_other_data_are_another_fit(designer):
    short_training(designer)
    press(designer, "fit")
    old = designer.frames
    designer.frames = np.random.default_rng(0).random((60, 16, 16))
    assert designer.wait()
    assert designer.stage.fit_view["can"] == ["fit", "continue"]
    assert designer.stage.fit_view["design"].endswith(f" on {old.name}")
    press(designer, "restore")
    assert np.array_equal(designer.frames.values, old.values)
    assert designer.stage.fit_view["can"] == ["continue", "restart"]


def test_history_and_horizon_come_back_with_longer_data(designer):
    designer.frames = np.random.default_rng(0).random((16, 8, 8))
    assert (designer.data.history.value, designer.data.horizon.value) == (6, 4)
    designer.frames = np.random.default_rng(0).random((60, 3, 8, 8))
    assert (designer.data.history.value, designer.data.horizon.value) == (10, 5)
    assert designer.design.in_channels == 30


def test_a_sample_follows_the_design_before_a_fit():
    panel = cw.Designer()
    short_training(panel, 1)
    panel.design = panel.design.replace(input_size=(24, 20))
    panel.fit()
    assert panel.wait()
    assert panel.run.design.input_size == (24, 20)
    panel.close()


def test_channels_by_hand_begin_with_those_of_the_law(designer):
    designer.controls.widgets["channels"][0].value = "by hand"
    assert designer.design.channels == (28, 56, 112)
    assert is_shown(designer.controls.by_hand)
    designer.controls.by_hand.value = "8, 16, 24"
    for depth in (5, 1, 3):
        designer.controls.widgets["depth"][0].value = depth
    assert designer.design.channels == (8, 16, 24)


def upload(panel, path):
    content = path.read_bytes()
    panel.data.upload.value = (
        {
            "name": path.name,
            "type": "",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime.now(tz=UTC),
        },
    )


def test_uploads_of_several_arrays_with_axes_and_twice(designer, tmp_path):
    wide, tall = np.zeros((30, 4, 8), "float32"), np.ones((2, 30, 9), "float32")
    np.savez(tmp_path / "two.npz", wide=wide, tall=tall)
    designer.data.source.value = "an upload"
    upload(designer, tmp_path / "two.npz")
    assert designer.frames.size == (4, 8)
    assert designer.data.upload.value == ()
    assert is_shown(designer.data.member)
    designer.data.member.value = "tall"
    designer.data.axes.value = "C T L"
    assert (designer.frames.channels, designer.frames.size) == (2, (9,))
    # Axes that do not fit the next file are forgotten; a file may come twice.
    np.save(tmp_path / "one.npy", np.zeros((30, 12)))
    for _ in range(2):
        upload(designer, tmp_path / "one.npy")
        assert designer.frames.size == (12,)
    assert designer.data.axes.value == ""
    assert not is_shown(designer.data.member)
    designer.data.source.value = "circling shape"
    designer.data.source.value = "an upload"
    assert designer.frames.name == "one.npy"


def test_a_path_is_read_again_when_asked(designer, tmp_path):
    np.save(tmp_path / "now.npy", np.zeros((30, 4, 8)))
    designer.data.source.value = "a file by its path"
    designer.data.path.value = str(tmp_path / "now.npy")
    assert designer.frames.size == (4, 8)
    np.save(tmp_path / "now.npy", np.zeros((30, 6, 8)))
    designer.data.again.click()
    assert designer.frames.size == (6, 8)


def test_a_network_that_does_not_fit_the_data_has_a_way_out():
    panel = cw.Designer(np.zeros((40, 20, 30)), DEFAULT.network())
    assert panel.wait()
    [note] = [each for each in panel.stage.notes_view["notes"] if each["mends"]]
    assert note["mends"][0]["label"] == "use the usual net for these data"
    press(panel, "mend", id=note["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design.input_size == (20, 30)
    panel.close()


@pytest.mark.parametrize(("trait", "value"), [("frames", None), ("design", None), ("design", 3)])
def test_what_is_none_of_it_is_refused_in_a_sentence(designer, trait, value):
    before = getattr(designer, trait)
    with pytest.raises(cw.CnnwidgetError):
        setattr(designer, trait, value)
    assert getattr(designer, trait) is before


def test_a_closed_panel_says_so():
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    assert panel.wait()
    panel.close()
    assert repr(panel).endswith(", closed")
    with pytest.raises(cw.CnnwidgetError, match="closed"):
        panel.fit()


def test_a_run_is_saved_with_its_forecast_and_its_source(designer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short_training(designer)
    press(designer, "fit")
    press(designer, "save")
    press(designer, "save")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cnnwidget-run-1",
        "cnnwidget-run-2",
    ]
    run = cw.load_run("cnnwidget-run-1")
    told = np.load(tmp_path / "cnnwidget-run-1" / "forecast.npy")
    assert np.array_equal(told, designer.run.forecast())
    assert np.array_equal(told, run.forecast())
    text = (tmp_path / "cnnwidget-run-1" / "network.py").read_text(encoding="utf-8")
    assert text == designer.source


def test_a_forecast_of_dated_frames_is_saved_with_the_dates_that_follow(
    designer, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    days = np.arange("2020-01-01", "2020-05-01", dtype="datetime64[D]")
    frames = cw.sample("circling shape", size=(16, 16), steps=len(days))
    designer.frames = replace(frames, name="dated", labels=Labels(times=days))
    short_training(designer)
    press(designer, "fit")
    press(designer, "save")
    told = cw.load(tmp_path / "cnnwidget-run-1" / "forecast.nc")
    assert str(told.labels.times[0])[:10] == "2020-05-01"
    assert np.array_equal(told.values[:, 0], designer.run.forecast())


def test_a_failing_callback_is_shown_and_can_be_dismissed(designer):
    designer.data.on_lengths = lambda *_: 1 / 0
    designer.data.history.value = 4
    [message] = designer.stage.messages_view["messages"]
    assert message["text"] == "ZeroDivisionError: division by zero"
    press(designer, "dismiss", id=message["id"])
    assert messages(designer) == []


def test_an_operation_is_heard_once_however_often_the_page_repeats_it(designer):
    heard = []
    designer.stage._on_op = lambda op: heard.append(op["seq"])
    ops = [{"seq": number, "op": "nothing"} for number in (1, 2, 3)]
    designer.stage.set_state({"intent": {"page": "b", "ops": ops[:1]}})
    designer.stage.set_state({"intent": {"page": "b", "ops": ops}})
    designer.stage.set_state({"intent": {"page": "c", "ops": ops[:1]}})
    designer.stage.set_state({"intent": {"page": 3, "ops": None}})
    assert heard == [1, 2, 3, 1]


def test_the_page_writes_nothing_but_its_wishes(designer):
    before = dict(designer.stage.plan_view)
    designer.stage.set_state({"plan_view": {}, "truth": b"", "fit_view": {"state": "finished"}})
    assert designer.stage.plan_view == before
    assert designer.stage.fit_view["state"] == "idle"


def test_what_a_notebook_keeps_shows_table_diagram_and_verdict(designer):
    short_training(designer)
    press(designer, "fit")
    bundle = designer._repr_mimebundle_()
    page = bundle["text/html"]
    assert page.count("<img") == 2
    assert designer.plan.rows[0].name in page
    assert "<script" not in page
    assert bundle["text/plain"] == f"Designer({designer.design!r})"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_names_of_users_reach_no_markup(designer):
    hostile = "<img src=x onerror=alert(1)>"
    frames = cw.load(np.random.default_rng(0).random((40, 16, 16)), name=hostile)
    designer.frames = frames
    assert designer.wait()
    assert designer.stage.data_view["name"] == hostile  # as text; the page sets it as text
    assert hostile not in designer._repr_mimebundle_()["text/html"]


def test_closing_leaves_no_thread_and_no_widget_behind():
    before = len(ipywidgets.widgets.widget._instances), threading.active_count()
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    short_training(panel, 400)
    panel.fit()
    until(lambda: panel.stage.fit_view.get("curve", {}).get("epoch"))
    panel.close()
    assert panel.wait()
    until(lambda: threading.active_count() <= before[1])
    assert len(ipywidgets.widgets.widget._instances) == before[0]


def test_a_cell_that_is_run_again_replaces_its_panel(monkeypatch):
    monkeypatch.setattr(notebook_cell, "made", {})
    closed = []

    class Panel:
        def __init__(self, name):
            self.name = name

        def close(self):
            closed.append(self.name)

    run = iter([("cell", "1"), ("cell", "1"), ("other", "2"), ("cell", "3"), ("", "")])
    monkeypatch.setattr(notebook_cell, "running_cell", lambda: next(run))
    panels = [Panel(name) for name in "abcde"]
    for panel in panels:
        notebook_cell.replace_former(panel)
    assert sorted(closed) == ["a", "b"]


def test_without_an_id_of_the_cell_no_panel_is_taken_for_that_of_another_cell(monkeypatch):
    """Two cells with the same text are two panels on the page; their messages say no more."""
    monkeypatch.setattr(notebook_cell, "made", {})
    closed = []

    class Shell:
        number = 0

        def get_parent(self):
            self.number += 1
            content = {"code": "cw.Designer()"}
            return {"header": {"msg_id": str(self.number)}, "metadata": {}, "content": content}

    class Panel:
        def close(self):
            closed.append(self)

    shell = Shell()
    monkeypatch.setattr(notebook_cell, "get_ipython", lambda: shell)
    panels = [Panel(), Panel()]
    for panel in panels:
        notebook_cell.replace_former(panel)
    assert shell.number == 2
    assert closed == []
