import csv
import gc
from dataclasses import replace

import pytest

import cnnwidget as cw
from cnnwidget.training.runs.run_differences import difference
from cnnwidget.training.runs.run_table import COLUMNS


@pytest.fixture(scope="module")
def two():
    """A good run and one that learned nothing."""
    frames = cw.sample("circling shape", steps=60, size=(8, 8))
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
    small = design.replace(start_channels=4)
    return (
        cw.fit(design, frames, epochs=8, progress=False),
        cw.fit(small, frames, epochs=1, lr=1e-6, progress=False),
    )


@pytest.fixture
def runs(two):
    return cw.Runs(good=two[0], poor=two[1])


def test_a_line_tells_what_the_run_tells(runs, two):
    for line, run in zip(runs.lines(), two, strict=True):
        plan = cw.plan(run.design)
        assert (line.params, line.macs) == (plan.params, plan.macs)
        assert line.seconds == run.history[-1].seconds
        assert (line.error, line.skill) == (run.metrics.network.mae, run.skill.total)
        assert (line.epochs, line.ending) == (len(run.history), "finished")


def test_the_best_comes_first(runs):
    assert runs.sorted("skill").names == ("good", "poor")
    assert runs.sorted("error").names == ("good", "poor")
    assert runs.sorted("params").names == ("poor", "good")
    with pytest.raises(cw.CnnwidgetError, match="did you mean 'skill'"):
        runs.lines("skil")


def test_what_was_not_measured_comes_last(two):
    good, poor = two
    bare = replace(poor, data=None)
    runs = cw.Runs(bare=bare, good=good)
    assert runs.sorted("error").names == ("good", "bare")
    assert [line.skill is None for line in runs.lines()] == [True, False]


def test_a_file_holds_the_table(runs, tmp_path):
    runs.rename("poor", '=1+1, "quoted"')
    path = runs.to_csv(tmp_path / "runs.csv")
    head, *lines = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert tuple(head) == COLUMNS
    assert [line[0] for line in lines] == ["good", '\'=1+1, "quoted"']
    assert [float(line[5]) for line in lines] == [line.error for line in runs.lines()]
    with pytest.raises(cw.CnnwidgetError, match="give another path"):
        runs.to_csv(tmp_path / "nowhere" / "runs.csv")


def test_names_stay_apart(runs, two):
    assert runs.add(two[0], "good") == "good 2"
    assert runs.add(two[0]) == "run 4"
    with pytest.raises(cw.CnnwidgetError, match="already"):
        runs.rename("poor", "good")
    for name in ("", " ", "two\nlines", 7):
        with pytest.raises(cw.CnnwidgetError, match="is no name of a run"):
            runs.rename("poor", name)
    runs.rename("poor", "poor")
    runs.delete("good 2")
    assert runs.names == ("good", "poor", "run 4")


def test_what_is_not_there_is_reported(runs):
    for act in (runs.delete, runs.__getitem__, lambda name: runs.rename(name, "new")):
        with pytest.raises(cw.CnnwidgetError, match="did you mean 'good'"):
            act("goood")
    with pytest.raises(cw.CnnwidgetError, match="none at all"):
        cw.Runs()["first"]


def test_a_name_is_no_markup(runs):
    runs.rename("poor", "<img src=x onerror=alert(1)>")
    assert "<img" not in runs._repr_html_()
    assert "&lt;img" in runs._repr_html_()


def test_a_run_takes_anothers_place_or_goes_back_to_its_own(runs, two):
    good, poor = two
    runs.replace("good", poor)
    assert runs.names == ("good", "poor")
    assert runs["good"] is poor
    assert runs.entries["good"].number == 1
    runs.replace("good", good)
    runs.add(good, "last")
    taken = runs.remove("poor")
    assert runs.names == ("good", "last")
    runs.add(good, "poor")
    assert runs.put_back(taken) == "poor 2"
    assert runs.names == ("good", "poor 2", "last", "poor")
    assert [held.number for held in runs.entries.values()] == [1, 2, 3, 4]


def test_whoever_watches_hears_of_each_change_as_long_as_it_lives(runs, two):
    heard = []

    class Watcher:
        def hear(self):
            heard.append(runs.names)

    one, other = Watcher(), Watcher()
    runs.watch(one.hear)
    runs.watch(other.hear)
    runs.rename("poor", "small")
    assert heard == [("good", "small")] * 2
    runs.unwatch(one.hear)
    runs.delete("small")
    assert heard[2:] == [("good",)]
    del other
    gc.collect()
    runs.add(two[0])
    assert len(heard) == 3


@pytest.mark.parametrize(
    ("change", "settings", "name"),
    [
        ({"kernel_size": (3, 5)}, {}, "kernel_size 3 × 5"),
        ({"bottleneck": True, "depth": 2}, {}, ""),
        ({"final_norm": True}, {}, "final_norm on"),
        ({"overrides": {"encoder.stage1.conv": {"kernel_size": 5}}}, {}, "overrides changed"),
        ({"in_channels": 3}, {}, "pre_history_len 3"),
        ({}, {"lr": 1e-3}, "lr 0.001"),
        ({}, {"loss": {"l1": 0.5, "mse": 0.5}}, "loss 0.5 L1 + 0.5 MSE"),
        ({}, {"augment": ("flip", "shift")}, "augment flip, shift"),
        ({}, {"clip_grad_norm": None}, "clip_grad_norm none"),
        ({}, {"epochs": 2}, "2 epochs"),
        ({}, {"lr": 1e-3, "epochs": 2}, ""),
        ({}, {}, ""),
    ],
)
def test_runs_that_differ_in_one_thing_have_names_of_it(change, settings, name):
    frames = cw.sample("circling shape", steps=60, size=(8, 8))
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
    former = cw.fit(design, frames, epochs=1, progress=False)
    run = cw.fit(design.replace(**change), frames, progress=False, **{"epochs": 1} | settings)
    assert difference(former, run) == name


def test_other_data_are_a_difference_that_has_a_name(two):
    moved = replace(two[0], data_name="ice.nc")
    assert difference(two[0], moved) == "ice.nc"
    assert difference(two[0], replace(moved, data_name="a name so long that nobody reads it")) == ""
    assert difference(two[0], replace(two[0], design=cw.presets["resnet18"])) == ""


def test_all_curves_are_in_the_picture(runs, two):
    runs.rename("poor", "$x_1$")
    left, right = runs.plot().axes
    assert [len(line.get_xdata()) for line in left.lines] == [len(run.curve) for run in two]
    assert list(right.lines[0].get_xdata()) == [each.seconds for each in two[0].curve]
    assert runs.plot()._repr_png_().startswith(b"\x89PNG")


def test_none_yet():
    assert str(cw.Runs()) == "No runs yet."
    assert cw.Runs().plot()._repr_png_()


def test_what_is_no_run_is_refused(two):
    runs = cw.Runs(first=two[0])
    for nothing in (3, None, two[0].design):
        with pytest.raises(cw.CnnwidgetError, match=r"A run to add is .*; give what cw.fit"):
            runs.add(nothing)
    assert runs.names == ("first",)
