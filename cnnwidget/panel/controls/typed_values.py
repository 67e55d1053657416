"""Values as they are typed into a control, read as literals and never evaluated."""

from __future__ import annotations

import ast
from typing import Any

from cnnwidget.design.errors import DesignError
from cnnwidget.design.value import shortened
from cnnwidget.panel.controls.design_fields import OVERRIDDEN

# The one field that is a dict of dicts.
OVERRIDES = "overrides"
# Fields that are a tuple even where there is one axis or one number.
TUPLES = {"input_size", "output_size", "latent_shape", "channels", "decoder_channels"}


def read_text(field: str, text: str) -> Any:
    """Return the value of a text: None, a word, a number or numbers.

    Raises:
        DesignError: for anything else.

    Example:
        >>> read_text("padding", "1, 2"), read_text("padding", "same"), read_text("padding", "3")
        ((1, 2), 'same', 3)
        >>> read_text("overrides", "{'encoder.stage1.conv': {'kernel_size': 5}}")
        {'encoder.stage1.conv': {'kernel_size': 5}}
    """
    stripped = text.strip()
    if field == OVERRIDES and stripped in {"", "None"}:
        return {}
    if stripped.isidentifier() and stripped not in {"None", "True", "False"}:
        return stripped
    try:
        value = ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        wanted = "a word, a number, or numbers with commas"
        if field == OVERRIDES:
            wanted = f"layers by name with their changed fields, as {OVERRIDDEN}"
        raise DesignError(f"{field} is {shortened(text)}, but must be {wanted}.") from None
    if isinstance(value, int) and not isinstance(value, bool) and field in TUPLES:
        return (value,)
    return value


def write_text(field: str, value: Any) -> str:
    """Return a value as it is typed: (1, 2) as `1, 2`.

    Example:
        >>> write_text("padding", (1, 2)), write_text("padding", "same")
        ('1, 2', 'same')
        >>> write_text("overrides", (("encoder.stage1.conv", (("kernel_size", 5),)),))
        "{'encoder.stage1.conv': {'kernel_size': 5}}"
    """
    if field == OVERRIDES:
        return str({name: dict(changes) for name, changes in value}) if value else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
