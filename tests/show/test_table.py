"""Tables: golden files, and what they mean."""

import re
from html.parser import HTMLParser

import pytest

import cnnwidget as cw
from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.storage import storage
from cnnwidget.show.explain import fields_of
from cnnwidget.show.table import cells, html, remarks, text
from tests.samples import PAGES, SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_text(name, golden):
    golden(f"{name}.table.txt", str(cw.plan(SAMPLES[name])) + "\n")


@pytest.mark.parametrize("name", PAGES)
def test_html(name, golden):
    golden(f"{name}.table.html", cw.plan(SAMPLES[name])._repr_html_() + "\n")


def printed_counts(name):
    """Parameters and multiply-accumulates of each printed row, by the places of their headers."""
    lines = str(cw.plan(SAMPLES[name])).splitlines()
    rules = lines[3]
    columns = [(match.start(), match.end()) for match in re.finditer("-+", rules)]
    end = lines.index(rules, 4)
    counts = []
    for line in lines[4:end]:
        printed = [line[start:stop].strip().replace(",", "") for start, stop in columns]
        # What is in brackets is not in the total.
        counts.append([int(printed[at] or 0) if "(" not in printed[at] else 0 for at in (4, 6)])
    return counts


@pytest.mark.parametrize("name", SAMPLES)
def test_the_printed_columns_add_up_to_the_printed_totals(name):
    plan = cw.plan(SAMPLES[name])
    counts = printed_counts(name)
    assert len(counts) == len(plan.rows) + 1  # the input comes before them
    sums = [f"{sum(column):,}" for column in zip(*counts, strict=True)]
    [total] = [line for line in text(plan).splitlines() if line.startswith("total")]
    memory = storage(plan.memory).split()
    assert total.split()[-2 - len(memory) :] == [*sums, *memory]
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
        shares = [
            cells(plan, row, field)[column].removesuffix(" %")
            for row, field in zip(plan.rows, fields_of(plan), strict=True)
        ]
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
    assert {key for _, attributes in tags.seen for key in attributes} <= {"style", "title"}
    # The head, the input, and the total are rows as well.
    assert kinds.count("tr") == len(plan.rows) + 3
    for row, field in zip(plan.rows, fields_of(plan), strict=True):
        assert set(cells(plan, row, field)) - {""} <= set(tags.texts)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ""),
        (8, "8 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_015_808, "1.0 MB"),
        (295_000_000_000, "295 GB"),
    ],
)
def test_storage_has_two_or_three_digits(number, words):
    assert storage(number) == words


def rows_of(name):
    """The cells of each row, by its name."""
    plan = cw.plan(SAMPLES[name])
    shown = (cells(plan, row, field) for row, field in zip(plan.rows, fields_of(plan), strict=True))
    return {row[0]: row for row in shown}


def test_joins_say_what_they_join():
    assert rows_of("unet")["decoder.stage1.merge"][1:4] == (
        "Merge",
        "skip3, concat 64 + 64, align crop",
        "128 × 16 × 24",
    )
    assert rows_of("inception")["inception1"][2] == "concat 8 + 8 + 4 + 4"
    assert rows_of("residual")["stage3.block1.skip"][2] == "add"
    assert rows_of("gate")["gate"][2] == "multiply with 8 × 40"


def test_auxiliary_heads_are_set_apart():
    """Their multiply-accumulates are in brackets and have no share; their weights count."""
    head = rows_of("inception")["aux1.fc"]
    assert head[4:8] == ("47,050", "90.6 %", "(47,040)", "")
    printed = str(cw.plan(SAMPLES["inception"]))
    assert "Training only: aux1; multiply-accumulates in brackets are not in the total" in printed
    page = Tags(html(cw.plan(SAMPLES["inception"])))
    faint = [at for _, at in page.seen if "opacity" in at.get("style", "")]
    assert len(faint) == 2 * len(head)
    assert "Training only" not in str(cw.plan(SAMPLES["residual"]))


def test_the_default_fits_a_wide_terminal():
    lines = str(cw.plan(SAMPLES["default"])).splitlines()
    assert max(len(line) for line in lines if not line.startswith("Caution")) <= 140


def test_settings_tell_more_where_one_points_at_them():
    page = Tags(html(cw.plan(SAMPLES["unet"])))
    tips = [at["title"] for _, at in page.seen if "title" in at]
    assert len(tips) == len(cw.plan(SAMPLES["unet"]).rows)
    assert tips[0].splitlines() == [
        "1 × 64 × 96 → 16 × 64 × 96",
        "⌊(64 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 64; ⌊(96 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 96",
        "each value sees 3 × 3 pixels, stride 1 × 1, from −1 × −1 on",
    ]


def test_a_plan_explains_itself():
    layers = [
        cw.layers.Conv(out_channels=2, kernel_size=3, stride=4),
        cw.layers.Norm(kind="instance"),
        cw.layers.Flatten(),
        cw.layers.Linear(out_features=3),
    ]
    network = cw.Network(input_shape=(1, 9, 13), children=layers)
    lines = repr(cw.plan(network).explain()).splitlines()
    assert lines[:8] == [
        "Network: 1 × 9 × 13 → 3",
        "",
        "0  Conv2d, kernel 3, stride 4: 1 × 9 × 13 → 2 × 2 × 3",
        "    ⌊(9 + 2·0 − 1·(3 − 1) − 1) / 4⌋ + 1 = 2; ⌊(13 + 2·0 − 1·(3 − 1) − 1) / 4⌋ + 1 = 3",
        "    rounding down leaves the last 2 rows and the last 2 columns unmet",
        "    each value sees 3 × 3 pixels, stride 4 × 4, from 0 × 0 on",
        "1  InstanceNorm2d, affine: 2 × 2 × 3 → 2 × 2 × 3",
        "    each value sees 3 × 3 pixels, stride 4 × 4, from 0 × 0 on, and all others by a norm",
    ]
    assert lines[-1] == "    each value sees everything"


def test_what_pytorch_refuses_is_not_explained_further():
    last = str(cw.plan(SAMPLES["broken_join"]).explain()).splitlines()[-1]
    assert last == (
        "decoder.stage2.merge  Merge, skip2, concat 32 + 32: 32 × 32 × 48 and 32 × 33 × 48 → ✗"
    )


def test_names_are_escaped():
    network = cw.Network(
        input_shape=(1, 8),
        children={"<script>alert(1)</script>": cw.layers.Activation(name="relu")},
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
    plan = cw.plan(design)
    [note] = [line for line in str(plan).splitlines() if "normalises one value" in line]
    layers = [each.layer for each in plan.cautions if each.sentence.startswith("normalises one")]
    assert f"{', '.join(layers[:4])} and {len(layers) - 4} more: normalises one value" in note


def test_what_is_no_design_is_refused():
    for thing in (None, 5, "EncoderDecoder()", {"depth": 3}):
        with pytest.raises(cw.DesignError, match="is no design; give an EncoderDecoder"):
            cw.plan(thing)


def test_the_middle_of_very_many_rows_is_folded():
    layers = {f"act{number}": cw.layers.Activation(name="relu") for number in range(1500)}
    plan = cw.plan(cw.Network(input_shape=(1, 8), children=layers))
    assert len(plan.rows) == 1500
    lines = str(plan).splitlines()
    assert "... 1,200 more rows" in lines
    shown = [line.split()[0] for line in lines if line.startswith("act")]
    page = Tags(html(plan))
    assert "... 1,200 more rows" in page.texts
    assert [each for each in page.texts if each.startswith("act")] == shown
    assert shown == [f"act{number}" for number in (*range(150), *range(1350, 1500))]


def test_as_many_rows_as_can_be_read_are_all_shown():
    layers = [cw.layers.Activation(name="relu")] * 400
    assert "more rows" not in str(cw.plan(cw.Network(input_shape=(1, 8), children=layers)))


def test_mends_are_asked_for_once_for_all_layers_of_one_caution(monkeypatch):
    asked = []
    mends = Caution.mends.fget
    monkeypatch.setattr(
        Caution, "mends", property(lambda each: asked.append(each.layer) or mends(each))
    )
    design = SAMPLES["default"].replace(depth=200)
    cautions = [sentence for word, sentence in remarks(cw.plan(design)) if word == "Caution"]
    assert len(asked) == len(cautions) < 5
