"""Helpers for the tests of the panel: press a button, read the messages, wait."""

import time
from datetime import UTC, datetime

import cnnwidget as cw

DEFAULT = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)


def send(panel, op, **more):
    """Send an operation, as the page does."""
    ops = panel.stage.intent.get("ops", [])
    panel.stage.set_state(
        {"intent": {"page": "a", "ops": [*ops, {"seq": len(ops) + 1, "op": op, **more}]}}
    )


def press(panel, op, **more):
    """Send an operation and wait for what follows."""
    send(panel, op, **more)
    assert panel.wait()


def messages(panel):
    """Return the texts of the messages that are shown."""
    return [each["text"] for each in panel.stage.messages_view.get("messages", [])]


def until(condition, seconds=60):
    """Wait until a condition holds, which another thread brings about."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def short_training(panel, epochs=2):
    """Set the budget of a training, in epochs."""
    panel.settings.budget.unit.value = "epochs"
    panel.settings.budget.amount.value = epochs


def is_shown(widget):
    """Whether a widget is visible."""
    return widget.layout.display != "none"


def upload(panel, path):
    """Upload a file, as the page does."""
    content = path.read_bytes()
    panel.data.upload.value = (
        {
            "name": path.name,
            "type": "",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime.now(tz=UTC),
        },
    )
