"""Reading tables of numbers, CSV and TSV, with the standard library."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import numpy as np

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guards.guards import check_room, damage_told
from cnnwidget.data.reading.tables.table import ANEW, Table
from cnnwidget.data.reading.tables.table_cells import number_of
from cnnwidget.data.reading.tables.text_rows import LOOKED_AT, delimiter_of, encodings_of, rows_of

# A number and what divides it from the next take two characters or more, and eight bytes here.
GROWTH = 4


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
    check_room(file, GROWTH * file.length, "save an array with numpy.save")
    table = table_in(file)
    times, columns, values = table.parted()
    named = table.names[0] if table.names else ""
    called = [table.names[column] for column in columns] if table.names else []
    names = {"T": named} if times is not None and named and table.dated < 2 else {}
    labels = Labels(times=times, names=names)
    if len(file.variables) > 1:
        return Found(values, file.name, "T C", replace(labels, channels=file.variables))
    if len(columns) == 1:
        return Found(values[:, 0], file.called, "T", labels)
    places = [number_of(each, decimal_comma=table.decimal_comma) for each in called]
    known = [each for each in places if each is not None and math.isfinite(each)]
    along = {"L": np.array(known)} if called and len(known) == len(columns) else {}
    return Found(values, file.name, None, replace(labels, places=along))


def names_in(file: File) -> tuple[str, ...]:
    r"""The names of the columns of numbers, by the first rows; none without a header.

    Example:
        >>> names_in(File("a.csv", None, b"date,ice,station\n2020-01-01,1,A\n2020-01-02,2,B\n"))
        ('ice',)
    """
    return table_in(file, LOOKED_AT).names_of_numbers


def table_in(file: File, most: int | None = None) -> Table:
    """A table, or so many rows of it."""
    with damage_told(file.name, ANEW):
        *likely, last = encodings_of(file)
        for encoding in likely:
            try:
                return table_of(file, encoding, most)
            except UnicodeDecodeError:
                continue
        return table_of(file, last, most)


def table_of(file: File, encoding: str, most: int | None) -> Table:
    """A table that is encoded so, or so many rows of it."""
    delimiter = delimiter_of(file, encoding)
    rows = islice(rows_of(file, encoding, delimiter), most)
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
