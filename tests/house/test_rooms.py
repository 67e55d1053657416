"""The house rules on imports: their direction, their form, and what they must not cost."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cnnwidget"

# What each room may import of ours. Nothing points back.
MAY_IMPORT = {
    "design": {"design"},
    "show": {"design", "show"},
    "model": {"design", "model"},
    "data": {"design", "data"},
    "training": {"design", "show", "model", "data", "training"},
    "panel": {"design", "show", "model", "data", "training", "panel"},
    "": {"design", "show", "model", "data", "training", "panel"},
}
# Files of a folder beside `__init__`.
MOST_FILES = 15
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


def path_of(module):
    """The file of a module of the package; None for another name."""
    file = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
    return file if file.is_file() else None


def run_time_nodes(node):
    """The statements below a node, without those that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other
                yield from run_time_nodes(other)
            continue
        yield child
        yield from run_time_nodes(child)


def uses_of(text):
    """The files that a file imports: at the top, inside functions, and by `import_module`."""
    found = set()
    for node in run_time_nodes(ast.parse(text)):
        modules = imported(node) or []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            modules = [node.value] if node.value.startswith("cnnwidget.") else []
        found |= {path for module in modules if (path := path_of(module))}
    return found


def circles(uses):
    """Groups of files that import each other, however many steps it takes."""

    def reached(start):
        seen, waiting = set(), [start]
        while waiting:
            for other in uses.get(waiting.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    beyond = {file: reached(file) for file in uses}
    return {
        frozenset(other for other in beyond if other in beyond[file] and file in beyond[other])
        for file in uses
        if file in beyond[file]
    }


def package_files():
    return sorted(PACKAGE.rglob("*.py"))


def test_no_import_goes_in_a_circle():
    uses = {file: uses_of(file.read_text(encoding="utf-8")) for file in package_files()}
    assert [sorted(file.stem for file in circle) for circle in circles(uses)] == []


@pytest.mark.parametrize(
    "back",
    [
        "from cnnwidget.model.audit import audit",
        "import cnnwidget.model.audit",
        "def f():\n    from cnnwidget.model.audit import audit",
        "def f():\n    import_module('cnnwidget.model.audit')",
        "READERS = {'audit': 'cnnwidget.model.audit'}",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import cnnwidget.model.audit",
    ],
)
def test_a_circle_would_be_found(back):
    build, audit = PACKAGE / "model" / "build.py", PACKAGE / "model" / "audit.py"
    uses = {build: uses_of(back), audit: uses_of("from cnnwidget.model.build import build")}
    assert circles(uses) == {frozenset({build, audit})}


def test_an_import_for_types_is_no_circle():
    lines = "if TYPE_CHECKING:\n    from cnnwidget.model.audit import audit"
    assert uses_of(lines) == set()


def repeated(names):
    """The names that occur more than once."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def class_names(files):
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        yield from (node.name for node in tree.body if isinstance(node, ast.ClassDef))


def crowded(files):
    """Folders with more than 16 files beside `__init__`."""
    counts = Counter(file.parent for file in files if file.name != "__init__.py")
    return {folder.name: count for folder, count in counts.items() if count > MOST_FILES}


def test_a_file_and_a_class_have_a_name_of_their_own_and_no_folder_is_crowded():
    files = [file for file in package_files() if file.name != "__init__.py"]
    assert repeated(file.name for file in files) == []
    # A combinator of a design and its torch module have one name, as in the source that is shown.
    modules = PACKAGE / "model" / "modules.py"
    assert repeated(class_names(file for file in files if file != modules)) == []
    assert crowded(files) == {}


def test_a_name_used_twice_and_a_crowded_folder_would_be_found(tmp_path):
    files = [tmp_path / f"file{number}.py" for number in range(MOST_FILES + 1)]
    for file in files:
        file.write_text("class Same: ...")
    assert repeated(class_names(files)) == ["Same"]
    assert repeated(["a.py", "b.py", "a.py"]) == ["a.py"]
    assert crowded(files) == {tmp_path.name: MOST_FILES + 1}
    assert crowded(files[1:]) == {}


def loaded_by(*statements):
    """The heavy modules that each of some statements brings into memory in one fresh process."""
    probe = (
        "import sys\n"
        f"for code in {statements!r}:\n"
        f"    before = {HEAVY!r} & set(sys.modules)\n"
        "    exec(code, {})\n"
        f"    print(*sorted({HEAVY!r} & set(sys.modules) - before), sep=',')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    lines = done.stdout.split("\n")[:-1]
    return [set(line.split(",")) - {""} for line in lines]


def modules_of(room):
    files = sorted((PACKAGE / room).rglob("[!_]*.py"))
    return [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]


def test_designing_needs_nothing_heavy():
    """In one process: a heavy module is reported with the first statement that loads it."""
    statements = [
        "import cnnwidget",
        "import cnnwidget; dir(cnnwidget); cnnwidget.EncoderDecoder; cnnwidget.layers.Conv",
        *(f"import {module}" for module in modules_of("design") + modules_of("show")),
    ]
    assert len(statements) > 50
    heavy = dict(zip(statements, loaded_by(*statements), strict=True))
    assert {statement: names for statement, names in heavy.items() if names} == {}


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
    [loaded] = loaded_by(code)
    assert loaded <= {"numpy"}


def test_what_is_heavy_would_be_noticed():
    light, heavy, known = loaded_by(
        "import cnnwidget", "import cnnwidget; cnnwidget.build", "import torch"
    )
    assert light == set()
    assert "torch" in heavy
    assert known == set()


def rooms_on_the_map(text):
    """The rooms that CONTRIBUTING.md lists, with their sentences."""
    return dict(re.findall(r"^\| `cnnwidget/(\S+)` \| (.+) \|$", text, flags=re.MULTILINE))


def test_the_map_shows_the_rooms_there_are():
    rooms = rooms_on_the_map((PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    folders = {
        f"{file.parent.relative_to(PACKAGE).as_posix()}/"
        for file in PACKAGE.rglob("__init__.py")
        if file.parent != PACKAGE
    }
    files = {file.name for file in PACKAGE.glob("*.py") if file.name != "__init__.py"}
    # A folder is on the map, or one of those that hold it is.
    assert [room for room in rooms if room not in folders | files] == []
    assert [each for each in files if each not in rooms] == []
    assert [each for each in folders if not any(each.startswith(room) for room in rooms)] == []
    for room in MAY_IMPORT:
        assert not room or any(listed.startswith(f"{room}/") for listed in rooms)
    assert all(re.fullmatch(r"[^.].*\.", sentence) for sentence in rooms.values())
    assert not [sentence for sentence in rooms.values() if ". " in sentence]


def test_a_wrong_map_would_be_noticed():
    assert rooms_on_the_map("| `cnnwidget/attic/` | old things |") == {"attic/": "old things"}
    assert rooms_on_the_map("| command | what it does |") == {}
