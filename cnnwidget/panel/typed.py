"""What is typed into a control, as a value and back; read as a literal, never evaluated."""

from __future__ import annotations

import ast
from typing import Any

from cnnwidget.design.errors import DesignError
from cnnwidget.design.value import shortened

# Fields that are a tuple even where there is one axis or one number.
TUPLES = {"input_size", "output_size", "latent_shape", "channels", "decoder_channels"}


def read_text(field: str, text: str) -> Any:
    """What a text says: None, a word, a number, or numbers; read as a literal, never evaluated.

    Raises:
        DesignError: for anything else.

    Example:
        >>> read_text("padding", "1, 2"), read_text("padding", "same"), read_text("padding", "3")
        ((1, 2), 'same', 3)
    """
    stripped = text.strip()
    if stripped.isidentifier() and stripped not in {"None", "True", "False"}:
        return stripped
    try:
        value = ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise DesignError(
            f"{field} is {shortened(text)}, but must be a word, a number, or numbers with commas."
        ) from None
    if isinstance(value, int) and not isinstance(value, bool) and field in TUPLES:
        return (value,)
    return value


def write_text(value: Any) -> str:
    """A value as it is typed: (1, 2) as `1, 2`.

    Example:
        >>> write_text((1, 2)), write_text("same"), write_text(None)
        ('1, 2', 'same', 'None')
    """
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
