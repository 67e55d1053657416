"""Errors as messages in the panel."""

from tests.panel.panels import messages, press


def test_a_failing_callback_is_shown_and_can_be_dismissed(designer):
    designer.data.on_lengths = lambda *_: 1 / 0
    designer.data.history.value = 4
    [message] = designer.stage.messages_view["messages"]
    assert message["text"] == "ZeroDivisionError: division by zero"
    press(designer, "dismiss", id=message["id"])
    assert messages(designer) == []
