"""The frames for training, validation and test, before and after a training."""

import cnnwidget as cw
from tests.panel.panels import press, short_training


def test_what_is_trained_on_is_reported_as_a_plan_until_it_was(designer):
    split = cw.windows(designer.frames, pre_history_len=10, forecast_len=5).split
    numbers = f"windows 0 to {split.train[-1]} ({len(split.train)})"
    assert "split" not in designer.stage.fit_view
    assert designer.stage.data_view["split"].startswith(f"To be trained on {numbers}, validated")
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["split"].startswith(f"Trained on {numbers}, validated")
    # Nothing is held out of a series that is too short.
    designer.frames = designer.frames.values[:12]
    assert designer.wait()
    assert designer.stage.data_view["split"].endswith("will be of windows that are trained on.")
