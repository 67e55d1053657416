"""The data in the panel, without a browser: chosen, treated, pictured and doubted."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray
from PIL import Image

import cnnwidget as cw
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.missing import missing_share
from cnnwidget.data.preview import MOST_SHOWN
from cnnwidget.panel.views.data_scale import BINS
from cnnwidget.panel.views.data_view import data_picture
from tests.panel.panels import DEFAULT, is_shown, messages, press, short_training, upload

RANDOM = np.random.default_rng(0)


def choose_path(panel, path):
    panel.data.source.value = "a file by its path"
    panel.data.path.value = str(path)
    assert panel.wait()


def problems(panel, kind=None):
    return [each for each in panel.stage.problems_view["problems"] if kind in {None, each["kind"]}]


@pytest.fixture
def with_holes(tmp_path):
    """Sixty frames of which one in four values is missing."""
    values = RANDOM.random((60, 8, 8)).astype("float32")
    values[RANDOM.random(values.shape) < 0.25] = np.nan
    np.save(tmp_path / "holes.npy", values)
    return tmp_path / "holes.npy"


def facts(panel):
    return {each["label"]: each["value"] for each in panel.stage.data_view["facts"]}


# Missing values.


@pytest.mark.parametrize("way", ["leave out", "fill"])
def test_missing_values_are_treated_by_a_click_and_fitted(designer, with_holes, way):
    choose_path(designer, with_holes)
    assert designer.stage.fit_view["blocked"] == "Values are missing in the data."
    [problem] = problems(designer, "problem")
    assert [each["label"] for each in problem["mends"]] == ["leave them out", "fill them"]
    assert is_shown(designer.data.missing)
    press(designer, "mend", id=way, key=designer.stage.plan_view["key"])
    assert designer.data.missing.value == way
    assert designer.stage.fit_view["blocked"] == ""
    assert problems(designer, "problem") == []
    assert np.isnan(designer.frames.values).any() == (way == "leave out")
    short_training(designer, 1)
    press(designer, "fit")
    assert messages(designer) == []
    assert designer.run.metrics is not None


def test_there_is_a_way_back_from_each_treatment(designer, with_holes):
    choose_path(designer, with_holes)
    values = designer.frames.values
    for way in ("fill", "leave out", "fill", "refuse"):
        designer.data.missing.value = way
        assert designer.wait()
        assert is_shown(designer.data.missing)
    assert np.array_equal(designer.frames.values, values, equal_nan=True)
    assert designer.frames.missing == "refuse"
    assert designer.stage.fit_view["blocked"] == "Values are missing in the data."


def test_a_treatment_is_of_these_data_alone(designer, with_holes, tmp_path):
    choose_path(designer, with_holes)
    designer.data.missing.value = "leave out"
    designer.data.again.click()
    assert designer.frames.missing == "leave out"
    np.save(tmp_path / "whole.npy", RANDOM.random((60, 8, 8)))
    choose_path(designer, tmp_path / "whole.npy")
    assert (designer.frames.missing, designer.data.missing.value) == ("refuse", "refuse")
    assert not is_shown(designer.data.missing)
    # What cannot be read leaves the data and their treatment as they are.
    choose_path(designer, with_holes)
    designer.data.missing.value = "leave out"
    choose_path(designer, tmp_path / "nowhere.npy")
    assert (designer.frames.missing, designer.data.missing.value) == ("leave out", "leave out")


def test_a_treatment_given_in_code_is_shown_and_comes_back(designer, with_holes):
    designer.frames = cw.load(str(with_holes), missing="leave out")
    assert designer.wait()
    assert is_shown(designer.data.missing)
    assert designer.data.missing.value == "leave out"
    designer.data.source.value = "circling shape"
    designer.data.source.value = "given in code"
    assert designer.frames.missing == "leave out"


def test_what_cannot_be_filled_is_reported_and_the_choice_goes_back(designer):
    designer.frames = np.full((40, 8, 8), np.nan)
    assert designer.wait()
    assert facts(designer)["values"] == "none"
    assert facts(designer)["missing"] == "2,560 values (100 %)"
    designer.data.missing.value = "fill"
    assert "no number that is finite" in messages(designer)[0]
    assert designer.data.missing.value == "refuse"


def test_values_missing_where_nothing_is_forecast_are_none(designer):
    values = RANDOM.random((60, 8, 8))
    values[:, :2] = np.nan
    valid = np.ones((8, 8), bool)
    valid[:2] = False
    designer.frames = cw.load(values, valid=valid)
    assert designer.wait()
    assert designer.stage.fit_view["blocked"] == ""
    assert facts(designer)["places"] == "75 % are forecast"
    short_training(designer, 1)
    press(designer, "fit")
    assert messages(designer) == []
    values[3, 5, 5] = np.nan
    assert missing_share(cw.load(values, valid=valid)).missing == 1


def test_a_stale_button_changes_no_data(designer, with_holes):
    choose_path(designer, with_holes)
    press(designer, "mend", id="fill", key="of another design")
    assert np.isnan(designer.frames.values).any()


# Sources.


def test_a_series_without_space_asks_how_long_a_frame_is(designer, tmp_path):
    np.save(tmp_path / "hours.npy", RANDOM.random(2400))
    assert not is_shown(designer.data.frame_len)
    choose_path(designer, tmp_path / "hours.npy")
    assert "say how many make a frame" in messages(designer)[0]
    assert is_shown(designer.data.frame_len)
    designer.data.frame_len.value = "a day"
    assert "must be a whole number" in messages(designer)[-1]
    designer.data.frame_len.value = "24"
    assert designer.frames.values.shape == (100, 1, 24)
    # Of data with space it is forgotten.
    np.save(tmp_path / "space.npy", RANDOM.random((40, 8, 8)))
    choose_path(designer, tmp_path / "space.npy")
    assert designer.frames.size == (8, 8)
    assert designer.data.frame_len.value == ""
    assert not is_shown(designer.data.frame_len)


def test_one_of_several_arrays_at_a_path(designer, tmp_path):
    np.savez(tmp_path / "two.npz", wide=np.zeros((30, 4, 8)), tall=np.ones((30, 9)))
    choose_path(designer, tmp_path / "two.npz")
    assert is_shown(designer.data.member)
    assert designer.frames.size == (4, 8)
    designer.data.member.value = "tall"
    assert designer.frames.size == (9,)
    np.savez(tmp_path / "two.npz", other=np.zeros((30, 5)), tall=np.ones((30, 7)))
    designer.data.again.click()
    assert designer.frames.size == (7,)
    choose_path(designer, f"{tmp_path / 'two.npz'}::other")
    assert not is_shown(designer.data.member)
    assert designer.frames.size == (5,)
    designer.data.source.value = "circling shape"
    assert not is_shown(designer.data.member)


def test_an_upload_of_a_table_has_all_columns_or_one(designer, tmp_path):
    rows = "".join(f"2020-01-{day:02},{day},{2 * day}\n" for day in range(1, 31))
    (tmp_path / "days.csv").write_text("date,ice,snow\n" + rows, encoding="utf-8")
    designer.data.source.value = "an upload"
    upload(designer, tmp_path / "days.csv")
    assert is_shown(designer.data.member)
    assert designer.frames.values.shape == (30, 1, 2)
    # A single column has no space: how long is a frame?
    designer.data.member.value = "snow"
    assert "say how many make a frame" in messages(designer)[0]
    designer.data.frame_len.value = "3"
    assert designer.frames.values[-1].tolist() == [[56, 58, 60]]


def test_variables_of_xarray_and_lists_of_images(designer, monkeypatch):
    grids = {n: (("time", "lat", "lon"), RANDOM.random((30, 6, 8))) for n in ("ice", "snow")}
    space = {
        "ocean": xarray.Dataset(grids),
        "film": [Image.fromarray(each) for each in np.zeros((30, 9, 7), "uint8")],
        "losses": [0.1, 0.2],
        "_hidden": np.zeros((30, 9, 7)),
    }
    monkeypatch.setattr(designer.data, "shell", SimpleNamespace(user_ns=space))
    designer.data.source.value = "a variable"
    assert designer.data.variable.options == ("film", "ocean")
    designer.data.variable.value = "ocean"
    assert is_shown(designer.data.member)
    assert designer.frames.size == (6, 8)
    designer.data.member.value = "snow"
    assert np.array_equal(designer.frames.values[:, 0], grids["snow"][1])
    # The name means other data now: the array that was chosen is taken of those.
    space["ocean"] = space["ocean"] + 1
    space["new"] = np.zeros((30, 4, 4))  # made by the same cell
    designer.data.refresh_variables()
    assert designer.data.variable.options == ("film", "new", "ocean")
    assert np.array_equal(designer.frames.values[:, 0], grids["snow"][1] + 1)
    designer.data.variable.value = "film"
    assert not is_shown(designer.data.member)
    assert designer.frames.size == (9, 7)
    del space["film"]
    designer.data.again.click()
    assert (designer.data.variable.value, designer.frames.size) == (None, (9, 7))
    assert messages(designer) == []
    monkeypatch.undo()


def test_a_notebook_without_arrays_says_so(designer, monkeypatch):
    space = {"losses": [0.1, 0.2]}
    monkeypatch.setattr(designer.data, "shell", SimpleNamespace(user_ns=space))
    designer.data.source.value = "a variable"
    assert designer.data.variable.options == (("none in this notebook", None),)
    assert (designer.data.variable.value, messages(designer)) == (None, [])
    space["ice"] = np.zeros((30, 6, 8))
    designer.data.refresh_variables()
    assert designer.data.variable.options == ("ice",)
    assert designer.data.variable.value is None
    del space["ice"]
    designer.data.refresh_variables()
    assert designer.data.variable.options == (("none in this notebook", None),)
    monkeypatch.undo()


def test_damaged_files_are_one_sentence_and_the_data_stay(designer, tmp_path):
    before = designer.frames
    for name in ("a.npz", "a.nc", "a.h5", "a.csv", "a.mp4", "a.gif", "a.wav", "a.pt", "a.tif"):
        (tmp_path / name).write_bytes(b"nothing of the kind\n" * 9)
        choose_path(designer, tmp_path / name)
        assert name in messages(designer)[-1]
    assert designer.frames is before


def test_what_was_said_of_one_choice_is_gone_with_the_next(designer, tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing of the kind")
    choose_path(designer, tmp_path / "a.npz")
    choose_path(designer, tmp_path / "nowhere.npy")
    [message] = messages(designer)
    assert "nowhere.npy" in message
    designer.data.path.value = ""
    assert messages(designer) == []


# What is told of the data.


def dated():
    days = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
    labels = Labels(times=days, channels=("ice", "snow"), units="m")
    values = RANDOM.random((60, 2, 8, 8))
    return Frames(values, has_channels=True, name="dated", labels=labels)


def test_facts_of_the_data(designer):
    designer.frames = dated()
    assert designer.wait()
    view = designer.stage.data_view
    assert view["line"] == "60 frames of 2 × 8 × 8, float64"
    shown = facts(designer)
    assert shown["time"] == "2020-01-01 to 2020-02-29"
    assert shown["variables"] == "ice, snow"
    assert shown["missing"] == "none"
    assert shown["values"].endswith(" m")
    assert view["channels"] == ["ice", "snow"]
    assert (view["times"][0], view["times"][-1]) == ("2020-01-01", "2020-02-29")
    assert view["window"] == {"history": 10, "horizon": 5}
    designer.frames = np.zeros((40, 3, 8, 8), "float32")
    assert designer.wait()
    assert facts(designer)["axes"] == "T C H W, by their number"
    assert designer.stage.data_view["times"] == []


def test_the_histogram_counts_what_is_there_and_nothing_else():
    values = np.arange(40 * 4 * 5, dtype=float).reshape(40, 4, 5)
    values[3] = np.nan
    valid = np.ones((4, 5), bool)
    valid[0] = False
    view, sent = data_picture(cw.load(values, valid=valid))
    kept = values[:, 1:][np.isfinite(values[:, 1:])]
    assert (view["low"], view["high"]) == (kept.min(), kept.max())
    [scale] = view["scales"]
    assert (scale["low"], scale["high"]) == (kept.min(), kept.max())
    assert scale["histogram"] == np.histogram(kept, BINS)[0].tolist()
    # A byte of 0 is a place without a value.
    bytes_ = np.frombuffer(sent, np.uint8).reshape(values.shape)
    without = np.isnan(values) | ~valid
    assert np.array_equal(bytes_ == 0, without)
    assert view["empty"] == "missing or not forecast"
    # The page reads the others back: within half a step of the scale.
    back = view["low"] + (bytes_[~without] - 1.0) / 254 * (view["high"] - view["low"])
    assert np.abs(back - values[~without]).max() <= (view["high"] - view["low"]) / 254


def test_constant_data_and_many_frames_are_sent():
    view, sent = data_picture(cw.load(np.full((5000, 3), 7.0)))
    assert len(view["shown"]) == MOST_SHOWN
    assert (view["shown"][0], view["shown"][-1]) == (0, 4999)
    assert view["scales"][0]["histogram"] == []
    assert set(sent) == {1}


def test_missing_values_of_large_data_are_reported_by_a_sample():
    values = np.broadcast_to(np.float32([[1], [np.nan]] * 500), (30_000, 1_000, 2))
    gaps = missing_share(cw.load(values, axes="T H W"))
    assert not gaps.all
    assert gaps.words == "about 49 % of the values"  # 45 of the 91 rows shown


# Cautions.


def test_cautions_of_data_are_reported_once_and_block_nothing(designer):
    designer.frames = np.full((30, 8, 8), 3.0)
    assert designer.wait()
    found = [each for each in problems(designer, "caution") if each["where"] == "array"]
    assert len(found) == 2
    assert "few" in found[0]["text"]
    assert "All values looked at are 3" in found[1]["text"]
    assert designer.stage.fit_view["blocked"] == ""
    designer.data.horizon.value = 2
    designer.data.history.value = 3
    assert designer.wait()
    texts = [each["text"] for each in problems(designer)]
    assert len(texts) == len(set(texts))


def test_a_caution_goes_with_what_it_was_about(designer):
    rise = np.linspace(0, 1, 1001)[:, None, None] * np.ones((1, 8, 8))
    designer.frames = rise
    designer.data.horizon.value = 3
    assert designer.wait()
    assert "off by 0.3 % of the range" in problems(designer, "caution")[0]["text"]
    designer.data.horizon.value = 40
    assert designer.wait()
    assert not any("of the range" in each["text"] for each in problems(designer))


def test_of_a_design_that_does_not_fit_the_data_are_not_doubted():
    panel = cw.Designer(np.zeros((40, 20, 30)), DEFAULT)
    assert panel.wait()
    assert [each["kind"] for each in problems(panel) if each["where"] == "array"] == ["problem"]
    panel.close()


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
    problem = panel.stage.problems_view["problems"][0]
    assert "15 × 12 × 12" in problem["text"]
    press(panel, "mend", id=problem["mends"][0]["id"], key=panel.stage.plan_view["key"])
    assert panel.stage.fit_view["blocked"] == ""
    panel.close()


def test_history_and_horizon_come_back_with_longer_data(designer):
    designer.frames = np.random.default_rng(0).random((16, 8, 8))
    assert (designer.data.history.value, designer.data.horizon.value) == (6, 4)
    designer.frames = np.random.default_rng(0).random((60, 3, 8, 8))
    assert (designer.data.history.value, designer.data.horizon.value) == (10, 5)
    assert designer.design.in_channels == 30


def test_frames_given_in_code_are_never_replaced(designer):
    own = np.random.default_rng(0).random((60, 24, 24))
    designer.frames = own
    assert designer.data.source.value == "given in code"
    designer.controls.widgets["input_size"][0].value = 25
    assert designer.wait()
    assert np.array_equal(designer.frames.values[:, 0], own)
    assert "25 × 24" in designer.stage.problems_view["problems"][0]["text"]
    designer.data.source.value = "drifting blobs"
    assert designer.wait()
    assert designer.frames.name == "drifting blobs"
    designer.data.source.value = "given in code"
    assert np.array_equal(designer.frames.values[:, 0], own)


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
