"""The panel as a whole, without a browser: what opens it, what closes it, what it refuses."""

import subprocess
import sys
import threading

import ipywidgets
import numpy as np
import pytest

import cnnwidget as cw
from tests.panel.panels import DEFAULT, short_training, until


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


@pytest.mark.parametrize(("trait", "value"), [("frames", None), ("design", None), ("design", 3)])
def test_what_is_none_of_it_is_refused_in_a_sentence(designer, trait, value):
    before = getattr(designer, trait)
    with pytest.raises(cw.CnnwidgetError):
        setattr(designer, trait, value)
    assert getattr(designer, trait) is before


def test_a_sample_follows_the_design_before_a_fit():
    panel = cw.Designer()
    short_training(panel, 1)
    panel.design = panel.design.replace(input_size=(24, 20))
    panel.fit()
    assert panel.wait()
    assert panel.run.design.input_size == (24, 20)
    panel.close()


def test_a_closed_panel_says_so():
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    assert panel.wait()
    panel.close()
    assert repr(panel).endswith(", closed")
    with pytest.raises(cw.CnnwidgetError, match="closed"):
        panel.fit()


def test_closing_leaves_no_thread_and_no_widget_behind():
    before = len(ipywidgets.widgets.widget._instances), threading.active_count()
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    short_training(panel, 400)
    panel.fit()
    until(lambda: panel.stage.fit_view.get("curve", {}).get("epoch", [0])[-1:] > [0])
    panel.close()
    assert panel.wait()
    until(lambda: threading.active_count() <= before[1])
    assert len(ipywidgets.widgets.widget._instances) == before[0]


def test_observers_of_design_and_frames_are_called_once_for_a_change(designer):
    seen = []
    for name in ("design", "frames"):
        designer.observe(lambda change: seen.append((change["name"], change["new"])), name)
    designer.controls.widgets["depth"][0].value = 2
    assert seen == [("design", designer.design)]
    seen.clear()
    designer.frames = np.random.default_rng(0).random((60, 24, 20))
    assert seen == [("design", designer.design), ("frames", designer.frames)]
    seen.clear()
    designer.design, designer.frames = designer.design.replace(), designer.frames
    assert seen == []


def test_an_observer_may_change_the_panel_again(designer):
    def keep_it_small(change):
        if change["new"].depth > 2:
            designer.design = change["new"].replace(depth=2)

    designer.observe(keep_it_small, "design")
    designer.controls.widgets["depth"][0].value = 5
    assert designer.design.depth == 2
    assert designer.controls.widgets["depth"][0].value == 2
    assert designer.wait()
    assert designer.stage.plan_view["key"] == designer.state.key


def test_every_view_of_an_earlier_state_comes_back_with_it(designer):
    before, views = designer.state, dict(designer.stage.problems_view)
    designer.controls.widgets["depth"][0].value = 2
    designer.frames = np.random.default_rng(0).random((60, 24, 20))
    designer.presets.choice.value = "resnet18"
    assert designer.wait()
    designer.change(lambda _: before)
    assert designer.wait()
    assert designer.state is before
    assert designer.controls.widgets["depth"][0].value == before.design.depth
    assert designer.data.source.value == before.data.source
    assert designer.presets.choice.value == "usual"
    assert designer.stage.problems_view == views
