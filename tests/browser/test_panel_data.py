"""Data of every kind in the panel, as a person brings them: by their path, shown, and fitted."""

import av
import numpy as np
import pytest
import xarray
from PIL import Image
from playwright.sync_api import expect

from tests.browser.contrast import read
from tests.browser.panel import SOON

STEPS, HIGH, WIDE = 90, 32, 48


@pytest.fixture(scope="module")
def waves():
    """Waves that move, from 0 to 1."""
    rows, columns = np.mgrid[:HIGH, :WIDE]
    steps = np.arange(STEPS)[:, None, None]
    return 0.5 + 0.5 * np.sin(0.35 * rows + 0.2 * columns - 0.4 * steps)


def choose(panel, path):
    panel.choose("data", "a file by its path")
    panel.type("path", str(path))
    expect(panel.find(".cnn-data-line")).to_contain_text(path.name, timeout=SOON)
    expect(panel.find(".cnn-message")).to_have_count(0)


def fact(panel, name):
    """What is said of the data."""
    return panel.find(f".cnn-data-facts [data-fact={name}] dd")


def fit(panel):
    """Two epochs, and what they have come to."""
    panel.train_for(2, "epochs")
    expect(panel.button("fit")).to_be_enabled(timeout=SOON)
    panel.press("fit")
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-message")).to_have_count(0)
    expect(panel.find(".cnn-frame[data-of=prediction] canvas")).to_be_visible(timeout=SOON)
    assert panel.colours("canvas[data-frame=prediction]") > 8


def grey(panel):
    """The share of places in the picture of the data that have no value."""
    return panel.find("canvas[data-frame=data]").evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(
                0, 0, canvas.width, canvas.height);
            const words = [...new Uint32Array(data.buffer)];
            return words.filter(word => word === 0xff8c8c8c).length / words.length;
        }"""
    )


@pytest.fixture
def grid(waves, tmp_path):
    """Sea ice on a grid, daily, with land where there is none and days that were missed."""
    values = (100 * waves).astype("float32")
    values[20:23] = np.nan
    values[40, :10, :10] = np.nan
    times = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-01") + STEPS)
    places = {"lat": np.linspace(80, 70, HIGH), "lon": np.linspace(10, 40, WIDE)}
    xarray.Dataset(
        {
            "ice": (("time", "lat", "lon"), values, {"units": "%"}),
            "depth": (("lat", "lon"), np.ones((HIGH, WIDE))),
        },
        {"time": times.astype("datetime64[ns]"), **places},
    ).to_netcdf(tmp_path / "ice.nc", engine="h5netcdf")
    return tmp_path / "ice.nc"


def test_a_netcdf_file_with_missing_values_that_are_left_out_by_a_click(panel, grid):
    choose(panel, grid)
    expect(panel.find(".cnn-data-line")).to_contain_text("90 frames of 1 × 32 × 48, float32")
    expect(fact(panel, "time")).to_have_text("2020-01-01 to 2020-03-30")
    expect(fact(panel, "missing")).to_have_text("4,708 values (3.4 %)")
    expect(fact(panel, "values")).to_contain_text("%")
    expect(panel.find(".cnn-time-value")).to_have_text("frame 0, 2020-01-01, train")
    note = panel.find(".cnn-problem[data-kind=problem]")
    expect(note).to_contain_text("4,708 values (3.4 %) are missing or infinite")
    panel.shoot("missing")
    note.locator(".cnn-mend", has_text="leave them out").click()
    expect(note).to_have_count(0, timeout=SOON)
    expect(panel.control("missing values").locator("select")).to_have_value("leave them out")
    expect(fact(panel, "missing")).to_have_text("4,708 values (3.4 %), left out")
    expect(panel.find(".cnn-missing")).to_have_count(0)
    # What is not there is seen as such.
    panel.find(".cnn-time").fill("40")
    expect(panel.find(".cnn-time-value")).to_have_text("frame 40, 2020-02-10, train")
    assert 0.05 < grey(panel) < 0.08
    panel.find(".cnn-data").focus()
    for key in ("ArrowUp",) * 12 + ("ArrowLeft",) * 20:
        panel.page.keyboard.press(key)
    expect(panel.find(".cnn-pane:visible .cnn-readout")).to_have_text("row 4, column 4: no value")
    fit(panel)
    panel.shoot("fitted")
    assert panel.python("print(designer.frames.missing)") == "leave out"


def test_a_film_is_fitted(panel, waves, tmp_path):
    path = tmp_path / "waves.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for each in (255 * waves).astype("uint8"):
            picture = av.VideoFrame.from_ndarray(np.repeat(each[..., None], 3, 2), format="rgb24")
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    choose(panel, path)
    expect(panel.find(".cnn-data-line")).to_contain_text("90 frames of")
    expect(fact(panel, "axes")).to_contain_text("as the file says")
    panel.find(".cnn-time").fill("1")
    expect(panel.find(".cnn-time-value")).to_have_text("frame 1, t = 0.04, train")
    panel.shoot("film")
    fit(panel)


def test_a_folder_of_pictures_is_fitted(panel, waves, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, each in enumerate((255 * waves).astype("uint8")):
        Image.fromarray(each).save(folder / f"wave{number}.png")
    choose(panel, folder)
    expect(panel.find(".cnn-data-line")).to_contain_text("90 frames of 1 × 32 × 48, uint8")
    # In natural order: wave10 is no wave1.
    told = panel.python("print(*designer.frames.values[[1, 2, 10], 0, 0, 0])")
    assert told.split() == [str(n) for n in (255 * waves[[1, 2, 10], 0, 0]).astype("uint8")]
    panel.shoot("folder")
    fit(panel)


def test_the_window_stands_on_the_time_line_and_follows_the_frame(panel):
    def strokes():
        return [
            panel.find(f".cnn-window [data-part={name}]").get_attribute("title")
            for name in ("history", "horizon")
        ]

    expect(panel.find(".cnn-window i")).to_have_count(2, timeout=SOON)
    assert strokes() == ["history: frames 0 to 9", "horizon: frames 10 to 14"]
    shown = int(panel.find(".cnn-time").get_attribute("max"))
    panel.find(".cnn-time").fill(str(shown // 2))
    at = int(panel.find(".cnn-time-value").inner_text().split()[1].rstrip(","))
    history, horizon = (panel.find(f".cnn-window [data-part={n}]") for n in ("history", "horizon"))
    expect(history).to_have_attribute("title", f"history: frames {at - 9} to {at}")
    first, second = history.bounding_box(), horizon.bounding_box()
    marker = panel.find(".cnn-marker").bounding_box()
    assert first["x"] + first["width"] == pytest.approx(second["x"], abs=1)
    assert first["width"] == pytest.approx(2 * second["width"], abs=2)
    assert first["x"] < marker["x"] < second["x"]
    panel.find(".cnn-time").fill(str(shown))
    expect(horizon).to_have_attribute("title", "horizon: frames 115 to 119")
    expect(panel.find(".cnn-part-names")).to_contain_text("history 10")


def test_the_histogram_has_a_bar_for_each_part_of_the_range(panel, grid):
    choose(panel, grid)
    histogram = panel.find(".cnn-histogram")
    expect(histogram).to_be_visible()
    assert "Histogram of the values shown, from 0" in histogram.get_attribute("aria-label")
    assert histogram.locator("path").get_attribute("d").count("M") == 40
    # Above the colours that stand for the same values.
    bars, colours = histogram.bounding_box(), panel.find(".cnn-data ~ .cnn-under canvas")
    colours = colours.bounding_box()
    assert bars["x"] == pytest.approx(colours["x"], abs=1)
    assert bars["width"] == pytest.approx(colours["width"], abs=1)
    assert bars["y"] + bars["height"] <= colours["y"] + 1


def test_places_that_are_not_forecast_are_grey(panel):
    panel.choose("data", "ice and coast")
    told = panel.find(".cnn-data ~ .cnn-under .cnn-nothing")
    expect(told).to_have_text("not forecast", timeout=SOON)
    land = float(panel.python("print(1 - designer.frames.valid.mean())"))
    assert grey(panel) == pytest.approx(land, abs=0.001)
    expect(fact(panel, "places")).to_contain_text("are forecast")
    expect(fact(panel, "time")).to_have_text("2000-01-05 to 2003-12-24")
    panel.shoot("coast")
    # The scale begins with a colour of its own, not with that of no value.
    first = panel.find(".cnn-data ~ .cnn-under canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]"
    )
    assert first != [0x8C, 0x8C, 0x8C, 0xFF]
    # In a forecast, too: it would look like the lowest value there.
    panel.train_for(1, "epochs")
    panel.button("fit").click()
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-measured .cnn-nothing")).to_have_text("not forecast", timeout=SOON)
    panel.shoot("coast forecast")


def test_cautions_of_data_and_a_sound_with_a_length_of_its_frames(panel, tmp_path):
    np.save(tmp_path / "still.npy", np.full((60, 16, 16), 3.0))
    choose(panel, tmp_path / "still.npy")
    note = panel.find(".cnn-problem[data-kind=caution]").filter(has_text="still.npy").last
    expect(note).to_contain_text("All values looked at are 3", timeout=SOON)
    expect(panel.button("fit")).to_be_enabled()
    panel.shoot("constant")
    np.save(tmp_path / "hours.npy", np.sin(np.arange(2400) / 24) + np.arange(2400) / 2400)
    panel.type("path", str(tmp_path / "hours.npy"))
    expect(panel.find(".cnn-message")).to_contain_text("how many make a frame", timeout=SOON)
    panel.type("frame length", "24")
    expect(panel.find(".cnn-data-line")).to_contain_text("100 frames of 1 × 24", timeout=SOON)
    panel.shoot("hours")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_data_can_be_read_in_both_themes_and_in_a_narrow_window(panel, theme, grid):
    panel.lab.theme(theme)
    choose(panel, grid)
    expect(panel.find(".cnn-problem[data-kind=problem]")).to_be_visible(timeout=SOON)
    panel.find(".cnn-time").fill("45")
    panel.shoot("wide")
    texts = panel.find(
        ":is(.cnn-data-line, .cnn-data-facts dt, .cnn-data-facts dd, .cnn-time-value, .cnn-nothing,"
        " .cnn-part-names span, .cnn-said-above .cnn-hint, .cnn-colours span, .cnn-mend):visible"
    )
    assert read(texts) > 15
    panel.page.set_viewport_size({"width": 480, "height": 1400})
    expect(panel.find(".cnnwidget-stage[data-width=tiny]")).to_be_visible(timeout=SOON)
    wide = panel.page.locator(".cnnwidget-panel").first.evaluate(
        "panel => panel.scrollWidth - panel.clientWidth"
    )
    assert wide <= 1
    stage = panel.find(".cnn-right-half").bounding_box()
    facts = panel.find(".cnn-data-facts").bounding_box()
    last = panel.find(".cnn-data-facts div").last.bounding_box()
    assert last["y"] + last["height"] <= facts["y"] + facts["height"] + 1
    for name in (".cnn-timeline", ".cnn-part-names", ".cnn-time-value", ".cnn-histogram"):
        box = panel.find(name).bounding_box()
        assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
        assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
    panel.find(".cnn-right-half").scroll_into_view_if_needed()
    panel.lab.shoot("narrow")


@pytest.fixture
def rows_of_both(waves, tmp_path):
    """Two variables every six hours: as much as the row below the picture has to say."""
    hours = np.datetime64("2020-01-01", "ns") + np.arange(STEPS) * np.timedelta64(6, "h")
    axes = ("time", "lat", "lon")
    xarray.Dataset(
        {"concentration of ice": (axes, waves), "snow": (axes, 1 - waves)}, {"time": hours}
    ).to_netcdf(tmp_path / "both.nc", engine="h5netcdf")
    return tmp_path / "both.nc::concentration of ice, snow"


def test_what_is_below_the_picture_has_room_in_every_window(panel, rows_of_both):
    panel.choose("data", "a file by its path")
    panel.type("path", str(rows_of_both))
    expect(panel.find(".cnn-pane:visible .cnn-channel option")).to_have_count(2, timeout=SOON)
    panel.find(".cnn-time").fill("41")
    expect(panel.find(".cnn-time-value")).to_contain_text("2020-01-1")
    # The button to read again stands below the box that it belongs to.
    left = [panel.find(".cnnwidget-controls button:visible").first, panel.control("path")]
    button, row = (each.bounding_box() for each in left)
    box = panel.control("path").locator("input").bounding_box()
    assert button["x"] == pytest.approx(box["x"], abs=2)
    assert button["x"] + button["width"] <= row["x"] + row["width"] + 1
    for wide in (1440, 960, 480):  # the middle one is a zoom of 150 %
        panel.page.set_viewport_size({"width": wide, "height": 1400})
        expect(panel.find(".cnn-time")).to_be_visible()
        half = panel.find(".cnn-right-half").bounding_box()
        parts = [".cnn-play", ".cnn-time", ".cnn-time-value", ".cnn-channel"]
        boxes = [panel.find(f".cnn-pane:visible {part}").bounding_box() for part in parts]
        for n, one in enumerate(boxes):
            assert half["x"] <= one["x"]
            assert one["x"] + one["width"] <= half["x"] + half["width"] + 1
            assert all(apart(one, other) for other in boxes[n + 1 :]), (wide, parts[n])
        assert boxes[1]["width"] > 100
        picture = panel.find(".cnn-data .cnn-area").bounding_box()
        assert picture["height"] > 80
        line = panel.find(".cnn-part-names").bounding_box()
        assert line["y"] + line["height"] <= half["y"] + half["height"] + 1
        panel.find(".cnn-right-half").scroll_into_view_if_needed()
        panel.lab.shoot(f"{wide}")


def test_a_channel_has_its_own_scale_and_places_their_own_numbers(panel, tmp_path):
    rows = np.arange(300.0)[:, None] + np.zeros((300, 40))
    values = np.stack([1e5 + rows / 1e5, rows], 0) + np.zeros((60, 1, 1, 1))
    np.save(tmp_path / "two.npy", values)
    choose(panel, tmp_path / "two.npy")
    expect(fact(panel, "shown")).to_have_text("one row and column in 4")
    ends = panel.find(".cnn-data ~ .cnn-under .cnn-colours > span")
    expect(ends.nth(0)).to_have_text("100000")
    expect(ends.nth(1)).to_have_text("100000.00299")
    figure = panel.find(".cnn-data")
    figure.focus()
    panel.page.keyboard.press("ArrowDown")
    said = panel.find(".cnn-pane:visible .cnn-readout")
    expect(said).to_have_text("row 152, column 20: 100000.00152")
    panel.find(".cnn-pane:visible .cnn-channel").select_option("1")
    expect(ends.nth(1)).to_have_text("299")
    figure.focus()
    panel.page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("column 20: 15")


def apart(one, other):
    """Whether two boxes have no place in common."""
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"] + 1
        or other["y"] + other["height"] <= one["y"] + 1
    )
