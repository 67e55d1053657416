"""What every reader needs: errors of others in one sentence, room in memory, and extras."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from math import prod
from typing import Any

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.data.memory_left import available, in_gigabytes
from cnnwidget.data.reading.file import LARGEST_UPLOAD, File
from cnnwidget.design.axes import spell
from cnnwidget.design.value import LONGEST_SHOWN


@contextmanager
def damage_told(name: str, instead: str) -> Iterator[None]:
    """Whatever a library raises at a damaged file becomes one sentence.

    Args:
        name: of the file.
        instead: what to do, as the end of a sentence: `write it anew with numpy.save`.

    Raises:
        DataError: in the place of any other exception.

    Example:
        >>> with damage_told("a.gif", "save it anew"):
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
        raise damaged(name, str(error) or type(error).__name__, instead) from error


def damaged(name: str, reason: str, instead: str) -> DataError:
    """What to say of a file that its library cannot read, or that we do not let it read."""
    return DataError(f"{name} is damaged or not what its ending says ({cut(reason)}); {instead}.")


@contextmanager
def opening(called: object) -> Iterator[None]:
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


def cut(text: str) -> str:
    """A text from a file, cut to what a sentence can hold: there may be ends of lines in it."""
    text = " ".join(text.split())
    return text if len(text) <= 2 * LONGEST_SHOWN else text[: 2 * LONGEST_SHOWN] + "..."


def check_room(file: File, size: int, instead: str) -> None:
    """Refuse what would take more memory than there is, before any of it is taken.

    Args:
        file: that is to be read.
        size: bytes that it unpacks to.
        instead: what to do, as the end of a sentence.

    Raises:
        DataError: with both figures.
    """
    left = available()
    most = LARGEST_UPLOAD if file.is_upload else None
    if most is not None and size > most:
        raise DataError(
            f"{file.name} unpacks to {size / 1e9:,.1f} GB, but {most / 1e9:,.0f} GB is the most; "
            f"{instead}."
        )
    if left is not None and size > left:
        raise DataError(
            f"{file.name} takes {in_gigabytes(size)} of memory, but {in_gigabytes(left)} is left; "
            f"{instead}."
        )


def check_claimed(
    file: File, shape: Sequence[int], chunks: Sequence[int] | None, itemsize: int, instead: str
) -> None:
    """Refuse an array that would not fit into memory, by what the file says of it.

    Args:
        file: that it is in.
        shape: that it claims to have.
        chunks: the shape of its chunks, each of which is unpacked as a whole, however little of it
            is needed; None where it has none.
        itemsize: bytes of a value.
        instead: what to do, as the end of a sentence.

    Raises:
        DataError: with what it takes, and what there is.
    """
    claimed = max(prod(map(int, shape)), prod(map(int, chunks or ())))
    check_room(file, claimed * max(1, itemsize), instead)


def check_shape(shape: Sequence[int], called: str) -> None:
    """Refuse an array without values.

    Example:
        >>> check_shape((9, 0), "a.npy")
        Traceback (most recent call last):
        ...
        cnnwidget.data.errors.DataError: a.npy has the shape 9 × 0, which holds no values; check it.
    """
    if any(n < 1 for n in shape):
        raise DataError(
            f"{called} has the shape {spell(tuple(shape))}, which holds no values; check it."
        )


def needed(module: str, extra: str, name: str) -> Any:
    """A library that comes with an extra.

    Args:
        module: to import.
        extra: of ours that brings it.
        name: of the file that it is needed for.

    Raises:
        DataError: with the extra to install, where the library is not there.

    Example:
        >>> needed("no_such_library", "video", "ice.mp4")
        Traceback (most recent call last):
        ...
        cnnwidget.data.errors.DataError: Reading ice.mp4 takes no_such_library, which is not \
installed; pip install "cnnwidget[video]" brings it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError as error:
        raise DataError(
            f"Reading {name} takes {module.partition('.')[0]}, which is not installed; "
            f'pip install "cnnwidget[{extra}]" brings it.'
        ) from error
