"""The quickstart in a real JupyterLab, as a newcomer meets it."""

import pytest

import cnnwidget as cw
from cnnwidget.show.table import HEADERS

NOTEBOOK = "01_quickstart.ipynb"
DESIGN = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
# The cells of the notebook, counted from 0.
TABLE, DIAGRAM, BROKEN, BROKEN_DIAGRAM, SOURCE = 3, 5, 7, 8, 15


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
    bar = rows.nth(1).locator("span span").first.bounding_box()
    assert bar["width"] >= 1
    assert bar["height"] == pytest.approx(8, abs=1)


def shows_the_diagram(lab, cell, plan):
    """A picture with as many boxes as rows, at its natural size or fitted to the page."""
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
    assert [name for name in drawn if name.startswith("row")] == [
        f"row{number}" for number in range(len(plan.rows))
    ]


def test_as_it_is_kept_without_trust_and_before_anything_has_run(lab):
    lab.open(NOTEBOOK, kernel=False)
    assert not lab.trusted()
    shows_the_table(lab, TABLE, cw.plan(DESIGN))
    shows_the_diagram(lab, DIAGRAM, cw.plan(DESIGN))
    lab.shoot("table", TABLE)


def test_run_from_top_to_bottom(lab):
    lab.open(NOTEBOOK).run_all()
    assert lab.trusted()
    shows_the_table(lab, TABLE, cw.plan(DESIGN))
    shows_the_diagram(lab, DIAGRAM, cw.plan(DESIGN))
    broken = cw.plan(DESIGN.replace(kernel_size=5, padding="valid", depth=5))
    shows_the_table(lab, BROKEN, broken)
    shows_the_diagram(lab, BROKEN_DIAGRAM, broken)
    note = lab.outputs(BROKEN).locator("div", has_text="Problem").last
    assert str(broken.problems[0]) in note.inner_text()
    assert "import torch" in lab.outputs(SOURCE).inner_text()
    assert lab.page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    for name, cell in (("table", TABLE), ("diagram", DIAGRAM), ("broken", BROKEN)):
        lab.shoot(name, cell)
    lab.shoot_for_readme(TABLE - 1)


def test_in_the_dark_theme(lab):
    lab.open(NOTEBOOK)
    lab.dark()
    lab.run_all()
    cell = lab.outputs(TABLE).locator("tbody tr").nth(1).locator("td").first
    text, page = (
        cell.evaluate("cell => getComputedStyle(cell).color"),
        lab.page.evaluate("() => getComputedStyle(document.querySelector('.jp-Cell')).color"),
    )
    assert luminance(text) > 0.5, (text, page)
    for name, at in (("table", TABLE), ("diagram", DIAGRAM), ("broken", BROKEN)):
        lab.shoot(name, at)


def luminance(colour):
    """How light a colour `rgb(r, g, b)` is, from 0 to 1."""
    numbers = colour[colour.index("(") + 1 : -1].split(",")[:3]
    red, green, blue = (float(number) / 255 for number in numbers)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
