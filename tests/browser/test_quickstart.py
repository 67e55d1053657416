"""The notebook of plain code in a real JupyterLab, and both as they are kept, not run."""

from dataclasses import replace

import pytest

import cnnwidget as cw
from cnnwidget.show.table import HEADERS
from tests.browser.conftest import SHOTS, a_page
from tests.browser.contrast import contrast_of

NOTEBOOK = "02_without_the_widget.ipynb"
PANEL = "01_quickstart.ipynb"
DESIGN = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
# The cells of the notebook, counted from 0.
TABLE, DIAGRAM, BROKEN, BROKEN_DIAGRAM, PLOT, SOURCE = 3, 5, 7, 8, 17, 25


def shows_the_table(lab, cell, plan):
    """Every row with its texts, the styles that make it readable, and nothing cut off."""
    table = lab.outputs(cell).locator("table")
    table.wait_for()
    assert table.locator("th").all_inner_texts() == list(HEADERS)
    rows = table.locator("tbody tr")
    # The input comes before them, the total after.
    assert rows.count() == len(plan.rows) + 2
    for number, row in enumerate(plan.rows, start=1):
        assert rows.nth(number).locator("td").first.inner_text() == row.name
    total = rows.last.locator("td").all_inner_texts()
    assert (total[4], total[6]) == (f"{plan.params:,}", f"{plan.macs:,}")
    first = rows.nth(1).locator("td").first
    style = first.evaluate(
        "cell => { const s = getComputedStyle(cell); "
        "return [s.textAlign, s.borderLeftColor, s.borderLeftWidth, s.whiteSpace]; }"
    )
    assert style == ["left", "rgb(76, 141, 214)", "4px", "nowrap"]
    bar = rows.nth(2).locator("span span").first.bounding_box()  # behind the input and its keep
    assert bar["width"] >= 1
    assert bar["height"] == pytest.approx(8, abs=1)


def shows_the_diagram(lab, cell, plan):
    """A picture with a box a row, at its natural size or fitted to the page.

    What is kept aside has no box: its arrow goes from where it is kept to where it is joined.
    """
    output = lab.outputs(cell)
    image = output.locator("img")
    image.wait_for()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 300
    box = image.bounding_box()
    assert box["width"] <= lab.page.locator(".jp-Notebook").bounding_box()["width"]
    drawn = image.evaluate(
        """async image => {
            const text = await (await fetch(image.src)).text();
            const svg = new DOMParser().parseFromString(text, "image/svg+xml");
            return [...svg.querySelectorAll("g.node > title")].map(title => title.textContent);
        }"""
    )
    # Graphviz writes the boxes in an order of its own where arrows go past some of them.
    assert sorted(name for name in drawn if name.startswith("row")) == sorted(
        f"row{number}"
        for number, row in enumerate(plan.rows)
        if not isinstance(row.layer, cw.layers.Keep)
    )


def named(lab, request):
    """A page whose screenshots are named after the test."""
    return replace(lab, shots=SHOTS / request.node.name)


def test_as_it_is_kept_without_trust_and_before_anything_has_run(lab):
    lab.open(NOTEBOOK, kernel=False)
    assert not lab.trusted(TABLE)
    shows_the_table(lab, TABLE, cw.plan(DESIGN))
    shows_the_diagram(lab, DIAGRAM, cw.plan(DESIGN))
    lab.shoot("table", TABLE)


def test_the_panel_as_it_is_kept_is_a_table_and_a_diagram(lab):
    lab.open(PANEL, kernel=False)
    shows_the_table(lab, 1, cw.plan(DESIGN))
    shows_the_diagram(lab, 1, cw.plan(DESIGN))
    lab.shoot("panel", 1)


@pytest.fixture(scope="module")
def ran(server, browser):
    """The notebook, run from top to bottom."""
    with a_page(server, browser) as lab:
        lab.open(NOTEBOOK).run_all()
        yield lab


def test_run_from_top_to_bottom(ran, request):
    lab = named(ran, request)
    assert lab.trusted(TABLE)
    shows_the_table(lab, TABLE, cw.plan(DESIGN))
    shows_the_diagram(lab, DIAGRAM, cw.plan(DESIGN))
    broken = cw.plan(DESIGN.replace(kernel_size=5, padding="valid", depth=5))
    shows_the_table(lab, BROKEN, broken)
    shows_the_diagram(lab, BROKEN_DIAGRAM, broken)
    note = lab.outputs(BROKEN).locator("div", has_text="Problem").last
    assert str(broken.problems[0]) in note.inner_text()
    assert "import torch" in lab.outputs(SOURCE).inner_text()
    assert lab.page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    assert lab.outputs(PLOT).locator("img").evaluate("image => image.naturalWidth") > 600
    for name, cell in (("table", TABLE), ("diagram", DIAGRAM), ("broken", BROKEN), ("plot", PLOT)):
        lab.shoot(name, cell)


# Contrast that the Web Content Accessibility Guidelines ask for: of text, and of large text.
TEXT, LARGE = 4.5, 3.0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everything_can_be_read_in_both_themes(ran, request, theme):
    lab = named(ran, request)
    lab.theme(theme)
    page = lab.page.locator(".jp-Notebook .jp-Cell").nth(TABLE)
    cells = lab.outputs(TABLE).locator("tbody tr").nth(1).locator("td").all()
    for cell in [cell for cell in cells if cell.inner_text().strip()]:
        assert contrast_of(cell) >= TEXT
    problem = lab.outputs(BROKEN).locator("b", has_text="Problem")
    assert contrast_of(problem) >= LARGE
    # What stands in the diagram outside of its boxes stands on the page.
    outside = (
        lab.outputs(DIAGRAM)
        .locator("img")
        .evaluate(
            """async image => {
            const text = await (await fetch(image.src)).text();
            const svg = new DOMParser().parseFromString(text, "image/svg+xml");
            const words = [...svg.querySelectorAll("g.edge text, g.cluster text")];
            return [...new Set(words.map(word => word.getAttribute("fill")))];
        }"""
        )
    )
    assert len(outside) == 5  # shapes, names of the three parts, and how tensors are joined
    for colour in outside:
        assert contrast_of(page, colour) >= LARGE, colour
    for name, at in (("table", TABLE), ("diagram", DIAGRAM), ("broken", BROKEN)):
        lab.shoot(name, at)
