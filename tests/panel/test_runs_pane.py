"""The runs of a notebook in a panel without a browser: press, and read what is shown.

Long, for all that a person may do with runs is done on the same few trained ones.
"""

import csv
import gc
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.panel import runs_pane
from cnnwidget.panel.views.run_view import MOST_POINTS, comparison_limits, curve_of, curves_view
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.runs.collection import MOST_PASSING
from tests.panel.panels import messages, press

FRAMES = cw.sample("circling shape", size=(8, 8), steps=60)
SMALL = cw.EncoderDecoder(
    input_size=(8, 8), in_channels=2, out_channels=1, depth=1, start_channels=4
)


@pytest.fixture(scope="module")
def trained():
    """A run of each kind, not measured yet."""
    wide = SMALL.replace(kernel_size=5)
    return (
        cw.fit(SMALL, FRAMES, epochs=3, progress=False),
        cw.fit(wide, FRAMES, epochs=2, progress=False),
    )


@pytest.fixture
def panel():
    """A panel with runs of its own."""
    made = cw.Designer(FRAMES, SMALL, runs=cw.Runs())
    made.settings.budget.unit.value = "epochs"
    made.settings.budget.amount.value = 2
    assert made.wait()
    yield made
    made.close()
    made.wait()


def shown(panel):
    assert panel.wait()
    return panel.stage.runs_view.get("runs", [])


def names(panel):
    return [run["name"] for run in shown(panel)]


def number_of(panel, name):
    return panel.runs.entries[name].number


def until_an_epoch_is_over(panel):
    done = threading.Event()
    panel.stage.observe(
        lambda change: done.set() if any(change["new"].get("curve", {}).get("epoch", ())) else None,
        "fit_view",
    )
    assert done.wait(60)


def test_what_is_trained_comes_in_as_it_is(panel):
    press(panel, "fit")
    [line] = shown(panel)
    run, plan = panel.run, panel.plan
    assert panel.runs["run 1"] is run
    assert (line["params"], line["macs"]) == (plan.params, plan.macs)
    assert (line["error"], line["skill"]) == (run.metrics.network.mae, run.skill.total)
    assert (line["epochs"], line["ending"], line["shown"]) == (2, "finished", True)
    curve = panel.stage.run_curves["curves"]["1"]
    assert curve["epoch"] == [0, 1, 2]
    assert curve["loss"] == pytest.approx([each.validation for each in run.curve], rel=1e-4)
    assert panel.stage.run_curves["measure"] == "validation L1"


def test_runs_are_named_by_what_differs(panel):
    press(panel, "fit")
    panel.design = SMALL.replace(kernel_size=5)
    press(panel, "fit")
    panel.settings.lr.value = 1e-3
    press(panel, "fit")
    press(panel, "fit")
    panel.design = SMALL.replace(kernel_size=(3, 5))
    panel.settings.budget.amount.value = 3
    press(panel, "fit")
    panel.design = SMALL.replace(kernel_size=(3, 5), in_channels=3)
    press(panel, "fit")
    panel.settings.budget.amount.value = 2
    press(panel, "fit")
    assert names(panel) == [
        "run 1", "kernel_size 5", "lr 0.001", "run 4", "run 5", "pre_history_len 3", "2 epochs",
    ]  # fmt: skip


def test_going_on_replaces_the_run_and_keeps_its_name(panel):
    press(panel, "fit")
    press(panel, "rename run", run=1, name="mine")
    press(panel, "continue")
    [line] = shown(panel)
    assert (line["name"], line["epochs"], line["number"]) == ("mine", 4, 1)
    assert panel.runs["mine"] is panel.run
    # A run that was deleted meanwhile comes back as another one.
    press(panel, "delete run", run=1)
    press(panel, "continue")
    assert [(line["name"], line["epochs"]) for line in shown(panel)] == [("run 2", 6)]


def test_a_training_that_was_stopped_before_an_epoch_is_no_run(panel):
    panel.settings.budget.amount.value = 400
    panel.fit()
    panel.stop()
    assert panel.wait(60)
    assert panel.stage.fit_view["state"] == "stopped"
    assert len(panel.runs) == 0


def test_a_stopped_and_a_diverged_training_are_runs(panel, trained):
    panel.settings.budget.amount.value = 100_000
    panel.fit()
    until_an_epoch_is_over(panel)
    panel.stop()
    assert panel.wait(60)
    [stopped] = shown(panel)
    assert stopped["ending"] == panel.run.ending == "stopped"
    assert stopped["epochs"] == len(panel.run.history)
    assert stopped["skill"] == panel.run.skill.total
    past = cw.train(SMALL, FRAMES, epochs=1)
    panel.runs_pane.add(past, replace(trained[0], ending="diverged"))
    assert [line["ending"] for line in shown(panel)] == ["stopped", "diverged"]


def test_all_panels_of_a_notebook_show_the_same_runs(monkeypatch, trained):
    monkeypatch.setattr("cnnwidget.panel.designer.NOTEBOOK_RUNS", cw.Runs())
    one, two = cw.Designer(FRAMES, SMALL), cw.Designer(FRAMES, SMALL)
    assert one.runs is two.runs
    one.runs.add(trained[0], "by code")
    assert names(one) == names(two) == ["by code"]
    press(two, "rename run", run=1, name="by hand")
    assert names(one) == ["by hand"]
    one.close()
    again = cw.Designer(FRAMES, SMALL)
    assert names(again) == ["by hand"]
    for each in (two, again):
        each.close()


def test_runs_that_are_none_are_refused():
    with pytest.raises(cw.CnnwidgetError, match=r"runs is \[\]; give cw.Runs\(\)"):
        cw.Designer(FRAMES, runs=[])


def test_what_code_adds_is_measured_without_being_asked(panel, trained):
    bare = [replace(run) for run in trained]
    for run in bare:
        panel.runs.add(run)
    assert [line["skill"] for line in shown(panel)] == [run.skill.total for run in trained]
    # Without data there is nothing to measure.
    panel.runs.add(replace(trained[0], data=None))
    assert shown(panel)[-1]["skill"] is None
    assert "not here any more" in shown(panel)[-1]["restores"]


def test_nothing_is_measured_during_a_training(panel, trained):
    panel.settings.budget.amount.value = 100_000
    panel.fit()
    until_an_epoch_is_over(panel)
    panel.runs.add(replace(trained[0]), "by code")
    assert panel.runs_pane.wait(60)
    assert panel.stage.runs_view["runs"][0]["skill"] is None
    panel.stop()
    assert panel.wait(60)
    assert shown(panel)[0]["skill"] == trained[0].skill.total


def test_only_so_many_runs_are_held_that_nobody_has_named(trained):
    runs = cw.Runs()
    runs.add(trained[0], "by code")
    named = runs.add(trained[0], keep=False)
    runs.rename(named, "by hand")
    for _ in range(MOST_PASSING + 2):
        runs.add(trained[0], keep=False)
    assert len(runs) == MOST_PASSING + 2
    assert runs.names[:3] == ("by code", "by hand", "run 5")
    assert "2 older runs have made room" in comparison_limits(runs)


def test_a_panel_lets_go_of_its_oldest_run_and_says_so(panel, trained):
    for _ in range(MOST_PASSING):
        panel.runs.add(trained[0], keep=False)
    press(panel, "fit")
    assert len(panel.runs) == MOST_PASSING
    assert "run 1" not in panel.runs.names
    assert panel.stage.runs_view["limits"].startswith("1 older run has made room")


def test_delete_and_undo(panel, trained):
    for name in ("a", "b", "c"):
        panel.runs.add(trained[0], name)
    press(panel, "delete run", run=2)
    assert panel.runs.names == ("a", "c")
    assert [(line["name"], line["deleted"]) for line in shown(panel)] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert list(panel.stage.run_curves["curves"]) == ["1", "3"]
    press(panel, "undo delete", run=2)
    assert panel.runs.names == ("a", "b", "c")
    assert number_of(panel, "b") == 2
    # The next deletion ends the chance, and so does the next run.
    press(panel, "delete run", run=2)
    press(panel, "delete run", run=1)
    assert names(panel) == ["a", "c"]
    press(panel, "fit")
    assert names(panel)[0] == "c"
    press(panel, "undo delete", run=1)
    assert "a" not in panel.runs.names


def test_a_name_that_is_none_is_refused_in_a_sentence(panel, trained):
    panel.runs.add(trained[0], "a")
    panel.runs.add(trained[1], "b")
    press(panel, "rename run", run=1, name="b")
    press(panel, "rename run", run=1, name="two\nlines")
    press(panel, "rename run", run=1, name=None)
    assert "There is a run 'b' already" in messages(panel)[0]
    assert "is no name of a run" in messages(panel)[1]
    assert panel.runs.names == ("None", "b")


@pytest.mark.parametrize("number", [7, -1, "1", None, 1.5, [1], {"a": 1}])
def test_a_run_that_is_not_there_is_left_alone(panel, trained, number):
    panel.runs.add(trained[0], "a")
    for op in ("delete run", "rename run", "restore run", "undo delete"):
        press(panel, op, run=number, name="new")
    assert panel.runs.names == ("a",)
    assert messages(panel) == []


def test_restoring_brings_back_design_data_settings_and_forecast(panel):
    settings = panel.settings
    settings.loss.value, settings.augment.value, settings.seed.value = "huber", ("flip",), 3
    settings.lr.value, settings.batch_size.value, settings.patience.value = 1e-3, 8, 9
    press(panel, "fit")
    first, asked, prediction = panel.run, settings.arguments(), panel.stage.prediction
    view = panel.stage.fit_view
    panel.frames = np.random.default_rng(0).random((50, 12, 12)).astype("float32")
    settings.loss.value, settings.augment.value, settings.seed.value = "l1", (), 0
    settings.lr.value, settings.batch_size.value, settings.patience.value = 3e-3, "auto", 0
    press(panel, "fit")
    second = panel.run
    press(panel, "restore run", run=1)
    assert (panel.design, panel.run, settings.arguments()) == (first.design, first, asked)
    assert np.array_equal(panel.frames.values, FRAMES.values)
    after = panel.stage.fit_view
    for name in ("state", "key", "design", "curve", "baselines", "verdict", "skill", "best"):
        assert after[name] == view[name]
    assert panel.stage.prediction == prediction
    # That training is over: it can be repeated, and the last one can still go on.
    assert after["can"] == ["restart"]
    assert panel.stage.runs_view["said"] == "run 1 is back: design, data, settings."
    assert [line["shown"] for line in shown(panel)] == [True, False]
    press(panel, "continue")
    assert panel.run is first
    press(panel, "restore run", run=2)
    assert panel.run is second
    assert panel.stage.fit_view["can"] == ["continue", "restart"]
    press(panel, "continue")
    assert [line["epochs"] for line in shown(panel)] == [2, 4]


def test_a_repeated_run_has_the_same_curve(panel):
    press(panel, "fit")
    first = panel.run
    panel.design = SMALL.replace(kernel_size=5)
    press(panel, "fit")
    press(panel, "restore run", run=1)
    press(panel, "restart")
    assert [each.train for each in panel.run.history] == [each.train for each in first.history]


def test_what_there_is_no_control_for_is_reported(panel):
    run = cw.fit(
        SMALL, FRAMES, epochs=1, lr=0.004, gap=2, loss={"l1": 0.8, "mse": 0.2}, scaling="standard",
        progress=False,
    )  # fmt: skip
    panel.runs.add(run, "odd")
    press(panel, "restore run", run=1)
    assert panel.stage.runs_view["said"] == (
        "odd is back: design, data, settings; the panel has no control for gap 2, its scaling."
    )
    arguments = panel.settings.arguments()
    assert (arguments["lr"], arguments["loss"]) == (0.004, (("l1", 0.8), ("mse", 0.2)))


def test_a_run_without_its_data_brings_back_the_rest(panel, trained, tmp_path):
    trained[1].save(tmp_path / "run")
    panel.runs.add(cw.load_run(tmp_path / "run"), "loaded")
    press(panel, "restore run", run=1)
    assert panel.design == trained[1].design
    assert "its data are not here any more" in panel.stage.runs_view["said"]
    view = panel.stage.fit_view
    assert view["verdict"] == trained[1].skill.sentence
    assert panel.stage.frames_view == {}
    assert view["can"] == ["fit"]
    assert messages(panel) == []


def test_a_run_with_series_of_its_own_is_shown_without_pictures(panel):
    """The panel cannot hand them to a network; what came of it is known all the same."""
    series = np.random.default_rng(0).random(FRAMES.steps).astype("float32")
    design = SMALL.replace(in_channels=4)
    run = cw.fit(design, FRAMES, epochs=1, past=series, progress=False)
    panel.runs.add(run, "with a series")
    press(panel, "restore run", run=1)
    assert panel.stage.fit_view["verdict"] == run.skill.sentence
    assert panel.stage.frames_view == {}
    assert "no control for its choice of channels, or its series" in panel.stage.runs_view["said"]
    assert messages(panel) == []


def test_what_changes_in_a_training_is_sent_at_its_end(panel, trained):
    panel.runs.add(trained[0], "by code")
    assert panel.wait()
    sent = []
    panel.stage.observe(lambda change: sent.append(change["name"]), ["runs_view", "run_curves"])
    panel.settings.budget.amount.value = 40
    press(panel, "fit")
    assert len(panel.stage.fit_view["curve"]["epoch"]) == 1 + 40
    assert sent == ["run_curves", "runs_view"]
    # What leaves the curves as they are sends none.
    press(panel, "rename run", run=1, name="mine")
    assert sent == ["run_curves", "runs_view", "runs_view"]


def test_nothing_is_restored_during_a_training(panel, trained):
    panel.runs.add(trained[1], "other")
    panel.settings.budget.amount.value = 100_000
    panel.fit()
    until_an_epoch_is_over(panel)
    ops = [{"seq": 1, "op": "restore run", "run": 1}]
    panel.stage.set_state({"intent": {"page": "a", "ops": ops}})
    assert panel.intents.wait(60)
    panel.stop()
    assert panel.wait(60)
    assert messages(panel) == ["A training is running: stop it or wait for its end, then restore."]
    assert panel.design == SMALL


def test_the_table_goes_into_a_new_file(panel, trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel.runs.add(trained[0], "a")
    press(panel, "export runs")
    (tmp_path / "runs.csv").write_text("mine", encoding="utf-8")
    press(panel, "export runs")
    assert panel.stage.runs_view["said"] == f"Saved to {tmp_path / 'runs-2.csv'}"
    assert (tmp_path / "runs.csv").read_text(encoding="utf-8") == "mine"
    with (tmp_path / "runs-2.csv").open(encoding="utf-8", newline="") as file:
        [line] = csv.DictReader(file)
    assert line["name"] == "a"
    assert float(line["error"]) == trained[0].metrics.network.mae


def test_runs_do_not_keep_a_closed_panel(trained):
    runs = cw.Runs()
    panel = cw.Designer(FRAMES, SMALL, runs=runs)
    assert panel.wait()
    panel.close()
    assert runs._watchers == []
    forgotten = runs_pane.RunsPane(panel.stage, runs, lambda: False, pytest.fail)
    known = weakref.ref(forgotten)
    assert runs._watchers
    panel.stage.unobserve_all("fit_view")
    del forgotten
    gc.collect()
    assert known() is None
    runs.add(trained[0])  # nobody is told


def test_many_threads_may_add_rename_and_delete(trained):
    runs = cw.Runs()
    told = Counter()
    runs.watch(told.count)

    def work(who):
        for at in range(50):
            name = runs.add(trained[0], f"{who}")
            runs.rename(name, f"{who} at {at}")
            if at % 2:
                runs.put_back(runs.remove(f"{who} at {at}"))
                runs.delete(f"{who} at {at - 1}")

    threads = [threading.Thread(target=work, args=(who,)) for who in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(runs.names) == sorted(
        f"{who} at {at}" for who in "abcd" for at in range(1, 50, 2)
    )
    assert len({held.number for held in runs.entries.values()}) == 100
    assert told.calls == 4 * 50 * 2 + 4 * 25 * 3


class Counter:
    def __init__(self):
        self.calls, self._lock = 0, threading.Lock()

    def count(self):
        with self._lock:
            self.calls += 1


def test_a_long_curve_is_sent_as_a_page_shows_it(trained):
    scores = np.random.default_rng(0).random(10_000)
    history = tuple(Epoch(n + 1, s, s, 1e-3, n * 0.01) for n, s in enumerate(scores))
    best = history[int(scores.argmin())]
    curve = curve_of(replace(trained[0], history=history, best=best))
    assert len(curve["epoch"]) <= MOST_POINTS + 2
    assert curve["epoch"][-1] == 10_000
    assert best.epoch in curve["epoch"]
    at = curve["epoch"].index(best.epoch)
    assert curve["loss"][at] == pytest.approx(scores.min(), rel=1e-4)


def test_what_cannot_be_compared_is_reported(trained):
    other = cw.fit(SMALL, FRAMES, epochs=1, loss="mse", progress=False)
    assert comparison_limits(cw.Runs(a=trained[0], b=trained[1])) == ""
    assert "the same loss" in comparison_limits(cw.Runs(a=trained[0], b=other))
    assert curves_view(cw.Runs(a=trained[0], b=other).entries)["measure"] == "loss"
    moved = replace(trained[0], data_name="other")
    assert "compare their skill" in comparison_limits(cw.Runs(a=trained[0], b=moved))
