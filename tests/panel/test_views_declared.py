"""The views that Python sends are those that `views.d.ts` declares, held by its type checker."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

import cnnwidget as cw
from cnnwidget.panel.static_files import STATIC
from tests.panel.panels import press, short_training

DECLARED = (STATIC / "views.d.ts").read_text(encoding="utf-8")
TRAITS = re.findall(
    r"^  (\w+): \w+;$",
    DECLARED.partition("export interface Views {")[2].partition("}")[0],
    re.MULTILINE,
)
DENO = shutil.which("deno", path=Path(sys.executable).parent)


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Every view that a panel sends while it is drawn, trains, checks, and refuses something."""
    frames = cw.sample("circling shape", size=(8, 8), steps=60)
    design = cw.EncoderDecoder(
        input_size=(8, 8), in_channels=2, out_channels=1, depth=1, start_channels=4
    )
    panel = cw.Designer(frames, design, runs=cw.Runs())
    views = [(trait, getattr(panel.stage, trait)) for trait in TRAITS]
    panel.stage.observe(lambda change: views.append((change["name"], change["new"])), TRAITS)
    short_training(panel)
    assert panel.wait()
    press(panel, "fit")
    with chdir(tmp_path_factory.mktemp("saved")):
        press(panel, "save")
    panel.intents.press("batch")
    assert panel.wait()
    press(panel, "no such operation")
    press(panel, "restore run", run=1)
    panel.messages.say("There is no room.", 4)
    # A design that no longer fits, with a problem.
    panel.design = design.replace(input_size=(2, 2), depth=3, padding="valid")
    assert panel.wait()
    views += [(trait, getattr(panel.stage, trait)) for trait in TRAITS]
    panel.close()
    panel.wait()
    return views


def refused(views, folder):
    """Return what the type checker refuses of views, as literals of their types; or nothing."""
    shutil.copy(STATIC / "views.d.ts", folder)
    lines = ['import type { Views } from "./views.d.ts";']
    lines += [
        f'export const view{n}: Partial<Views["{trait}"]> = {json.dumps(view)};'
        for n, (trait, view) in enumerate(views)
    ]
    (folder / "sent.ts").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [DENO, "check", "--quiet", "sent.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
    )
    assert done.returncode == bool(done.stderr)
    return done.stderr


def test_every_view_is_sent(sent):
    filled = {trait for trait, view in sent if view}
    assert filled == set(TRAITS)
    assert len(TRAITS) == 11


def test_what_is_sent_is_declared(sent, tmp_path):
    assert refused(sent, tmp_path) == ""


def test_another_view_would_be_noticed(tmp_path):
    views = [
        ("plan_view", {"titel": "a network"}),
        ("plan_view", {"totals": [{"label": "MACs"}]}),
        ("fit_view", {"state": "resting"}),
        ("fit_view", {"progress": "half"}),
    ]
    printed = refused(views, tmp_path)
    assert printed.count("[ERROR]") == len(views)
    assert "'\"titel\"' does not exist" in printed
    assert "missing the following properties" in printed
    assert "'string' is not assignable to type 'number'" in printed
