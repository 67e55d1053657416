"""Damaged files: whatever a library raises at one becomes a `DataError` of one sentence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.design.value import LONGEST_SHOWN


@contextmanager
def damage_reported(name: str, instead: str) -> Iterator[None]:
    """Whatever a library raises at a damaged file becomes one sentence.

    Args:
        name: of the file.
        instead: what to do, as the end of a sentence: `write it anew with numpy.save`.

    Raises:
        DataError: in the place of any other exception.

    Example:
        >>> with damage_reported("a.gif", "save it anew"):
        ...     raise EOFError("no more frames")
        Traceback (most recent call last):
        ...
        cnnwidget.data.errors.DataError: a.gif is damaged or not what its ending says (no more \
frames); save it anew.
    """
    try:
        # What a library only warns of is either an error as well, or nothing to a user.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DataError:
        raise
    # A file from anywhere makes parsers raise nearly anything: struct.error, zlib.error,
    # SyntaxError, MemoryError, RecursionError, NotImplementedError...
    except Exception as error:
        raise damage_error(name, str(error) or type(error).__name__, instead) from error


def damage_error(name: str, reason: str, instead: str) -> DataError:
    """What to say of a file that its library cannot read, or that we do not let it read."""
    return DataError(
        f"{name} is damaged or not what its ending says ({one_line(reason)}); {instead}."
    )


@contextmanager
def open_errors_reported(called: object) -> Iterator[None]:
    """A path that cannot be opened is told as such by us, not by a library.

    Raises:
        DataError: in the place of an error of the system.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{called} cannot be opened: {reason_of(error)}; check the path."
        ) from error


def one_line(text: str) -> str:
    """A text from a file, cut to what a sentence can hold: there may be ends of lines in it."""
    text = " ".join(text.split())
    return text if len(text) <= 2 * LONGEST_SHOWN else text[: 2 * LONGEST_SHOWN] + "..."
