"""Sources with several arrays: choose one of them, or stack several as channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.axis_order import MOST_AXES, SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.guards.damage import one_line
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened


class StoredArray(NamedTuple):
    """One of several arrays, before its values are read.

    Attributes:
        shape: of the array.
        dtype: boolean, whole or real numbers.
        read: a function that reads the values.
        units: of the values.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], NDArray[Any]]
    units: str = ""


def member_name(name: str, member: str) -> str:
    """Return the name of one of several arrays, for errors.

    Example:
        >>> member_name("a.npz", "ice")
        'a.npz::ice'
    """
    return f"{name}::{one_line(member)}"


def refuse_variables(file: SourceFile, holds: str) -> None:
    """Refuse the name of a variable for a source that has no variables.

    Args:
        file: the source.
        holds: the content of the file: `a sound`.

    Raises:
        DataError: if a variable was named.
    """
    if file.variables:
        raise DataError(
            f"{file.name} holds {holds}, without variables to choose from; leave variable out."
        )


def choose_names(
    name: str,
    kind: str,
    asked: tuple[str, ...],
    known: Iterable[str],
    likely: Sequence[str],
    *,
    example: str = "",
) -> tuple[str, ...]:
    """Return the requested names, or the only likely one; empty if none is likely.

    Args:
        name: of the file.
        kind: a plural noun for them: `arrays`.
        asked: the requested names; empty for the only one.
        known: all names in the file.
        likely: the names that may be meant if none was requested.
        example: how to name the first one in code, if not by the path.

    Raises:
        DataError: if a name is unknown, or several arrays are likely.

    Example:
        >>> choose_names("a.npz", "arrays", ("ice",), ["ice", "snow"], ["ice", "snow"])
        ('ice',)
        >>> choose_names("a.npz", "arrays", (), ["ice", "snow"], ["ice", "snow"])
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: a.npz holds 2 arrays: ice, snow; say which one, as in \
'a.npz::ice'.
    """
    names = list(known)
    for each in asked:
        check_name(each, names, name)
    if asked or len(likely) < 2:
        return asked or tuple(likely)
    raise DataError(
        f"{name} holds {len(likely):,} {kind}: {one_line(', '.join(likely))}; say which one, as in "
        f"{example or one_line(repr(f'{name}::{likely[0]}'))}."
    )


def check_name(variable: str, names: Iterable[str], name: str) -> None:
    """Refuse a name that the file does not have.

    Args:
        variable: the name.
        names: all names in the file.
        name: of the file.

    Raises:
        DataError: with the known names, and the one that was probably meant.

    Example:
        >>> check_name("ices", ["ice", "snow"], "a.npz")
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: a.npz holds ice, snow, but not 'ices'; \
did you mean 'ice'?
    """
    known = list(names)
    if not known:
        raise DataError(f"{name} holds nothing to choose from; give another file.")
    if variable not in known:
        hint = closest(variable, known) or "."
        raise DataError(
            f"{name} holds {one_line(', '.join(known))}, but not {shortened(variable)}{hint}"
        )


def groups_error(name: str, groups: Sequence[str]) -> DataError:
    """Return the error for a file whose variables are all in groups: only the root is read."""
    return DataError(
        f"{name} holds its variables in groups: {one_line(', '.join(groups))}; open one of them "
        f"with xarray's group={groups[0]!r}, and give that."
    )


def stack_as_channels(
    file: SourceFile, several: Sequence[StoredArray], axes: str = ""
) -> ReadResult:
    """Read several arrays of one shape as channels of one series, one after the other.

    Args:
        file: of the arrays; its `variables` are their names.
        several: the arrays.
        axes: a letter for each of their axes; if empty, time is the first axis.

    Raises:
        DataError: if the shapes differ, an array has channels, or memory is short.

    Example:
        >>> rows = [StoredArray((9, 4), np.dtype("f4"), lambda: np.ones((9, 4), "f4"))] * 2
        >>> result = stack_as_channels(SourceFile("a.npz", None, b"", ("u", "v")), rows)
        >>> result.values.shape, result.axes, result.labels.channels
        ((9, 2, 4), 'T C L', ('u', 'v'))
    """
    first, *others = shapes = [each.shape for each in several]
    letters = axes.split() or ["T", *SPACE.get(len(first) - 1, "")]
    if any(shape != first for shape in others) or not 2 <= len(first) < MOST_AXES or "C" in letters:
        shapes_text = ", ".join(
            f"{n} {spell(s)}" for n, s in zip(file.variables, shapes, strict=True)
        )
        raise DataError(
            f"{file.name}: to be channels of one series, arrays must have one shape, without "
            f"channels of their own, but are {one_line(shapes_text)}; choose others."
        )
    dtype = np.result_type(*(each.dtype for each in several))
    # The array that is being read may take memory twice: packed values beside decoded ones.
    size = (len(several) + 2) * prod(first) * dtype.itemsize
    check_memory(file, size, "choose fewer of them, or save a part of each")
    values = np.empty((first[0], len(several), *first[1:]), dtype)
    for number, each in enumerate(several):
        values[:, number] = each.read()
    units = {each.units for each in several}
    labels = Labels(channels=file.variables, units=units.pop() if len(units) == 1 else "")
    return ReadResult(values, file.name, " ".join([letters[0], "C", *letters[1:]]), labels)
