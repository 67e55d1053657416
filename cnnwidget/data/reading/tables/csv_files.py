"""Reading tables of numbers, CSV and TSV, with the standard library."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.data.reading.tables.table_cells import parse_number
from cnnwidget.data.reading.tables.table_parser import ANEW, TableParser
from cnnwidget.data.reading.tables.text_rows import (
    LINES_LOOKED_AT,
    find_delimiter,
    likely_encodings,
    read_rows,
)

# A number and its delimiter take at least two characters in the file, and eight bytes in memory.
GROWTH = 4


def read(file: SourceFile) -> ReadResult:
    r"""Read the numbers of a table: one row for each time, one column for each place.

    Delimiters are tabs, semicolons, commas or spaces; decimal commas are allowed where the
    delimiter is no comma. The first column is the time axis if it holds ISO dates, or if it is
    called `time`, `year` or the like and increases; `year,month` and `year,month,day` are dates,
    too. Columns of text and lines that begin with `#` are left out. Columns that are asked for
    are variables: a single one is `T`, several are `T C`.

    Raises:
        DataError: with the line, if the file is no table of numbers.

    Example:
        >>> rows = b"date,x,y\n2020-01-01,1,2\n2020-01-02,3,NA\n"
        >>> result = read(SourceFile("a.csv", None, rows))
        >>> result.values.tolist(), result.labels.span
        ([[1.0, 2.0], [3.0, nan]], '2020-01-01 to 2020-01-02')
        >>> read(SourceFile("a.csv", None, b"x,y\n1,2\n3,4\n", ("y",))).values
        array([2., 4.])
    """
    check_memory(file, GROWTH * file.length, "save an array with numpy.save")
    table = parse_file(file)
    times, columns, values = table.split()
    named = table.names[0] if table.names else ""
    called = [table.names[column] for column in columns] if table.names else []
    names = {"T": named} if times is not None and named and table.dated < 2 else {}
    labels = Labels(times=times, names=names)
    if len(file.variables) > 1:
        return ReadResult(values, file.name, "T C", replace(labels, channels=file.variables))
    if len(columns) == 1:
        return ReadResult(values[:, 0], file.called, "T", labels)
    places = [parse_number(each, decimal_comma=table.decimal_comma) for each in called]
    known = [each for each in places if each is not None and math.isfinite(each)]
    along = {"L": np.array(known)} if called and len(known) == len(columns) else {}
    return ReadResult(values, file.name, None, replace(labels, places=along))


def array_names(file: SourceFile) -> tuple[str, ...]:
    r"""Return the names of the columns of numbers, by the first rows; empty without a header.

    Example:
        >>> rows = b"date,ice,station\n2020-01-01,1,A\n2020-01-02,2,B\n"
        >>> array_names(SourceFile("a.csv", None, rows))
        ('ice',)
    """
    return parse_file(file, LINES_LOOKED_AT).names_of_numbers


def parse_file(file: SourceFile, most: int | None = None) -> TableParser:
    """Parse a file, or its first rows, in the first encoding that fits."""
    with damage_reported(file.name, ANEW):
        *likely, last = likely_encodings(file)
        for encoding in likely:
            try:
                return parse_encoded(file, encoding, most)
            except UnicodeDecodeError:
                continue
        return parse_encoded(file, last, most)


def parse_encoded(file: SourceFile, encoding: str, most: int | None) -> TableParser:
    """Parse a file, or its first rows, in an encoding.

    Raises:
        UnicodeDecodeError: if it has another one.
        DataError: if it is no table.
    """
    delimiter = find_delimiter(file, encoding)
    rows = islice(read_rows(file, encoding, delimiter), most)
    start = list(islice(rows, 2))
    if not start:
        raise DataError(f"{file.name} is empty; {ANEW}.")
    comma = delimiter != ","
    second = start[1][1] if len(start) > 1 else []
    table = TableParser(file.name, start[0][1], second, file.variables, decimal_comma=comma)
    for line, row in start[1 if table.names else 0 :]:
        table.add(row, line)
    for line, row in rows:
        table.add(row, line)
    return table
