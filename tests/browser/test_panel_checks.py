"""Checks and sweeps in a real JupyterLab, by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import contrast_of, read
from tests.browser.panel import FIT, SOON


@pytest.fixture
def panel(panel):
    """The quickstart, run from top to bottom in a large window, on a small picture."""
    panel.python("designer.design = designer.design.replace(input_size=(32, 32))")
    expect(panel.find(".cnn-title")).to_contain_text("10 × 32 × 32", timeout=SOON)
    return panel


def fold(panel):
    return panel.find(".cnnwidget-folded [role=button]:has-text('checks and sweeps')")


def press(panel, words):
    panel.find(f".cnnwidget-controls .widget-button:text-is('{words}')").click()


def sentence(panel):
    return panel.find(".cnn-check:visible .cnn-check-verdict")


def over(panel):
    """Until nothing is running."""
    expect(panel.button("stop")).to_have_count(0, timeout=FIT)


def test_a_learning_rate_is_found_and_set_by_its_button_alone(panel):
    assert panel.find(".cnn-check-bar").is_hidden()
    press(panel, "find")
    expect(sentence(panel)).to_contain_text("Try lr=", timeout=FIT)
    over(panel)
    panel.shoot("rate")
    assert panel.python("print(designer.settings.lr.value)") == "0.003"
    expect(panel.find(".cnn-check:visible path[data-line=train]")).to_be_visible()
    use = panel.find(".cnn-use:visible")
    proposed = float(use.inner_text().removeprefix("use lr="))
    assert 1e-4 < proposed < 0.1
    use.click()
    expect(use).to_have_text(f"set: lr={proposed:g}")
    expect(panel.control("lr").locator(".widget-readout")).to_have_text(f"{proposed:g}")
    assert panel.python("print(designer.settings.arguments()['lr'])") == f"{proposed:g}"
    # What is told of the plot is at first what is proposed, then what one points at by keyboard.
    told = panel.find(".cnn-check:visible .cnn-readout")
    expect(told).to_contain_text(f"proposed: {proposed:g}, where the smoothed training loss")
    panel.find(".cnn-check:visible svg").focus()
    panel.page.keyboard.press("ArrowLeft")
    expect(told).to_have_text(
        re.compile(r"at a learning rate of \S+ the smoothed training loss was 0\.\d+")
    )
    before = float(told.inner_text().split()[5])
    assert proposed / 1.3 < before < proposed  # one of a hundred rates, each 1.15 times the last
    panel.page.keyboard.press("Tab")
    expect(told).to_contain_text("proposed")
    tab = panel.find(".cnn-check-bar [role=tab][aria-selected=true]")
    expect(tab).to_have_text("Learning rate")
    tab.focus()
    panel.page.keyboard.press("ArrowRight")  # there is nothing beyond
    expect(tab).to_have_text("Learning rate")
    panel.page.keyboard.press("ArrowLeft")
    expect(tab).to_have_text("Loss curves")
    expect(panel.find(".cnn-curve-box:visible")).to_contain_text("Press Fit")


def test_one_batch_beside_a_fit_that_stays_as_it_was(panel):
    panel.train_for(5, "epochs")
    panel.press("fit")
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-results > .cnn-said .cnn-verdict")).to_be_visible(timeout=FIT)
    curve = panel.find(".cnn-left-half .cnn-curve").first.get_attribute("aria-label")
    assert "last epoch 5" in curve
    line = panel.find(".cnn-line").inner_text()
    # By keyboard alone.
    fold(panel).focus()
    panel.page.keyboard.press("Enter")
    panel.find(".widget-button:text-is('overfit one batch')").focus()
    panel.page.keyboard.press("Enter")
    expect(panel.find(".cnn-line")).to_contain_text("One batch: step", timeout=FIT)
    panel.has_state("stop")
    expect(panel.find(".widget-button:text-is('find')")).to_be_disabled()
    # The sliders are alive meanwhile.
    panel.slider("depth").focus()
    panel.page.keyboard.press("ArrowLeft")
    expect(panel.find(".cnn-table tfoot")).to_be_visible()
    panel.shoot("running")
    panel.has_state("fit", "continue")
    expect(sentence(panel)).to_contain_text("by heart")
    panel.shoot("learned")
    expect(panel.find(".cnn-line")).to_have_text(line)
    panel.find(".cnn-tab[data-tab=curves]").click()
    expect(panel.find(".cnn-curve:visible").first).to_have_attribute("aria-label", curve)
    expect(panel.find("path[data-line=validation]").first).to_be_visible()
    assert panel.python("print(designer.run.ending, len(designer.run.history))") == "finished 5"


def test_a_sweep_is_stopped_and_another_one_is_compared(panel):
    fold(panel).click()
    expect(panel.control("values").locator("input")).to_have_value("3, 5, 7", timeout=SOON)
    # What cannot be is told before anything is trained.
    panel.type("values", "3, 0")
    press(panel, "sweep")
    expect(panel.find(".cnn-message")).to_contain_text("kernel_size is 0", timeout=FIT)
    over(panel)
    panel.type("values", "3, 5")
    panel.type("each for", "60")
    press(panel, "sweep")
    expect(panel.find(".cnn-line")).to_contain_text("1 of 2: kernel_size 3", timeout=FIT)
    expect(panel.find(".cnn-message")).to_have_count(0)
    panel.page.evaluate(
        """() => { const stop = document.querySelector(".cnn-button[data-op=stop]");
                  stop.click(); stop.click(); }"""
    )
    over(panel)
    expect(sentence(panel)).to_contain_text("Stopped before one value")
    panel.choose("sweep", "lr")
    expect(panel.control("values").locator("input")).to_have_value("0.001, 0.003, 0.01")
    panel.type("values", "1e-6, 0.01")
    panel.type("each for", "3")
    panel.find(".cnnwidget-each select").select_option("epochs")
    press(panel, "sweep")
    expect(sentence(panel)).to_contain_text("lr 0.01 does best", timeout=FIT)
    over(panel)
    expect(panel.find(".cnn-check:visible .cnn-dot-of")).to_have_count(2)
    panel.shoot("swept")
    names = panel.python("print(*designer.runs.names, sep='; ')").split("; ")
    assert names[-2:] == ["lr 1e-06", "lr 0.01"]
    expect(panel.find(".cnn-runs")).to_contain_text("lr 0.01")
    panel.find(".cnn-use:visible").click()
    expect(panel.control("lr").locator(".widget-readout")).to_have_text("0.01")


def test_a_batch_that_fits_into_memory_is_a_click_away(panel):
    """What is refused for want of memory begins with a batch for which there is room."""
    panel.choose("batch", "64")
    panel.train_for(1, "epochs")
    panel.python(
        "from cnnwidget.training.loop import memory_check as room\n"
        "from cnnwidget.design.planning.plan import plan_of\n"
        "kept = room.memory_left\n"
        "most = room.bytes_needed(plan_of(designer.design), 6, 'adamw', 'cpu')\n"
        "room.memory_left = lambda: most"
    )
    panel.press("fit")
    act = panel.find(".cnn-message .cnn-act")
    expect(act).to_contain_text("train with batches of", timeout=FIT)
    panel.shoot("refused")
    size = int(act.inner_text().removeprefix("train with batches of "))
    panel.has_state("fit")
    act.click()
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-message")).to_have_count(0)
    assert panel.python("print(designer.run.recipe.batch_size)") == str(size)
    panel.python("room.memory_left = kept")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_checks_can_be_read_in_both_themes_and_in_a_narrow_window(panel, theme):
    panel.lab.theme(theme)
    fold(panel).click()
    press(panel, "find")
    expect(panel.find(".cnn-use:visible")).to_be_visible(timeout=FIT)
    over(panel)
    texts = panel.find(
        ":is(.cnn-check-verdict span, .cnn-use, .cnn-check-about, .cnn-check .cnn-readout, "
        ".cnn-check-bar .cnn-tab, .cnnwidget-controls .widget-button):visible"
    )
    assert read(texts) >= 7
    mark = panel.find(".cnn-check:visible .cnn-baseline-name")
    assert contrast_of(mark, mark.evaluate("text => getComputedStyle(text).fill")) >= 4.5
    panel.shoot("wide")
    panel.page.set_viewport_size({"width": 480, "height": 1400})
    expect(panel.find(".cnnwidget-stage[data-width=tiny]")).to_be_visible(timeout=SOON)
    wide = panel.page.locator(".cnnwidget-panel").first.evaluate(
        "panel => panel.scrollWidth - panel.clientWidth"
    )
    assert wide <= 1
    plot = panel.find(".cnn-check:visible svg").bounding_box()
    verdict = sentence(panel).bounding_box()
    assert plot["height"] > 120
    assert plot["y"] + plot["height"] <= verdict["y"] + 1
    panel.shoot("narrow")
