"""The runs of a notebook in a real JupyterLab: what is trained comes in, and is compared there."""

import csv
import re

import pytest
from playwright.sync_api import expect

import cnnwidget as cw
from tests.browser.contrast import contrast_of, read
from tests.browser.panel import SOON, Panel

HOSTILE = "<img src=x onerror=window.harmed=1>"
LITTLE = cw.EncoderDecoder(
    input_size=(24, 24), in_channels=10, out_channels=5, depth=1, start_channels=8, kernel_size=5
)
SMALL = "designer.design = designer.design.replace(depth=1, start_channels=8, input_size=(24, 24))"
# What a person would have trained, in no time: the first test trains them for all.
THREE = """
runs = designer.runs
if "trained" not in globals():
    small = designer.design.replace(depth=1, start_channels=8, input_size=(24, 24))
    frames = cw.sample("circling shape", size=(24, 24), steps=80)
    trained = {
        f"kernel_size {kernel}": cw.fit(
            small.replace(kernel_size=kernel), frames, epochs=epochs, progress=False
        )
        for kernel, epochs in ((3, 30), (5, 60), (7, 45))
    }
for name, run in trained.items():
    runs.add(run, name)
"""


@pytest.fixture
def panel(quickstart):
    """The quickstart, run from top to bottom in a large window."""
    quickstart.page.set_viewport_size({"width": 1640, "height": 1700})
    made = Panel(quickstart)
    # The kernel is that of the test before, whose runs it holds.
    fresh = (
        "import cnnwidget as cw, cnnwidget.panel.designer as module\n"
        "module.NOTEBOOK_RUNS = cw.Runs()"
    )
    assert made.python(fresh) == ""
    quickstart.run_all()
    return made.ready()


@pytest.fixture
def three(panel):
    """A panel with three runs that code has added."""
    assert panel.python(THREE) == ""
    expect(rows(panel)).to_have_count(3, timeout=SOON)
    expect(cell(panel, "kernel_size 7", "skill")).to_contain_text("%", timeout=SOON)
    return panel


def rows(panel):
    return panel.find(".cnn-runs-table tbody tr")


def row(panel, name):
    return rows(panel).filter(has=panel.page.get_by_text(name, exact=True))


def cell(panel, name, column):
    return row(panel, name).locator(f"td[data-column={column}]")


def has_names(panel, *names):
    """Until the table has these runs, in this order."""
    expect(panel.find(".cnn-run-name")).to_have_text(list(names), timeout=SOON)


def train_for(panel, epochs):
    budget = f"designer.settings.budget.amount.value = {epochs}"
    assert panel.python(f"designer.settings.budget.unit.value = 'epochs'\n{budget}") == ""


def button(panel, name, act):
    return row(panel, name).locator(f"button[data-act={act}]")


def curve(panel, number):
    return panel.find(f".cnn-run-curves path[data-run='{number}']")


def focused(panel):
    """What the focused element is called, to readers of the screen as well."""
    return panel.page.evaluate(
        """() => document.activeElement.getAttribute("aria-label")
            ?? document.activeElement.textContent"""
    )


def test_what_is_trained_in_the_panel_comes_in(panel):
    expect(panel.find(".cnn-runs")).to_be_hidden()
    panel.python(SMALL)
    train_for(panel, 3)
    panel.press("fit")
    has_names(panel, "run 1")
    panel.slider("kernel").focus()
    for _ in range(2):
        panel.page.keyboard.press("ArrowRight")
    expect(panel.find(".cnn-total[data-label=parameters] dd")).to_have_text(
        f"{cw.plan(LITTLE).params:,}", timeout=SOON
    )
    panel.press("fit")
    has_names(panel, "run 1", "kernel_size 5")
    expect(row(panel, "kernel_size 5")).to_have_attribute("aria-current", "true", timeout=SOON)
    expect(row(panel, "run 1")).not_to_have_attribute("aria-current", "true")
    expect(curve(panel, 1)).to_have_attribute("d", re.compile("M.+L"))
    told = panel.python("print(designer.run.skill.total, designer.plan.params)").split()
    expect(cell(panel, "kernel_size 5", "skill")).to_have_text(
        f"{float(told[0]):.0%}".replace("%", " %").replace("-", "−")
    )
    expect(cell(panel, "kernel_size 5", "params")).to_have_text(f"{int(told[1]):,}")
    drawn = curve(panel, 2).get_attribute("d")
    panel.press("continue")
    expect(cell(panel, "kernel_size 5", "epochs")).to_have_text("6", timeout=SOON)
    has_names(panel, "run 1", "kernel_size 5")
    assert curve(panel, 2).get_attribute("d") != drawn
    # The cell once more: another panel, the same runs.
    assert panel.python("print(designer.runs.names)") == "('run 1', 'kernel_size 5')"
    panel.python("other = cw.Designer(); assert other.runs is designer.runs; other.close()")


def test_headings_sort_the_best_first_and_then_the_other_way_round(three):
    head = three.find("th[data-column=skill]")
    skills = [float(s) for s in three.python("print(*[r.skill.total for r in runs])").split()]
    order = [f"kernel_size {kernel}" for _, kernel in sorted(zip(skills, (3, 5, 7), strict=True))]
    head.locator("button").click()
    has_names(three, *reversed(order))
    expect(head).to_have_attribute("aria-sort", "descending")
    three.page.keyboard.press("Enter")
    has_names(three, *order)
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert focused(three).startswith("skill")
    three.find("th[data-column=params] button").click()
    has_names(three, "kernel_size 3", "kernel_size 5", "kernel_size 7")
    expect(head).not_to_have_attribute("aria-sort", "ascending")
    three.find("th[data-column=epochs] button").click()
    has_names(three, "kernel_size 3", "kernel_size 7", "kernel_size 5")
    three.page.keyboard.press("Enter")
    three.page.keyboard.press("Enter")
    has_names(three, "kernel_size 3", "kernel_size 5", "kernel_size 7")


def test_a_run_is_renamed_in_its_place_by_keyboard(three):
    three.find("th[data-column=name] button").click()
    button(three, "kernel_size 3", "rename").focus()
    three.page.keyboard.press("Enter")
    field = three.find(".cnn-run-field:visible")
    expect(field).to_be_focused()
    three.page.keyboard.type("nothing")
    # Whatever comes in meanwhile, what is typed stays.
    three.python("runs.rename('kernel_size 7', 'a seven')")
    expect(rows(three).first).to_contain_text("a seven", timeout=SOON)
    expect(field).to_be_focused()
    expect(field).to_have_value("nothing")
    three.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    assert focused(three) == "Rename kernel_size 3"
    three.page.keyboard.press("Enter")
    three.page.keyboard.type(HOSTILE)
    three.page.keyboard.press("Enter")
    has_names(three, HOSTILE, "a seven", "kernel_size 5")
    assert focused(three) == f"Rename {HOSTILE}"
    assert three.find(".cnn-runs img").count() == 0
    assert three.page.evaluate("() => window.harmed") is None
    assert three.python("print(runs.names[0])") == HOSTILE
    expect(three.find(".cnn-run-label title").first).to_have_text(HOSTILE)
    # A name that another has is refused in a sentence.
    three.page.keyboard.press("Enter")
    three.page.keyboard.type("a seven")
    three.page.keyboard.press("Enter")
    expect(three.find(".cnn-message")).to_contain_text("There is a run 'a seven' already")
    has_names(three, HOSTILE, "a seven", "kernel_size 5")
    # Notebook shortcuts are left alone: no cell was made or run by these keys.
    assert three.python("print(len(runs))") == "3"


def test_a_run_is_deleted_and_brought_back_in_its_line(three):
    erase = button(three, "kernel_size 5", "delete")
    erase.focus()
    three.page.keyboard.press("Enter")
    expect(row(three, "kernel_size 5")).to_have_class(re.compile("cnn-deleted"), timeout=SOON)
    assert three.python("print(runs.names)") == "('kernel_size 3', 'kernel_size 7')"
    expect(curve(three, 2)).to_have_count(0)
    assert focused(three) == "Undo: bring kernel_size 5 back"
    expect(three.find(".cnn-runs-title")).to_have_text("Runs 2")
    three.shoot("deleted")
    three.page.wait_for_timeout(650)  # sooner, it would be the second half of a double click
    three.page.keyboard.press("Enter")
    expect(curve(three, 2)).to_have_count(1, timeout=SOON)
    assert focused(three) == "Delete kernel_size 5"
    assert three.python("print(len(runs))") == "3"


def test_a_run_is_restored(three):
    button(three, "kernel_size 5", "restore").click()
    expect(three.find(".cnn-runs-said")).to_have_text(
        "kernel_size 5 is back: design, data, settings.", timeout=SOON
    )
    expect(three.find(".cnn-title")).to_contain_text("10 × 24 × 24 → 5 × 24 × 24", timeout=SOON)
    expect(three.find(".cnn-results .cnn-verdict")).to_contain_text("test windows", timeout=SOON)
    expect(three.find(".cnn-line")).to_contain_text("epoch 60")
    assert three.colours("canvas[data-frame=prediction]") > 20
    expect(row(three, "kernel_size 5")).to_have_attribute("aria-current", "true")
    assert three.python("print(designer.run is runs['kernel_size 5'])") == "True"
    three.has_state("restart")
    three.find(".cnn-title").click()
    three.shoot("restored")
    # During a training nothing is.
    train_for(three, 100_000)
    three.press("restart")
    expect(button(three, "kernel_size 3", "restore")).to_be_disabled(timeout=SOON)
    # Beyond the 60 of the run that was there, and too late to be half of a double click.
    three.passes_epoch(120)
    three.press("stop")
    expect(button(three, "kernel_size 3", "restore")).to_be_enabled(timeout=SOON)
    expect(rows(three)).to_have_count(4)


def test_the_table_is_written_into_a_file(three):
    three.find(".cnn-export").click()
    expect(three.find(".cnn-runs-said")).to_contain_text("runs.csv", timeout=SOON)
    path = three.find(".cnn-runs-said").inner_text().removeprefix("Saved to ")
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123  (of another folder)
        lines = list(csv.DictReader(file))
    assert [line["name"] for line in lines] == ["kernel_size 3", "kernel_size 5", "kernel_size 7"]
    three.find(".cnn-export").click()
    expect(three.find(".cnn-runs-said")).to_contain_text("runs-2.csv", timeout=SOON)


def test_curves_are_hidden_shown_and_pointed_at(three):
    # The first run has 30 epochs, the second 60: the axis ends where the longest ends.
    expect(three.find(".cnn-run-label")).to_have_count(3)
    box = row(three, "kernel_size 5").locator("input[type=checkbox]")
    box.focus()
    three.page.keyboard.press("Space")
    expect(curve(three, 2)).to_have_count(0)
    expect(three.find(".cnn-run-curves text:text-is('60')")).to_have_count(0)
    expect(curve(three, 1)).to_have_count(1)
    three.page.keyboard.press("Space")
    expect(curve(three, 2)).to_have_count(1)
    row(three, "kernel_size 7").hover()
    expect(curve(three, 3)).to_have_class(re.compile("cnn-hot"))
    readout = three.find(".cnn-run-curves-box .cnn-readout")
    expect(readout).to_contain_text("lowest: ")
    three.find(".cnn-run-curves").focus()
    three.page.keyboard.press("ArrowDown")
    expect(readout).to_contain_text("kernel_size 3: epoch 30")
    three.page.keyboard.press("ArrowDown")
    three.page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("kernel_size 5: epoch 59")
    expect(row(three, "kernel_size 5")).to_have_class(re.compile("cnn-hot"))
    # By seconds they end elsewhere.
    before = curve(three, 1).get_attribute("d")
    seconds = three.find(".cnn-runs button:text-is('Seconds')")
    seconds.click()
    expect(seconds).to_have_attribute("aria-pressed", "true")
    expect(three.find(".cnn-run-curves")).to_contain_text("seconds of training")
    assert curve(three, 1).get_attribute("d") != before
    box = three.find(".cnn-run-curves").bounding_box()
    three.page.mouse.move(box["x"] + 70, box["y"] + 20)
    expect(readout).to_contain_text(re.compile(r"kernel_size \d: epoch \d"))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_runs_can_be_read_in_both_themes_and_all_widths(three, theme):
    three.lab.theme(theme)
    three.python(
        "for kernel in (9, 11, 13):\n"
        "    design = small.replace(kernel_size=kernel)\n"
        "    run = cw.fit(design, frames, epochs=40, lr=1e-2, progress=False)\n"
        "    runs.add(run, f'kernel_size {kernel}')\n"
        "runs.rename('kernel_size 3', 'the first that was any good, and a long name for it')"
    )
    expect(three.find(f".cnnwidget-stage[data-theme={theme}]")).to_be_visible(timeout=SOON)
    expect(three.find(".cnn-run-curves path[data-run]")).to_have_count(6, timeout=SOON)
    expect(three.find(".cnn-runs-table td:text-is('–')")).to_have_count(0, timeout=SOON)
    three.find("th[data-column=skill] button").click()
    button(three, "kernel_size 13", "delete").click()
    expect(three.find(".cnn-deleted")).to_be_visible(timeout=SOON)
    three.page.mouse.move(0, 0)
    three.page.wait_for_function("() => !document.querySelector('.lm-mod-override-cursor')")
    texts = three.find(
        ".cnn-runs :is(h2, h2 span, td[data-column], .cnn-run-name, .cnn-sort, "
        "button, .cnn-readout, .cnn-runs-limits):visible"
    )
    assert read(texts) > 60
    for swatch in three.find(".cnn-swatch path").all():
        colour = swatch.evaluate("path => getComputedStyle(path).stroke")
        assert contrast_of(three.find(".cnn-run-curves-box"), colour) >= 3
    for width in (1900, 1400, 1000, 480):
        three.page.set_viewport_size({"width": width, "height": 1700})
        three.page.wait_for_timeout(300)  # while the page is laid out anew
        section = three.find(".cnn-runs")
        section.scroll_into_view_if_needed()
        section.screenshot(path=three.lab.shots.with_name(f"{three.lab.shots.name}-{width}.png"))
        over = section.evaluate("section => section.scrollWidth - section.clientWidth")
        assert over <= 1
        # In a narrow window, too, whatever belongs to a run is in sight.
        box = three.find(".cnn-runs-table-box")
        assert box.evaluate("box => box.scrollWidth - box.clientWidth") <= 1
        edge = box.bounding_box()
        for each in rows(three).all():
            for part in (".cnn-run-name", "[data-column=skill]", ".cnn-run-acts > :last-child"):
                place = each.locator(part).bounding_box()
                assert place["width"] > 20
                assert edge["x"] <= place["x"]
                assert place["x"] + place["width"] <= edge["x"] + edge["width"] + 1
            expect(each.get_by_role("rowheader")).to_be_visible()
        expect(box.get_by_role("columnheader", name="skill")).to_be_visible()
        svg = three.find(".cnn-run-curves")
        assert abs(svg.evaluate("svg => svg.viewBox.baseVal.width - svg.clientWidth")) <= 1
