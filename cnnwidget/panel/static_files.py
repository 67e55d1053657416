"""The files of `static` as one script and one style sheet, as anywidget takes them.

Each script is an ES module that imports what it uses and exports what others use, so that an editor
and a type checker follow it. A widget is one module, so the modules are joined when the package is
imported: no build step, and nothing generated is kept.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

# A rule of a later sheet wins against an equally specific rule of an earlier one.
SHEETS = (
    "theme.css",
    "controls.css",
    "stage.css",
    "network.css",
    "fit.css",
    "results.css",
    "narrow.css",
    "checks.css",
    "runs.css",
)

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]*)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function|async function|const|class)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import\b|export (?!default )).*", re.MULTILINE)


def joined_script(entry: Path = STATIC / "page.js") -> str:
    """Return a module and all that it imports as one module, imported modules first.

    Imports and the word `export` are removed, but for the default export of `entry`. This needs
    names that are unique over all files, and only the form `import { name } from "./file.js";`.

    Raises:
        ValueError: if the imports form a circle, or a statement has another form.
    """
    texts: dict[Path, str] = {}

    def add(path: Path, importers: tuple[Path, ...]) -> None:
        if path in importers:
            circle = " -> ".join(each.name for each in (*importers, path))
            msg = f"the scripts import each other in a circle: {circle}"
            raise ValueError(msg)
        if path in texts:
            return
        text = path.read_text(encoding="utf-8")
        for target in _IMPORT.findall(text):
            add((path.parent / target).resolve(), (*importers, path))
        text = _EXPORT.sub("", _IMPORT.sub("", text))
        if other := _LEFT_OVER.search(text):
            msg = f"{path.name}: `{other[0]}` cannot be joined"
            raise ValueError(msg)
        texts[path] = text

    add(entry.resolve(), ())
    return "\n".join(texts.values())


def joined_sheet() -> str:
    """Return the style sheets as one, in the order of `SHEETS`."""
    return "\n".join((STATIC / "styles" / name).read_text(encoding="utf-8") for name in SHEETS)
