"""The house rules on imports: their direction, their form, and what they must not cost."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cnnwidget"

# What each room may import of ours. Nothing points back.
MAY_IMPORT = {
    "design": {"design"},
    "show": {"design", "show"},
    "model": {"design", "model"},
    "data": {"design", "data"},
    "training": {"design", "model", "data", "training"},
    "panel": {"design", "show", "model", "data", "training", "panel"},
    "": {"design", "show", "model", "data", "training", "panel"},
}
HEAVY = {"torch", "torchinfo", "ipywidgets", "matplotlib", "numpy", "IPython"}
# What a room may import of others', where that is limited.
THIRD_PARTY = {
    "": set(),
    "design": {"pydantic", "pydantic_core"},
    "show": {"graphviz", "pygraphviz", "tabulate"},
    "panel": {"IPython", "anywidget", "ipywidgets", "matplotlib", "numpy", "traitlets"},
}


def room_of(path):
    """The first folder below the package, and nothing for the root."""
    inside = path.relative_to(PACKAGE).parts
    return inside[0] if len(inside) > 1 else ""


def imported(node):
    """The modules that a statement imports, by their full path; None for a relative import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level:
        return None
    folder = PACKAGE.parent.joinpath(*node.module.split("."))
    if node.module.startswith("cnnwidget.") and folder.is_dir():  # its files, by their names
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [node.module]


def violations(path, text):
    """What the imports of one file do against the rules, as sentences."""
    room = room_of(path)
    for node in ast.walk(ast.parse(text)):
        modules = imported(node)
        if modules is None:
            yield f"{path.name}: a relative import; write the full path"
            continue
        for module in modules:
            top, *rest = module.split(".")
            if top == "cnnwidget":
                if not rest or rest[0] not in MAY_IMPORT[room]:
                    yield f"{path.name} in {room or 'the root'} imports {module}"
                elif not PACKAGE.joinpath(*rest).with_suffix(".py").is_file():
                    yield f"{path.name}: {module} is no file; import from the one that defines it"
            elif room in THIRD_PARTY and top not in sys.stdlib_module_names | THIRD_PARTY[room]:
                yield f"{path.name} in {room or 'the root'} imports {module}"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.name)
def test_imports_keep_to_the_rules(path):
    assert list(violations(path, path.read_text(encoding="utf-8"))) == []


def test_every_room_is_known():
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("design/planning/plan.py", "from cnnwidget.show.table import plan"),
        ("design/planning/plan.py", "import torch"),
        ("design/planning/plan.py", "def f():\n    import numpy"),
        ("show/table.py", "from cnnwidget.model.build import build"),
        ("show/table.py", "import torch.nn"),
        ("model/build.py", "from cnnwidget.show.source import source"),
        ("model/build.py", "from cnnwidget.design import plan"),
        ("model/build.py", "from cnnwidget.design.planning import Plan"),
        ("model/build.py", "from cnnwidget import plan"),
        ("model/build.py", "from .audit import audit"),
        ("__init__.py", "import torch"),
    ],
)
def test_the_rules_can_be_broken(where, line):
    assert list(violations(PACKAGE / where, line))


def loaded_by(code):
    """The heavy modules in memory after some code in a fresh process."""
    probe = f"{code}\nimport sys\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return set(done.stdout.split())


def modules_of(room):
    files = sorted((PACKAGE / room).rglob("[!_]*.py"))
    return [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]


@pytest.mark.parametrize(
    "code",
    [
        "import cnnwidget",
        "import cnnwidget; dir(cnnwidget); cnnwidget.EncoderDecoder",
        *(f"import {module}" for module in modules_of("design") + modules_of("show")),
    ],
)
def test_designing_needs_nothing_heavy(code):
    assert loaded_by(code) == set()


def test_a_plan_its_table_its_diagram_and_its_source_need_nothing_heavy():
    code = (
        "import cnnwidget as cw\n"
        "for size in [(64, 64), (8, 8)]:\n"
        "    design = cw.EncoderDecoder(input_size=size, in_channels=1, out_channels=1, depth=4,\n"
        "                               padding='valid' if size == (8, 8) else 'same')\n"
        "    plan = cw.plan(design)\n"
        "    str(plan), plan._repr_html_(), cw.diagram(plan)._repr_mimebundle_()\n"
        "    cw.source(design) if not plan.problems else plan.problems[0].mends\n"
    )
    # pygraphviz imports numpy where there is one; nothing of ours asks for it.
    assert loaded_by(code) <= {"numpy"}


def test_what_is_heavy_would_be_noticed():
    assert "torch" in loaded_by("import cnnwidget; cnnwidget.build")
