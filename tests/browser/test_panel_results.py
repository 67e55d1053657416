"""What came out of a fit, in a real JupyterLab: figures in any window, and what they are."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import read
from tests.browser.panel import SOON

FIGURES = ["MAE", "RMSE", "PSNR", "SSIM", "R2", "explained variance"]
NAMES = [
    "network", "persistence", "mean of the history", "linear trend", "median frame", "mean frame",
    "damped anomaly",
]  # fmt: skip


@pytest.fixture
def panel(panel):
    """The quickstart with a net that was trained for two epochs."""
    panel.python(
        "designer.design = designer.design.replace(depth=1, start_channels=8, input_size=(24, 24))"
    )
    expect(panel.find(".cnn-title")).to_contain_text("10 × 24 × 24", timeout=SOON)
    panel.train_for(2, "epochs")
    panel.press("fit")
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-figures")).to_be_visible(timeout=SOON)
    return panel


def cells(panel):
    """The texts of the figures, row by row."""
    return panel.find(".cnn-figures tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_figures_and_what_they_are_can_be_read_in_every_window(panel, theme):
    panel.lab.theme(theme)
    expect(panel.find(f".cnnwidget-stage[data-theme={theme}]")).to_be_visible(timeout=SOON)
    expect(panel.find(".cnn-skill tbody tr")).to_have_count(5)
    wide = cells(panel)
    assert wide[0] == ["", *FIGURES]
    assert [row[0] for row in wide[1:]] == NAMES
    told = panel.python(
        f"print(*[designer.run.metrics.figures(name)[0] for name in {FIGURES[:4]}])"
    )
    for text, figure in zip(wide[1][1:], map(float, told.split()), strict=False):
        assert float(text.replace("−", "-")) == pytest.approx(figure, rel=6e-3)
    # What a figure is, at the pointer and by keyboard.
    heading = panel.find(".cnn-figures th:text-is('RMSE')")
    expect(heading).to_have_attribute("title", re.compile("^root of the mean squared error"))
    panel.find(".cnn-figures summary").focus()
    panel.page.keyboard.press("Enter")
    expect(panel.find(".cnn-figures dt:visible")).to_have_text(FIGURES)
    expect(panel.find(".cnn-figures dd").nth(1)).to_contain_text("root of the mean squared error")
    assert read(panel.find(".cnn-results :is(p, th, td, summary, dt, dd):visible")) > 80
    for width in (1900, 1440, 900, 640, 480):
        panel.page.set_viewport_size({"width": width, "height": 1400})
        panel.page.wait_for_timeout(300)  # while the page is laid out anew
        for part in (".cnn-figures", ".cnn-skill", ".cnn-results"):
            over = panel.find(part).evaluate("part => part.scrollWidth - part.clientWidth")
            assert over <= 1, (width, part)
        panel.shoot(f"{width}")
    # Where six do not fit beside each other, they stand below each other: the same numbers.
    assert cells(panel) == [list(column) for column in zip(*wide, strict=True)]
