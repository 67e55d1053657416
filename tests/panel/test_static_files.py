"""The scripts and sheets of the page, joined for anywidget."""

import re
from collections import Counter

import pytest

from cnnwidget.panel.stage import Stage
from cnnwidget.panel.static_files import SHEETS, STATIC, joined_script, joined_sheet

SCRIPTS = sorted(STATIC.rglob("*.js"))
NAME = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def repeated_names(text):
    return [name for name, count in Counter(NAME.findall(text)).items() if count > 1]


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "page.js"


def test_the_stage_shows_the_joined_files():
    assert Stage._esm == joined_script()
    assert Stage._css == joined_sheet()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_in_the_page_once(path):
    """By its first line, which says what the file is."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("// ")
    assert joined_script().splitlines().count(first) == 1


def test_every_sheet_is_in_the_page_once():
    assert sorted(SHEETS) == sorted(path.name for path in STATIC.rglob("*.css"))


def test_names_are_unique_over_all_scripts():
    assert repeated_names(joined_script()) == []
    assert len(NAME.findall(joined_script())) > 60


def test_a_repeated_name_would_be_noticed(tmp_path):
    page = write(
        tmp_path,
        page='import { a } from "./a.js";\nconst b = a;\n',
        a="export const a = b;\nfunction b() {}\n",
    )
    assert repeated_names(joined_script(page)) == ["b"]


def test_what_is_imported_comes_first_and_once(tmp_path):
    page = write(
        tmp_path,
        page=(
            'import { a } from "./a.js";\nimport {\n  b,\n  c,\n} from "./b.js";\n'
            "export default { a, b, c };\n"
        ),
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b="export const b = 1;\nexport async function c() {}\n",
    )
    lines = [line for line in joined_script(page).splitlines() if line]
    assert lines == [
        "const b = 1;",
        "async function c() {}",
        "const a = b;",
        "export default { a, b, c };",
    ]


def test_only_the_page_exports():
    exports = re.findall(r"^export .*", joined_script(), re.MULTILINE)
    assert exports == ["export default { render };"]
    assert not re.search(r"^import\b", joined_script(), re.MULTILINE)


def test_a_circle_is_refused(tmp_path):
    page = write(
        tmp_path,
        page='import { a } from "./a.js";\n',
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match=r"circle: page\.js -> a\.js -> b\.js -> a\.js"):
        joined_script(page)


@pytest.mark.parametrize(
    "line",
    [
        'import * as a from "./a.js";',
        'import "./a.js";',
        'import { h } from "https://example.org/h.js";',
        'export { h } from "./a.js";',
        "export let h = 1;",
    ],
)
def test_another_form_is_refused(tmp_path, line):
    page = write(tmp_path, page=f"{line}\n", a="export const a = 1;\n")
    with pytest.raises(ValueError, match=r"page\.js: `.*` cannot be joined"):
        joined_script(page)
