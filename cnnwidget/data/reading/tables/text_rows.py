"""The rows of a text file: its encoding and its delimiter."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.source_file import SourceFile

# In the order of preference: a comma may be a decimal comma, a space may be part of a date.
# csv.Sniffer takes any comma for the delimiter.
DELIMITERS = "\t;, "
# The number of lines that are read to find the delimiter.
LINES_LOOKED_AT = 50
# In characters: splitting a line takes ten times its memory.
LONGEST_LINE = 1 << 22


def likely_encodings(file: SourceFile) -> tuple[str, ...]:
    """Return the possible encodings of a text, the most likely one first.

    Example:
        >>> likely_encodings(SourceFile("a.csv", None, b"1,2"))
        ('utf-8', 'latin-1')
    """
    with file.open() as opened:
        start = opened.read(2)
    # Latin 1 comes last, since it decodes any bytes.
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return ("utf-16",)
    return ("utf-8-sig" if start == codecs.BOM_UTF8[:2] else "utf-8", "latin-1")


def find_delimiter(file: SourceFile, encoding: str) -> str:
    r"""Return the delimiter: the one that divides most of the first lines into equally many cells.

    Example:
        >>> find_delimiter(SourceFile("a.csv", None, b"a;b\n1,5;2,5"), "utf-8")
        ';'
        >>> rows = b"2020-01-01 00:00,1\n2020-01-01 06:00,2"
        >>> find_delimiter(SourceFile("a.csv", None, rows), "utf-8")
        ','
    """
    with open_text(file, encoding) as text:
        lines = list(islice(read_lines(text, file.name), LINES_LOOKED_AT))
    most, best = 0, ","
    for each in DELIMITERS:
        counts = Counter(len(row) for row in split_cells(lines, each) if row)
        width, agreeing = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width > 1 and agreeing > most:
            most, best = agreeing, each
    return best


def read_rows(file: SourceFile, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its last line."""
    with open_text(file, encoding) as text:
        reader = split_cells(read_lines(text, file.name), delimiter)
        for row in reader:
            if row and any(row):
                yield reader.line_num, row


def split_cells(lines: Iterator[str] | list[str], delimiter: str) -> Any:
    """Return a reader of the cells; spaces behind a delimiter and at line ends are ignored."""
    stripped = (line.rstrip("\r\n ") + "\n" for line in lines) if delimiter == " " else lines
    return csv.reader(stripped, delimiter=delimiter, skipinitialspace=True)


def open_text(file: SourceFile, encoding: str) -> TextIO:
    """Open a file as text; the csv module handles the line ends."""
    return io.TextIOWrapper(file.open(), encoding=encoding, newline="")


def read_lines(text: TextIO, name: str) -> Iterator[str]:
    """Yield the lines of a text; comments become empty lines.

    Raises:
        DataError: at a line that is no text, or too long.
    """
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise DataError(
                f"{name}: line {number:,} has more than {LONGEST_LINE:,} characters; write one row "
                "for each time, or save an array with numpy.save."
            )
        if "\0" in line:
            raise DataError(
                f"{name}: line {number:,} holds bytes that are no text; check the file."
            )
        yield "\n" if line.startswith("#") else line
