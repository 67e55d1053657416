"""Presets in the panel: they are shown, named, left, and come back from."""

from html import escape

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.design.presets.presets import presets
from tests.panel.panels import DEFAULT, is_shown, messages, press


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
    problem = panel.stage.problems_view["problems"][0]
    labels = {each["label"]: each["id"] for each in problem["mends"]}
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
        problem = designer.stage.problems_view["problems"][0]
        assert problem["kind"] == "purpose"
        assert "To look at, not to fit" in problem["text"]
        assert not is_shown(designer.controls.box)
        assert f"as cw.presets['{name}']." in designer.controls.origin.value
        assert designer.stage.fit_view["blocked"]
        press(designer, "mend", id=problem["mends"][0]["id"], key=view["key"])
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


def test_a_classifier_leaves_history_and_horizon_as_they_were(designer):
    designer.data.history.value = 7
    designer.presets.choice.value = "resnet18"
    assert (designer.data.history.value, designer.data.horizon.value) == (7, 5)
    assert designer.data.history.disabled
    with pytest.raises(cw.DesignError, match="To look at, not to fit"):
        designer.fit()
