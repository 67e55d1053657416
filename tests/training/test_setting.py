"""The table of settings: one row makes a setting known everywhere."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from cnnwidget.training.recipe import SETTINGS, Recipe
from cnnwidget.training.setting import settings_for, settings_of

# A further row, before that of the seed.
ROW = """
    warmth: Annotated[
        int | None,
        Field(ge=1, le=9),
        Setting(
            "how warm it is; None is cold",
            control=Control("warmth", "int", 0, 9, folded=True, tooltip="warm", zero_is_none=True),
            sweep=(1, 2, 3),
        ),
    ] = None
    seed: Annotated["""

# Imports the package with that row in its table, and then looks for it wherever settings are.
LOOK = """
import importlib.util, inspect, json, sys
from pathlib import Path

name, row, folder = "cnnwidget.training.recipe", sys.argv[1], Path(sys.argv[2])
spec = importlib.util.find_spec(name)
text = Path(spec.origin).read_text(encoding="utf-8")
amended = text.replace("\\n    seed: Annotated[", row)
assert (amended == text) is (row == "")
module = sys.modules[name] = importlib.util.module_from_spec(spec)
exec(compile(amended or text, spec.origin, "exec"), vars(module))

import numpy as np
import cnnwidget as cw
from cnnwidget.panel.controls.restore_settings import restore_settings
from cnnwidget.panel.controls.sweep_values import suggested_values, sweep_fields
from cnnwidget.training.tasks.task_table import task_named

for function in (cw.train, cw.fit):
    assert str(inspect.signature(function).parameters["warmth"]) == "warmth: int | None = None"
    assert "    warmth: how warm it is; None is cold.\\n" in function.__doc__
assert "    warmth: how warm it is; None is cold.\\n" in module.Recipe.__doc__

values = np.random.default_rng(0).random((30, 8, 8)).astype("float32")
design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
run = cw.fit(design, values, epochs=1, warmth=3, progress=False)
assert (run.recipe.warmth, run.repeat["warmth"]) == (3, 3)
assert cw.fit(design, values, epochs=1, progress=False).recipe.warmth is None
try:
    cw.fit(design, values, epochs=1, warmth=10)
except ValueError as refusal:
    assert "warmth is 10, but must be at most 9" in str(refusal)

run.save(folder / "run")
written = json.loads((folder / "run" / "run.json").read_text(encoding="utf-8"))
assert written["recipe"]["warmth"] == 3
assert cw.load_run(folder / "run").recipe == run.recipe

panel = cw.Designer(values, design, cw.Runs())
control = panel.settings.warmth
assert (control.description, control.tooltip) == ("warmth", "warm")
assert (control.max, control.value) == (9, 0)
assert panel.settings.arguments()["warmth"] is None
names = [each.description for each in panel.settings.folded()]
assert names[-2:] == ["warmth", "seed"]
assert restore_settings(panel.settings, run) == []
assert (control.value, panel.settings.arguments()["warmth"]) == (3, 3)
assert sweep_fields(design, task_named("forecast"))[-2:] == ("warmth", "seed")
assert suggested_values(design, panel.frames, "warmth", panel.settings.arguments()) == (1, 2, 3)
assert panel.wait()
panel.close()

runs = cw.sweep(design, values, "warmth", [1, 2], epochs=1, progress=False)
assert runs.names == ("warmth 1", "warmth 2")
assert [each.recipe.warmth for each in runs] == [1, 2]
print("found everywhere")
"""


def look(row, folder):
    return subprocess.run(
        [sys.executable, "-c", LOOK, row, str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_a_row_of_the_table_is_all_that_a_new_setting_takes(tmp_path):
    done = look(ROW, tmp_path)
    assert done.stdout == "found everywhere\n", done.stderr


def test_a_setting_that_is_in_no_table_is_found_missing(tmp_path):
    done = look(ROW.replace("warmth", "coldness"), tmp_path)
    assert "KeyError: 'warmth'" in done.stderr


def test_a_field_without_a_row_is_refused():
    class Table(BaseModel):
        seed: int = 0

    with pytest.raises(TypeError, match="seed needs one Setting"):
        settings_of(Table)


def test_every_field_of_a_recipe_is_a_setting_and_a_task_sees_those_that_it_declares():
    assert list(SETTINGS) == list(Recipe.model_fields)
    common = settings_for(SETTINGS, ())
    assert "lr" in common
    assert "gap" not in common
    assert list(settings_for(SETTINGS, SETTINGS)) == list(SETTINGS)
    assert set(settings_for(SETTINGS, {"gap"})) == {*common, "gap"}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_sentence_reads_as_one(name):
    for text in (SETTINGS[name].help, SETTINGS[name].auto):
        assert text == text.strip().rstrip(".")
    assert SETTINGS[name].help
