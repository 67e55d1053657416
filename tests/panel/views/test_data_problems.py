"""The obstacles to a fit, and the buttons that mend them."""

import numpy as np

import cnnwidget as cw
from cnnwidget.design.presets.presets import presets
from tests.panel.panels import DEFAULT, press


def test_the_usual_net_as_a_mend_goes_back_to_the_usual_size():
    panel = cw.Designer()
    panel.presets.choice.value = "denoiser"
    assert panel.wait()
    panel.design = presets["resnet18"]
    assert panel.wait()
    assert panel.frames.size == (128,)
    problem = panel.stage.problems_view["problems"][0]
    assert [each["label"] for each in problem["mends"]] == ["use the usual net for these data"]
    press(panel, "mend", id=problem["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design == DEFAULT
    assert panel.frames.size == (64, 64)
    panel.close()


def test_an_unpadded_net_is_fitted_with_padding():
    panel = cw.Designer()
    panel.presets.choice.value = "unet"
    assert panel.wait()
    problem = panel.stage.problems_view["problems"][0]
    labels = {each["label"]: each["id"] for each in problem["mends"]}
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


def test_a_preset_is_fitted_to_the_data_with_the_lengths_that_were_wanted(designer):
    designer.data.history.value = 7
    designer.presets.choice.value = "unet_same"
    designer.controls.widgets["start_channels"][0].value = 4
    assert designer.wait()
    problem = designer.stage.problems_view["problems"][0]
    press(designer, "mend", id=problem["mends"][0]["id"], key=designer.stage.plan_view["key"])
    assert designer.design == presets["unet_same"].replace(
        input_size=(16, 16), in_channels=7, out_channels=5, start_channels=4
    )
    assert designer.presets.choice.value == ""
    assert designer.stage.fit_view["blocked"] == ""


def test_a_mend_of_a_design_that_is_no_more_does_nothing(designer):
    designer.design = designer.design.replace(padding="valid", kernel_size=5, depth=4)
    assert designer.wait()
    key = designer.stage.problems_view["key"]
    mend = designer.stage.problems_view["problems"][0]["mends"][0]["id"]
    designer.design = later = designer.design.replace(start_channels=7)
    designer.intents.mend(mend, key)  # while nothing of the later one is on the page
    assert designer.design == later


def test_a_problem_is_shown_and_its_mends_are_a_click_away(designer):
    designer.design = designer.design.replace(padding="valid", kernel_size=5, depth=4)
    assert designer.wait()
    [found] = designer.plan.problems
    problem = designer.stage.problems_view["problems"][0]
    assert (problem["kind"], problem["where"]) == ("problem", found.layer)
    assert "problem" in designer.stage.fit_view["blocked"]
    key = designer.stage.plan_view["key"]
    for number, mend in enumerate(found.mends[:4]):
        assert problem["mends"][number]["label"] == mend.change
    press(designer, "mend", id=problem["mends"][0]["id"], key="of another design")
    assert designer.plan.problems
    press(designer, "mend", id=problem["mends"][0]["id"], key=key)
    assert designer.design == found.mends[0].design


def test_data_of_another_size_is_a_note_with_a_mend():
    frames = np.random.default_rng(0).random((50, 20, 30))
    panel = cw.Designer(frames, DEFAULT)
    assert panel.wait()
    assert panel.design == DEFAULT
    assert panel.stage.fit_view["blocked"] == "The design does not fit the data."
    problem = panel.stage.problems_view["problems"][0]
    assert "10 × 64 × 64" in problem["text"]
    press(panel, "mend", id=problem["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design.input_size == (20, 30)
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


def test_a_network_that_does_not_fit_the_data_has_a_way_out():
    panel = cw.Designer(np.zeros((40, 20, 30)), DEFAULT.network())
    assert panel.wait()
    [problem] = [each for each in panel.stage.problems_view["problems"] if each["mends"]]
    assert problem["mends"][0]["label"] == "use the usual net for these data"
    press(panel, "mend", id=problem["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.design.input_size == (20, 30)
    panel.close()


def test_missing_values_are_reported_before_a_fit(designer):
    values = designer.frames.values.copy()
    values[7, 0, 3, 3] = np.nan
    designer.frames = values[:, 0]
    assert designer.wait()
    assert designer.stage.data_view["missing"] == 1
    assert designer.stage.fit_view["blocked"] == "Values are missing in the data."
    assert (
        "1 value (0.0065 %) is missing or infinite"
        in (designer.stage.problems_view["problems"][0]["text"])
    )
    designer.frames = np.nan_to_num(values[:, 0])
    assert designer.wait()
    assert designer.stage.fit_view["blocked"] == ""
