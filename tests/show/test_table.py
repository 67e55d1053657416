"""Tables: golden files, and what they mean."""

import re
from html.parser import HTMLParser

import pytest

import cnnwidget as cw
from cnnwidget.show.table import cells, html, text
from tests.samples import SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_text(name, golden):
    golden(f"{name}.table.txt", str(cw.plan(SAMPLES[name])) + "\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_html(name, golden):
    golden(f"{name}.table.html", cw.plan(SAMPLES[name])._repr_html_() + "\n")


def printed_counts(name):
    """Parameters and multiply-accumulates of each printed row, by the places of their headers."""
    lines = str(cw.plan(SAMPLES[name])).splitlines()
    rules = lines[3]
    columns = [(match.start(), match.end()) for match in re.finditer("-+", rules)]
    end = lines.index(rules, 4)
    return [
        [
            int(line[start:stop].strip().replace(",", "") or 0)
            for start, stop in (columns[4], columns[6])
        ]
        for line in lines[4:end]
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_printed_columns_add_up_to_the_printed_totals(name):
    plan = cw.plan(SAMPLES[name])
    counts = printed_counts(name)
    assert len(counts) == len(plan.rows) + 1  # the input comes before them
    sums = [f"{sum(column):,}" for column in zip(*counts, strict=True)]
    [total] = [line for line in text(plan).splitlines() if line.startswith("total")]
    assert total.split()[-2:] == sums
    assert total.startswith("total so far" if plan.problems else "total   ")
    assert sums == [f"{plan.params:,}", f"{plan.macs:,}"]
    page = Tags(html(plan))
    assert (
        page.texts[page.texts.index("total so far" if plan.problems else "total") + 1 :][:2] == sums
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_shares_add_up_to_a_hundred(name):
    plan = cw.plan(SAMPLES[name])
    for column in (5, 7):
        shares = [cells(plan, row)[column].removesuffix(" %") for row in plan.rows]
        # Each is rounded to a tenth.
        assert sum(float(share or 0) for share in shares) == pytest.approx(
            100, abs=0.05 * len(shares)
        )


class Tags(HTMLParser):
    """All tags, their attributes, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.texts, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("name", SAMPLES)
def test_html_has_the_rows_of_the_text_and_styles_only_inline(name):
    plan = cw.plan(SAMPLES[name])
    tags = Tags(html(plan))
    assert tags.open == []
    kinds = [tag for tag, _ in tags.seen]
    assert set(kinds) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "b"}
    assert {key for _, attributes in tags.seen for key in attributes} <= {"style"}
    # The head, the input, and the total are rows as well.
    assert kinds.count("tr") == len(plan.rows) + 3
    for row in plan.rows:
        assert set(cells(plan, row)) - {""} <= set(tags.texts)


def test_names_are_escaped():
    network = cw.Network(
        input_shape=(1, 8), children={"<script>alert(1)</script>": cw.Activation(name="relu")}
    )
    page = cw.plan(network)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_plan_shows_itself_and_is_worked_out_once():
    design = SAMPLES["default"]
    plan = cw.plan(design)
    assert cw.plan(plan) is plan is cw.plan(design)
    assert repr(plan) == str(plan)


def test_many_layers_with_one_caution_are_counted():
    design = SAMPLES["default"].replace(depth=20)
    [note] = [line for line in str(cw.plan(design)).splitlines() if line.startswith("Caution")]
    layers = [caution.layer for caution in cw.plan(design).cautions]
    assert f"{', '.join(layers[:4])} and {len(layers) - 4} more: normalises one value" in note


def test_what_is_no_design_is_refused():
    for thing in (None, 5, "EncoderDecoder()", {"depth": 3}):
        with pytest.raises(cw.DesignError, match="is no design; give an EncoderDecoder"):
            cw.plan(thing)
