"""Damaged files: whatever a library raises at one becomes a `DataError` of one sentence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cnnwidget.data.data_error import DataError, reason_of
from cnnwidget.design.value import LONGEST_SHOWN


@contextmanager
def damage_reported(name: str, instead: str) -> Iterator[None]:
    """Turn any exception that a library raises at a damaged file into a `DataError`.

    Args:
        name: of the file.
        instead: what the user should do, as the end of a sentence: `write it anew`.

    Raises:
        DataError: instead of any other exception.

    Example:
        >>> with damage_reported("a.gif", "save it anew"):
        ...     raise EOFError("no more frames")
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: a.gif is damaged or not what its ending says (no more \
frames); save it anew.
    """
    try:
        # Warnings of a library either become errors later, or do not matter to a user.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DataError:
        raise
    # Parsers raise nearly anything at damaged files: struct.error, zlib.error,
    # SyntaxError, MemoryError, RecursionError, NotImplementedError...
    except Exception as error:
        raise damage_error(name, str(error) or type(error).__name__, instead) from error


def damage_error(name: str, reason: str, instead: str) -> DataError:
    """Return the error for a file that its library cannot read, or must not read."""
    return DataError(
        f"{name} is damaged or not what its ending says ({one_line(reason)}); {instead}."
    )


@contextmanager
def open_errors_reported(called: object) -> Iterator[None]:
    """Turn an error of the system at opening a path into a `DataError`.

    Args:
        called: the path, or the name of the file.

    Raises:
        DataError: instead of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{called} cannot be opened: {reason_of(error)}; check the path."
        ) from error


def one_line(text: str) -> str:
    """Return a text from a file on one line, shortened to fit into a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= 2 * LONGEST_SHOWN else text[: 2 * LONGEST_SHOWN] + "..."
