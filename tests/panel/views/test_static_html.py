"""A panel as plain HTML, where there is no kernel."""

import numpy as np

import cnnwidget as cw
from tests.panel.panels import press, short_training


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
