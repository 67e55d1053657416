"""A parser of tables of numbers and dates, row by row."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.choose_array import check_name
from cnnwidget.data.reading.tables.table_cells import (
    calendar_date,
    dates_array,
    parse_date,
    parse_number,
)
from cnnwidget.design.value import shortened

# Names of a column of times; an index has an empty name.
CLOCKS = {
    *("", "t", "time", "times", "timestamp", "date", "dates", "datetime"),
    *("year", "years", "month", "day", "hour", "index", "step"),
}
# The names of the first columns that make a date together.
CALENDAR = ("year", "month", "day")
ANEW = "write a row for each time and a number in each cell, with commas between"


class TableParser:
    """The numbers of a table and the dates of its rows, up to the row that was added last.

    Attributes:
        name: of the file.
        names: of the columns; empty without a header.
        decimal_comma: whether numbers may have a decimal comma.
        width: the number of cells in a row.
        dated: the number of columns at the beginning that make the date of a row.
        asked: the columns that were asked for; empty for all.
        columns: the columns that are read; columns of text are left out at the end.
        texts: the columns of text.
        cells: of `columns`, row by row; text is NaN.
        dates: of the rows, in microseconds since 1970.
    """

    def __init__(
        self,
        name: str,
        first: list[str],
        second: list[str],
        asked: tuple[str, ...],
        *,
        decimal_comma: bool,
    ) -> None:
        self.name = name
        self.decimal_comma = decimal_comma
        self.width = len(first)
        self.names = [each.strip() for each in first] if self.is_header(first, second) else []
        data = second if self.names else first
        self.dated = self.dates_in(data)
        self.texts: set[int] = set()
        self.cells, self.dates = array("d"), array("q")
        self.asked = [self.column_of(each) for each in asked]
        self.columns = self.asked or list(range(self.dated, self.width))
        if asked and not self.dated and 0 not in self.asked and self.is_called_time:
            self.columns = [0, *self.asked]

    def is_header(self, first: list[str], second: list[str]) -> bool:
        """Whether the first row is a header: it has text where the second has none.

        The header of pandas, with an empty name for the index and coordinates, is recognised, too.
        """
        if any(
            self.is_text(above) and not (below is not None and self.is_text(below))
            for above, below in zip(first, [*second, *[None] * len(first)], strict=False)
        ):
            return True
        # pandas writes no name for the index; the other names are increasing coordinates.
        places = [parse_number(each, decimal_comma=self.decimal_comma) for each in first[1:]]
        return (
            bool(places and second)
            and not first[0].strip()
            and bool(second[0].strip())
            and all(
                a is not None and b is not None and a < b for a, b in pairwise([-math.inf, *places])
            )
        )

    def is_text(self, cell: str) -> bool:
        """Whether a cell is neither a number, nor a date, nor missing."""
        number = parse_number(cell, decimal_comma=self.decimal_comma)
        return number is None and parse_date(cell) is None

    def dates_in(self, row: list[str]) -> int:
        """Return the number of cells at the beginning of a row that make a date."""
        if row and parse_date(row[0]) is not None:
            return 1
        named = [each.lower() for each in self.names[: len(CALENDAR)]]
        for count in (3, 2):
            if (
                tuple(named[:count]) == CALENDAR[:count]
                and parse_date(calendar_date(row[:count])) is not None
            ):
                return count
        return 0

    def column_of(self, name: str) -> int:
        """Return the index of the column with a name.

        Raises:
            DataError: if there is none, or several.
        """
        if not self.names:
            raise DataError(
                f"{self.name} has no header with names of columns; leave {shortened(name)} out."
            )
        check_name(name, filter(None, self.names), self.name)
        if (count := self.names.count(name)) > 1:
            raise DataError(
                f"{self.name} has {count} columns called {shortened(name)}; give each a name of "
                "its own."
            )
        return self.names.index(name)

    def add(self, row: list[str], line: int) -> None:
        """Add a row.

        Raises:
            DataError: if it has another width, or a cell that cannot be read.
        """
        if len(row) != self.width:
            raise DataError(
                f"{self.name}: line {line:,} has {len(row):,} cells, but the first row has "
                f"{self.width:,}; give all rows as many."
            )
        if self.dated:
            date = parse_date(row[0] if self.dated == 1 else calendar_date(row[: self.dated]))
            if date is None:
                raise DataError(
                    f"{self.name}: line {line:,} has {shortened(row[0])} for a date, but the first "
                    "row has one; write all dates like 2020-01-31."
                )
            self.dates.append(date)
        cells = [row[column] for column in self.columns]
        if not self.texts:  # the fast way for rows of numbers alone
            try:
                self.cells.extend([float(cell) for cell in cells])
            except ValueError:
                pass
            else:
                return
        self.cells.extend([self.read_cell(n, cell, line) for n, cell in enumerate(cells)])

    def read_cell(self, number: int, cell: str, line: int) -> float:
        """Return the number in a cell; NaN in a column of text.

        Raises:
            DataError: at text in a column of numbers, or a number in a column of text.
        """
        column = self.columns[number]
        value = parse_number(cell, decimal_comma=self.decimal_comma)
        if value is None and column not in self.texts:
            known = self.cells[number :: len(self.columns)]
            if column in self.asked or not (self.asked or all(map(math.isnan, known))):
                raise DataError(
                    f"{self.name}: line {line:,} has {shortened(cell)} in {self.called(column)}, "
                    "but must have a number; write nothing where one is missing."
                )
            self.texts.add(column)
        is_text = column in self.texts and not self.asked
        if value is not None and is_text and not math.isnan(value):
            raise DataError(
                f"{self.name}: line {line:,} has the number {shortened(cell)} in "
                f"{self.called(column)}, which has text before; write numbers or text, or name the "
                "columns to be read with variable."
            )
        return math.nan if value is None else value

    @property
    def is_called_time(self) -> bool:
        """Whether the name of the first column is that of times."""
        return bool(self.names) and self.names[0].lower() in CLOCKS

    def called(self, column: int) -> str:
        """Return the name of a column, for errors."""
        known = self.names[column] if self.names else ""
        return f"column {shortened(known)}" if known else f"column {column + 1:,}"

    def split(self) -> tuple[NDArray[Any] | None, list[int], NDArray[np.float64]]:
        """Return the times, the columns of numbers, and the numbers as (rows, columns).

        Raises:
            DataError: if there are no numbers.
        """
        values = self.values
        numeric = self.positions_of_numbers(values)
        if np.isnan(values[:, numeric]).all():
            raise DataError(f"{self.name} has no column of numbers; {ANEW}.")
        times: NDArray[Any] | None = dates_array(self.dates) if self.dated else None
        if self.has_times(values, numeric):
            times, numeric = values[:, 0], numeric[1:]
        elif self.asked:  # the first column was read only to see whether it holds times
            numeric = [n for n in numeric if self.columns[n] in self.asked]
        values = values[:, numeric] if len(numeric) < len(self.columns) else values
        return times, [self.columns[n] for n in numeric], values

    @property
    def names_of_numbers(self) -> tuple[str, ...]:
        """The names of the columns of numbers, by the rows that have been read."""
        values = self.values
        numeric = self.positions_of_numbers(values)
        numeric = numeric[1:] if self.has_times(values, numeric) else numeric
        called = [self.names[self.columns[n]] for n in numeric] if self.names else []
        return tuple(name for name in dict.fromkeys(called) if name)

    @property
    def values(self) -> NDArray[np.float64]:
        """The cells that have been read, as (rows, columns).

        Raises:
            DataError: if there are none.
        """
        if not self.cells:
            raise DataError(f"{self.name} has no numbers in it; {ANEW}.")
        return np.frombuffer(self.cells).reshape(-1, len(self.columns))

    def positions_of_numbers(self, values: NDArray[np.float64]) -> list[int]:
        """Return the positions of columns of numbers, without empty columns of a trailing comma."""
        empty: NDArray[np.bool_] = np.asarray(np.isnan(values).all(axis=0))
        # An empty column may be land; one without a name comes from a trailing comma.
        return [
            n
            for n, column in enumerate(self.columns)
            if column not in self.texts
            and not (empty[n] and (not self.names[column] if self.names else n == len(empty) - 1))
        ]

    def has_times(self, values: NDArray[np.float64], numeric: list[int]) -> bool:
        """Whether the first column holds times that are no dates.

        A column called `t` may be a temperature, but then it does not always increase.
        """
        others = len(numeric) > 1 and numeric[0] == 0
        if self.dated or not others or self.columns[0] != 0 or 0 in self.asked:
            return False
        first = values[:, 0]
        return self.is_called_time and bool(np.isfinite(first).all() and (np.diff(first) > 0).all())
