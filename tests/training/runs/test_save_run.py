"""A run in a folder: read by others, read by us, and damaged."""

import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import cnnwidget as cw
from tests.training.samples import PLANE, losses, noise, same_weights, wave

PACKAGE = Path(__file__).parents[3] / "cnnwidget"
HAND = cw.Network(
    input_shape=(2, 12),
    children=(
        cw.layers.Conv(out_channels=2, kernel_size=3, padding="same"),
        cw.layers.Activation(name="tanh"),
    ),
)
RECORD, WEIGHTS, LAST = "run.json", "weights.safetensors", "predictor.safetensors"
CHECKPOINT = "training.safetensors"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    run = cw.fit(PLANE, wave(40, 8, 8), epochs=3, reference="none", progress=False)
    return run, run.save(tmp_path_factory.mktemp("runs") / "deep" / "folder")


def damaged(saved, tmp_path, **fields):
    """A copy of a folder with some fields of the record changed."""
    folder = tmp_path / "copy"
    shutil.copytree(saved[1], folder, dirs_exist_ok=True)
    record = json.loads((folder / RECORD).read_text()) | fields
    for name in ("predictor", "metrics"):
        if name in fields and fields[name] is not None:
            record[name] = json.loads((saved[1] / RECORD).read_text())[name] | fields[name]
    (folder / RECORD).write_text(json.dumps(record))
    return folder


def test_no_pickle_is_anywhere():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"import (pickle|dill|joblib|shelve|marshal)", text), path
        assert not re.search(
            r"torch\.save\(|torch\.load\((?!.*weights_only=True)|allow_pickle=True"
            r"|(?<![\w.])(eval|exec)\(",
            text.replace(">>> torch.save(", ""),
        ), path


def test_others_can_read_it(saved):
    run, folder = saved
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["predict.py", LAST, RECORD, CHECKPOINT, WEIGHTS]
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    assert record["recipe"]["epochs"] == 3
    assert [epoch[1] for epoch in record["history"]] == [each.train for each in run.history]
    assert record["design"]["fields"]["input_size"] == [8, 8]
    net = cw.build(PLANE)
    net.load_state_dict(load_file(folder / WEIGHTS))
    [low], [span] = record["predictor"]["scaling"]
    frames = (torch.from_numpy(wave(40, 8, 8)[-3:])[None] - low) / span
    with torch.no_grad():
        predicted = net.eval()(frames)[0] * span + low
    assert np.allclose(predicted.numpy(), run.forecast(), rtol=1e-5)


@pytest.mark.parametrize("design", [PLANE, PLANE.replace(norm="dropout"), HAND])
def test_it_comes_back_as_it_was(design, tmp_path):
    values = wave(40, 8, 8) if design is not HAND else noise(30, 2, 12)
    frames = cw.load(values, axes="TCL" if design is HAND else None, name="ice \udce4 <b>")
    run = cw.fit(design, frames, epochs=2, progress=False, lr=(0.1, 0.01))
    again = cw.load_run(str(run.save(tmp_path)))
    assert again.design == run.design
    assert (again.recipe, again.predictor.scaling, again.split) == (
        run.recipe,
        run.predictor.scaling,
        run.split,
    )
    assert losses(again) == losses(run)
    assert (again.best, again.ending, again.device) == (run.best, run.ending, run.device)
    assert (again.baselines, again.metrics, again.skill) == (run.baselines, run.metrics, run.skill)
    assert same_weights(again.weights, run.weights)
    assert (again.predict(frames) == run.predict(frames)).all()
    assert (again.forecast(5) == run.forecast(5)).all()
    assert (again.repeat, again.data) == (run.repeat, None)
    assert again.plot()._repr_png_().startswith(b"\x89PNG")
    assert again.data_name == "ice ? <b>"
    twice = cw.load_run(again.save(tmp_path / "twice"))
    assert twice.metrics == run.metrics


def test_runs_that_ended_badly_come_back_too(tmp_path, monkeypatch):
    training = cw.train(PLANE, noise(40, 8, 8), epochs=2)
    early = cw.load_run(training.run.save(tmp_path / "early"))
    assert (early.best, early.history, early.baselines) == (None, (), ())
    training.examples.loss = lambda a, b: (a - b.target).sum() * float("inf")
    list(training)
    run = training.run
    again = cw.load_run(run.save(tmp_path / "diverged"))
    assert (again.ending, again.findings) == ("diverged", run.findings)
    assert [str(loss) for _, loss in again.baselines] == [str(loss) for _, loss in run.baselines]
    plain = cw.train(PLANE, noise(40, 8, 8), epochs=2)
    monkeypatch.setattr("cnnwidget.training.loop.training.mean_losses", lambda *_: [float("nan")])
    list(plain)
    again = cw.load_run(plain.run.save(tmp_path / "nan"))
    assert np.isnan(again.history[0].validation)


def test_with_its_data_it_is_measured_anew(saved, tmp_path):
    run, folder = saved
    values = wave(40, 8, 8)
    again = cw.load_run(folder, values)
    assert again.measured is None
    assert again.metrics == run.metrics
    assert again.data is not None
    other = values.copy()
    other[-1] += 100
    assert cw.load_run(folder, other).metrics != run.metrics
    with pytest.raises(cw.DataError, match="has 26 windows, but the run has windows up to the 36"):
        cw.load_run(folder, values[:30])
    with pytest.raises(cw.DesignError, match="8 × 9"):
        cw.load_run(folder, noise(40, 8, 9))
    unmeasured = cw.load_run(damaged(saved, tmp_path, metrics=None))
    assert "finished" in repr(unmeasured)
    with pytest.raises(cw.DataError, match="saved without metrics"):
        _ = unmeasured.metrics


def test_variables_need_an_axis(tmp_path):
    design = PLANE.replace(in_channels=6, out_channels=4)
    run = cw.fit(design, noise(40, 2, 8, 8), epochs=1, progress=False)
    record = json.loads((run.save(tmp_path) / RECORD).read_text())
    record["predictor"]["has_channels"] = False
    (tmp_path / RECORD).write_text(json.dumps(record))
    with pytest.raises(cw.DataError, match="does not hold the last frames"):
        cw.load_run(tmp_path)


def test_what_was_there_is_replaced(saved, tmp_path):
    first = cw.fit(HAND.replace(input_shape=(1, 12)), noise(30, 12), epochs=1, forecast_len=2,
                   progress=False)  # fmt: skip
    first.save(tmp_path)
    saved[0].save(tmp_path)
    assert cw.load_run(tmp_path).metrics == saved[0].metrics


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": 3}, "the record of a run of version 3, written by cnnwidget "),
        ({"version": 1}, f"written by cnnwidget {cw.__version__}, but version 2 is read here"),
        ({"version": "2"}, "no record of a run of version 2"),
        ({"more": 1}, "more is none of its fields"),
        ({"ending": "fine"}, "ending is 'fine'"),
        ({"predictor": {"scaling": [[0.0], [0.0]]}}, "a span must not be 0"),
        ({"predictor": {"scaling": [[0.0], [1e300]]}}, "scaling"),
        ({"split": [[0, 9], [5, 7], [20, 30]]}, "parts must follow each other"),
        ({"split": [[0, 9], [9, 9], [9, 9]]}, "hold windows unless the kind is 'none'"),
        ({"split": [[0, 9], [10, 12], [13, 10**30]]}, "split"),
        ({"best": 9}, "history count epochs from 1, and best be one of these"),
        ({"start": [1, 0.5, 0.5, 0.1, 0.0]}, "start must be epoch 0 or null"),
        ({"baselines": [["$\\x$", 1.0]]}, "baselines must be of persistence"),
        ({"metrics": {"errors": []}}, "errors"),
        ({"design": {"version": 1}}, "from_json"),
        ({"design": [[[]]]}, "design is"),
        ({"recipe": {"epochs": 1}}, "Recipe"),
        ({"history": [[1, "Infinity", None, 0.1, 1.0]]}, "history"),
        ({"data_name": {"a": [1]}}, "data_name is"),
        ({"versions": {"torch": "1\n2"}}, "versions is"),
        ({"fingerprint": [["frames", [40, 1, 8, 8], "float32", "<b>"]]}, "fingerprint is"),
    ],
)
def test_fields_that_cannot_be(saved, tmp_path, fields, said):
    with pytest.raises(cw.DataError) as refusal:
        cw.load_run(damaged(saved, tmp_path, **fields))
    assert said in str(refusal.value)
    assert RECORD in str(refusal.value)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere", "there is no such folder"),
        ("zero\0", "there is no such folder"),
        ("empty", "it holds no run.json"),
        ("full/run.json", "that is a file"),
        ("x" * 999, "file name too long"),
    ],
)
def test_folders_without_a_run(saved, tmp_path, place, reason):
    (tmp_path / "empty").mkdir()
    shutil.copytree(saved[1], tmp_path / "full")
    with pytest.raises(cw.DataError) as refusal:
        cw.load_run(f"{tmp_path}/{place}")
    assert str(refusal.value) == (
        f"There is no run in {tmp_path}/{place}: {reason}; give a folder that run.save wrote."
    )


def test_what_is_no_path_of_a_folder(saved):
    for act in (cw.load_run, saved[0].save):
        for path in (3, None, b"runs", ""):
            with pytest.raises(cw.CnnwidgetError, match=r"^\S+ is no path of a folder; give one"):
                act(path)


def test_the_home_folder(saved, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert saved[0].save("~/first") == tmp_path / "first"
    assert cw.load_run("~/first").design == saved[0].design


def test_places_where_no_run_can_be_saved(saved, tmp_path, monkeypatch):
    file = tmp_path / "ok.npy"
    file.write_text("mine")
    with pytest.raises(
        cw.CnnwidgetError, match=r"ok\.npy is a file, but a run is saved into a folder"
    ):
        saved[0].save(str(file))
    with pytest.raises(
        cw.CnnwidgetError, match=r"run cannot be made: not a directory; give another"
    ):
        saved[0].save(file / "run")
    with pytest.raises(cw.CnnwidgetError, match=r"cannot be made: .*null"):
        saved[0].save("zero\0")
    assert file.read_text() == "mine"
    for name in (RECORD, WEIGHTS, LAST, CHECKPOINT):
        (tmp_path / name / name).mkdir(parents=True)
        with pytest.raises(cw.CnnwidgetError, match=r"cannot be written .*/\S+: .*directory"):
            saved[0].save(tmp_path / name)
        assert not list((tmp_path / name).glob("*.partial"))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "/runs")

    monkeypatch.setattr(Path, "mkdir", refuse)  # whoever may do anything is refused nothing
    with pytest.raises(
        cw.CnnwidgetError, match="/runs cannot be made: permission denied; give another"
    ):
        saved[0].save("/runs")


def test_files_that_are_missing_or_of_another_run(saved, tmp_path):
    folder = damaged(saved, tmp_path)
    for text in ("", "{", "[]", "3", "[" * 100_000, '{"version": 1}', "\x00"):
        (folder / RECORD).write_text(text)
        with pytest.raises(cw.DataError, match=r"run\.json"):
            cw.load_run(folder)
    nested = "[" * 900 + "]" * 900
    (folder / RECORD).write_text('{"version": 1, "history": ' + nested + "}")
    with pytest.raises(cw.DataError, match=r"run\.json"):
        cw.load_run(folder)
    (folder / RECORD).write_bytes(b"\xff\xfe")
    with pytest.raises(cw.DataError, match=r"run\.json"):
        cw.load_run(folder)
    shutil.copy(saved[1] / RECORD, folder)
    good = load_file(folder / WEIGHTS)
    first = next(iter(good))
    for weights in ({}, good | {first: good[first].double()}, good | {"x": torch.zeros(2)}):
        save_file(weights, folder / WEIGHTS)
        with pytest.raises(cw.DataError, match=r"weights\.safetensors does not fit the design"):
            cw.load_run(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(cw.DataError, match=r"weights\.safetensors cannot be read"):
        cw.load_run(folder)
    shutil.copy(saved[1] / WEIGHTS, folder)
    frames = torch.zeros(3, 1, 8, 8)
    for last in ({}, {"frames": frames[:2]}, {"frames": frames[:, 0]}, {"frames": frames.int()},
                 {"frames": frames[..., :7]}, {"frames": frames.bfloat16()}):  # fmt: skip
        save_file({name: value.contiguous() for name, value in last.items()}, folder / LAST)
        with pytest.raises(cw.DataError, match="does not hold the last frames"):
            cw.load_run(folder)


def test_a_record_of_a_huge_network_builds_nothing(saved, tmp_path):
    design = json.loads((saved[1] / RECORD).read_text())["design"]
    design["fields"] |= {"start_channels": 10**6, "max_channels": 10**6, "depth": 3}
    with pytest.raises(cw.DataError, match="does not fit the design"):
        cw.load_run(damaged(saved, tmp_path, design=design))


JUNK = (None, True, -1, 0, 2, 0.5, 1e308, 10**30, "", "nan", "x", [], [1], [[]], {}, {"a": 1})


def places(value, path=()):
    """The paths to all values within JSON."""
    yield path
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            yield from places(child, (*path, key))


def mutated(record, chance):
    """The record with a value within it replaced, taken away or doubled."""
    record = json.loads(json.dumps(record))
    *path, key = chance.choice([path for path in places(record) if path])
    within = record
    for step in path:
        within = within[step]
    what = chance.random()
    if what < 0.15:
        del within[key]
    elif what < 0.25 and isinstance(within, list):
        within.append(within[key])
    else:
        within[key] = chance.choice(JUNK)
    return record


def use(folder):
    """All that a run can be asked for without data; what cannot be trusted may only be refused."""
    try:
        run = cw.load_run(folder)
    except cw.CnnwidgetError as refusal:
        said = str(refusal)
    else:
        said = ""
    assert "\n" not in said
    if said:
        return False
    assert repr(run)
    predicted = run.forecast(
        3 if run.predictor.channels.is_autoregressive and not run.recipe.gap else None
    )
    assert (predicted.shape[1:], predicted.dtype) == (
        (1,) * run.predictor.has_channels + (8, 8),
        np.float32,
    )
    assert run.forecast_frames().shape_of_frame == (1, 8, 8)
    assert run.repeat
    if run.measured:
        assert run.skill.sentence
        assert str(run.metrics)
    return True


@pytest.mark.filterwarnings("error")
def test_hundreds_of_damaged_records_are_refused_in_a_sentence(saved, tmp_path):
    chance = random.Random(0)
    folder = damaged(saved, tmp_path)
    record = json.loads((folder / RECORD).read_text())
    fine = 0
    for _ in range(300):
        (folder / RECORD).write_text(json.dumps(mutated(record, chance)))
        fine += use(folder)
    assert 10 < fine < 150


@pytest.mark.parametrize("name", [RECORD, WEIGHTS, LAST, CHECKPOINT])
def test_hundreds_of_damaged_files_are_refused_in_a_sentence(saved, tmp_path, name):
    chance = random.Random(1)
    folder = damaged(saved, tmp_path)
    content = (saved[1] / name).read_bytes()
    fine = 0
    for _ in range(100):
        damage = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damage[chance.randrange(min(len(damage), 900))] = chance.randrange(256)
        if chance.random() < 0.2:
            damage = damage[: chance.randrange(len(damage))]
        (folder / name).write_bytes(damage)
        fine += use(folder)
    assert fine < 100
