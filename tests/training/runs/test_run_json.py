"""The record of a run, field by field."""

import json

import cnnwidget as cw
from cnnwidget.training.runs.run_json import RunRecord, loss_value, record_of, tupled
from tests.training.samples import PLANE, noise


def test_every_number_is_one_that_json_has():
    run = cw.fit(PLANE, noise(40, 8, 8), epochs=2, progress=False)
    record = record_of(run, run.torch_task.write(run))
    text = record.model_dump_json()
    assert RunRecord(**tupled(json.loads(text))).history == record.history
    assert [loss_value(loss) for loss in (0.5, float("inf"), -float("inf"), float("nan"))] == [
        0.5, "inf", "-inf", "nan",
    ]  # fmt: skip
    assert tupled({"a": [1, [2]], "b": "x"}) == {"a": (1, (2,)), "b": "x"}
