"""A second task in a real JupyterLab: the page shows what it names, not what a forecast has."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.panel import SOON, Panel

ROOT = Path(__file__).parents[2]
TASK = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from cnnwidget.training.tasks.task_table import TASKS
from tests.training.tasks.flip_task import FlipTask
TASKS["flip"] = FlipTask()
"""
FITTED = """
designer.design = cw.EncoderDecoder(
    input_size=designer.frames.size, in_channels=1, out_channels=1, depth=1, start_channels=8
)
"""


@pytest.fixture
def panel(quickstart):
    panel = Panel(quickstart)
    assert panel.python(TASK) == ""
    quickstart.run_all()
    yield panel.ready()
    assert panel.python('del TASKS["flip"]') == ""


def test_pictures_and_tables_have_the_names_that_the_task_gives(panel):
    panel.choose("task", "flip")
    assert panel.python(FITTED) == ""
    panel.train_for(2, "epochs")
    expect(panel.button("fit")).to_be_enabled(timeout=SOON)
    panel.press("fit")
    panel.has_state("continue", "restart")
    expect(panel.find("p.cnn-verdict")).to_contain_text("of a flip", timeout=SOON)
    names = ["mirrored", "frame", "flipped back", "absolute error"]
    expect(panel.find(".cnn-frames figcaption")).to_have_text(names)
    for picture in ("further", "truth", "prediction", "error"):
        assert panel.colours(f"canvas[data-frame={picture}]") > 8
    panel.find(".cnn-frames").press("ArrowDown")
    expect(panel.find(".cnn-frames + .cnn-under .cnn-readout")).to_contain_text("mirrored 0")
    expect(panel.find(".cnn-skill summary")).to_have_text("Skill by mirror")
    expect(panel.find(".cnn-skill th[scope=row]")).to_have_text(["left to right"])
    expect(panel.find(".cnn-figures > p")).to_have_text("over all mirrors")
    panel.shoot("flip")
    assert "lead" not in panel.find(".cnn-results").inner_text()
