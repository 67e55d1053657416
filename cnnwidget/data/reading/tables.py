"""Reading tables of numbers, CSV and TSV, with the standard library."""

from __future__ import annotations

import math
from array import array
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.cells import date_of, dates_of, number_of
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guarded import check_room, cut, damage_told
from cnnwidget.data.reading.rows import delimiter_of, encodings_of, rows_of
from cnnwidget.design.value import closest, shortened

# What a column of times may be called; without a name it is that of an index.
CLOCKS = {
    *("", "t", "time", "times", "timestamp", "date", "dates", "datetime"),
    *("year", "years", "month", "day", "hour", "index", "step"),
}
# Together these are a date where they come first.
CALENDAR = ("year", "month", "day")
# A number and what divides it from the next take two characters or more, and eight bytes here.
GROWTH = 4
ANEW = "write a row for each time and a number in each cell, with commas between"


class Table:
    """The numbers of a table and the dates of its rows, as far as it has been read.

    Attributes:
        name: of the file.
        names: of the columns; empty where there is no header.
        decimal_comma: whether a comma may be of the decimals.
        width: how many cells a row has.
        dated: how many columns at the beginning make the date of a row.
        asked: which columns were asked for; empty for all.
        columns: which ones are read; those that turn out to be text are left out at the end.
        texts: those that are.
        cells: of these columns, row by row; text is NaN.
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
        """Whether the first row has text where the second has none, or a name for no index."""
        if any(
            self.is_text(above) and not (below is not None and self.is_text(below))
            for above, below in zip(first, [*second, *[None] * len(first)], strict=False)
        ):
            return True
        # pandas leaves the name of an index out: what follows are coordinates, or equally named.
        places = [number_of(each, decimal_comma=self.decimal_comma) for each in first[1:]]
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
        number = number_of(cell, decimal_comma=self.decimal_comma)
        return number is None and date_of(cell) is None

    def dates_in(self, row: list[str]) -> int:
        """How many cells at the beginning of a row make a date."""
        if row and date_of(row[0]) is not None:
            return 1
        named = [each.lower() for each in self.names[: len(CALENDAR)]]
        for count in (3, 2):
            if (
                tuple(named[:count]) == CALENDAR[:count]
                and date_of(joined(row[:count])) is not None
            ):
                return count
        return 0

    def column_of(self, name: str) -> int:
        """The column of a name."""
        if not self.names:
            raise DataError(
                f"{self.name} has no header with names of columns; leave {shortened(name)} out."
            )
        if (count := self.names.count(name)) != 1:
            has = f"has {count} columns called {shortened(name)}; give each a name of its own."
            lacks = f"the file holds {cut(', '.join(filter(None, self.names)))}, but not "
            lacks += f"{shortened(name)}{closest(name, self.names) or '.'}"
            raise DataError(f"{self.name} {has}" if count else f"{self.name}: {lacks}")
        return self.names.index(name)

    def add(self, row: list[str], line: int) -> None:
        """One row more."""
        if len(row) != self.width:
            raise DataError(
                f"{self.name}: line {line:,} has {len(row):,} cells, but the first row has "
                f"{self.width:,}; give all rows as many."
            )
        if self.dated:
            date = date_of(row[0] if self.dated == 1 else joined(row[: self.dated]))
            if date is None:
                raise DataError(
                    f"{self.name}: line {line:,} has {shortened(row[0])} for a date, but the first "
                    "row has one; write all dates like 2020-01-31."
                )
            self.dates.append(date)
        wanted = [row[column] for column in self.columns]
        if not self.texts:  # most rows are of numbers alone, and most tables are long
            try:
                self.cells.extend([float(cell) for cell in wanted])
            except ValueError:
                pass
            else:
                return
        self.cells.extend(
            [self.read_cell(n, cell, line) for n, cell in enumerate(wanted)],
        )

    def read_cell(self, number: int, cell: str, line: int) -> float:
        """One cell of a column; a column of text alone is told by its first cell."""
        column = self.columns[number]
        value = number_of(cell, decimal_comma=self.decimal_comma)
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
        """Whether the first column has the name of one of times."""
        return bool(self.names) and self.names[0].lower() in CLOCKS

    def called(self, column: int) -> str:
        """What to call a column in a sentence."""
        known = self.names[column] if self.names else ""
        return f"column {shortened(known)}" if known else f"column {column + 1:,}"

    def finished(self) -> tuple[list[int], NDArray[np.float64]]:
        """The columns that hold numbers, and these, as (rows, columns)."""
        values = np.frombuffer(self.cells).reshape(-1, len(self.columns)) if self.cells else None
        if values is None:
            raise DataError(f"{self.name} has no numbers in it; {ANEW}.")
        empty: NDArray[np.bool_] = np.asarray(np.isnan(values).all(axis=0))
        # A column that is empty may be land, but one that has no name either is a comma too many.
        kept = [
            n
            for n, column in enumerate(self.columns)
            if column not in self.texts
            and not (empty[n] and (not self.names[column] if self.names else n == len(empty) - 1))
        ]
        if empty[kept].all():
            raise DataError(f"{self.name} has no column of numbers; {ANEW}.")
        if len(kept) < len(self.columns):
            values = values[:, kept]
        return [self.columns[n] for n in kept], values


def read(file: File) -> Found:
    r"""The numbers in a table: one row for each time, one column for each place.

    Cells are divided by tabs, semicolons, commas or spaces; decimals may have commas where cells
    have none between them. The first column is of times where it holds ISO dates, or where it is
    called `time`, `year` or the like and increases; `year,month` and `year,month,day` are dates,
    too. Columns of text are left out, and lines that begin with `#`. Named columns are variables,
    a single one `T`, several `T C`.

    Raises:
        DataError: with the line, if that is no table of numbers.

    Example:
        >>> found = read(File("a.csv", None, b"date,x,y\n2020-01-01,1,2\n2020-01-02,3,NA\n"))
        >>> found.values.tolist(), found.labels.span
        ([[1.0, 2.0], [3.0, nan]], '2020-01-01 to 2020-01-02')
        >>> read(File("a.csv", None, b"x,y\n1,2\n3,4\n", ("y",))).values
        array([2., 4.])
    """
    table = table_in(file)
    times, columns, values = parted(table)
    named = table.names[0] if table.names else ""
    called = [table.names[column] for column in columns] if table.names else []
    names = {"T": named} if times is not None and named and table.dated < 2 else {}
    if file.variables:
        labels = Labels(times=times, channels=file.variables, names=names)
        if len(file.variables) > 1:
            return Found(values, file.name, "T C", labels)
        labels = Labels(times=times, names=names)
        return Found(values[:, 0], f"{file.name}::{file.variables[0]}", "T", labels)
    if len(columns) == 1:
        return Found(values[:, 0], file.name, "T", Labels(times=times, names=names))
    places = [number_of(each, decimal_comma=table.decimal_comma) for each in called]
    known = [each for each in places if each is not None and math.isfinite(each)]
    along = {"L": np.array(known)} if called and len(known) == len(columns) else {}
    return Found(values, file.name, None, Labels(times=times, places=along, names=names))


def names_in(file: File) -> tuple[str, ...]:
    r"""The names of the columns of numbers; none without a header.

    Example:
        >>> names_in(File("a.csv", None, b"date,ice,station\n2020-01-01,1,A\n2020-01-02,2,B\n"))
        ('ice',)
    """
    table = table_in(file)
    _, columns, _ = parted(table)
    called = [table.names[column] for column in columns] if table.names else []
    return tuple(name for name in dict.fromkeys(called) if name)


def table_in(file: File) -> Table:
    """All of a table."""
    check_room(file, GROWTH * file.length, "save an array with numpy.save")
    with damage_told(file.name, ANEW):
        *likely, last = encodings_of(file)
        for encoding in likely:
            try:
                return table_of(file, encoding)
            except UnicodeDecodeError:
                continue
        return table_of(file, last)


def table_of(file: File, encoding: str) -> Table:
    """All of a table that is encoded so."""
    delimiter = delimiter_of(file, encoding)
    rows = rows_of(file, encoding, delimiter)
    start = list(islice(rows, 2))
    if not start:
        raise DataError(f"{file.name} is empty; {ANEW}.")
    comma = delimiter != ","
    second = start[1][1] if len(start) > 1 else []
    table = Table(file.name, start[0][1], second, file.variables, decimal_comma=comma)
    for line, row in start[1 if table.names else 0 :]:
        table.add(row, line)
    for line, row in rows:
        table.add(row, line)
    return table


def parted(table: Table) -> tuple[NDArray[Any] | None, list[int], NDArray[np.float64]]:
    """The times of a table, which columns hold its numbers, and these."""
    columns, values = table.finished()
    if table.dated:
        return dates_of(table.dates), columns, values
    first, others = values[:, 0], (columns[1:], values[:, 1:])
    is_first = columns[0] == 0 and len(columns) > 1 and 0 not in table.asked
    # What is called `t` may be a temperature, but that does not increase all the time.
    if (
        is_first
        and table.is_called_time
        and np.isfinite(first).all()
        and (np.diff(first) > 0).all()
    ):
        return first, *others
    return (None, *others) if is_first and table.asked else (None, columns, values)


def joined(calendar: list[str]) -> str:
    """A date of its parts: `1970-01` of 1970 and 1."""
    year, *rest = (each.strip() for each in calendar)
    return "-".join([year.zfill(4), *(each.zfill(2) for each in rest)])
