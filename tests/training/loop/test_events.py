"""What the best epoch is chosen by."""

from cnnwidget.training.loop.events import Epoch


def test_validation_decides_where_there_is_one():
    assert Epoch(1, 0.5, 0.7, 0.1, 2.0).score == 0.7
    assert Epoch(1, 0.5, None, 0.1, 2.0).score == 0.5
    assert Epoch(1, 0.5, 0.0, 0.1, 2.0).score == 0.0
