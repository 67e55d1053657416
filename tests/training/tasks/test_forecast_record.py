"""The figures of a run in `run.json`: all of them, and those that cannot be."""

import json

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.metrics.baselines import BASELINES
from tests.training.samples import PLANE, noise, wave

WIDE = PLANE.replace(input_size=(12, 12))
TWO = WIDE.replace(in_channels=6, out_channels=4)


def saved(folder, design=WIDE, values=None, **settings):
    values = wave(60, 12, 12) if values is None else values
    run = cw.fit(design, values, epochs=1, progress=False, **settings)
    return run, json.loads((run.save(folder) / "run.json").read_text())


def written(folder, record):
    (folder / "run.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize("history", [1, 3])
@pytest.mark.parametrize("period", [None, 9])
def test_all_figures_come_back(tmp_path, history, period):
    design = WIDE.replace(in_channels=history)
    run, record = saved(tmp_path, design, period=period)
    names = [name for name in BASELINES if name != "linear trend" or history > 1]
    names = names if period else [name for name in names if name != "climatology"]
    assert [name for name, *_ in record["metrics"]["errors"]] == ["network", *names]
    again = cw.load_run(tmp_path)
    assert again.metrics == run.metrics
    assert again.metrics.network.ssim is not None
    assert again.metrics.network.psnr == run.metrics.network.psnr
    assert again.skill == run.skill
    assert str(again.metrics) == str(run.metrics)


def test_those_of_several_variables_too(tmp_path):
    run, record = saved(tmp_path, TWO, noise(60, 2, 12, 12) * np.float32([[[3.0]], [[70.0]]]))
    assert [len(each) for _, errors in record["metrics"]["variables"] for each in errors] == [
        4
    ] * 14
    again = cw.load_run(tmp_path)
    assert again.metrics == run.metrics
    assert [each.network.peak for each in again.metrics.variables] == list(
        run.predictor.statistics.span
    )


def test_a_run_that_was_stopped_among_its_baselines_comes_back(tmp_path):
    training = cw.train(WIDE, wave(60, 12, 12), epochs=1)
    training.stop()
    assert list(training) == []
    for known in ({}, {"persistence": 0.5}):  # there were records with one of them
        training.baselines |= known
        again = cw.load_run(training.run.save(tmp_path))
        assert dict(again.baselines) == known


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda record: record["metrics"]["errors"].reverse(),
            "errors must be of network, persistence",
        ),
        (
            lambda record: record["metrics"]["errors"].pop(1),
            "errors must be of network, persistence",
        ),
        (
            lambda record: record["metrics"]["errors"].append(record["metrics"]["errors"][3]),
            "each once and in this order",
        ),
        (
            lambda record: record["metrics"]["errors"][3].__setitem__(0, "<b>"),
            "each once and in this order",
        ),
        (lambda record: record["baselines"].reverse(), "each once and in this order"),
        (lambda record: record["baselines"].append(["mine", 1.0]), "each once and in this order"),
        (
            lambda record: record["metrics"]["variables"].append(
                ["0", record["metrics"]["errors"][:3]]
            ),
            "each once and in this",
        ),
        (
            lambda record: record["metrics"]["errors"][0][3]["ssim_per_lead"].pop(),
            "are not of 2 lead times",
        ),
        (lambda record: record["metrics"]["errors"][0][3].update(peak=0.0), "peak"),
        (lambda record: record["metrics"]["errors"][0][3].update(r2="much"), "r2"),
        (lambda record: record["metrics"]["errors"][0][3].update(r2=float("nan")), "r2"),
        (lambda record: record["metrics"]["errors"][0][3].update(more=1.0), "more"),
        (lambda record: record["metrics"]["errors"][0][3].pop("ssim"), "ssim"),
        (lambda record: record["recipe"].update(period=1), "period"),
    ],
)
def test_figures_that_cannot_be_are_refused(tmp_path, change, said):
    _, record = saved(tmp_path)
    change(record)
    with pytest.raises(cw.DataError) as refusal:
        cw.load_run(written(tmp_path, record))
    assert said in str(refusal.value)
    assert len(str(refusal.value)) < 600
