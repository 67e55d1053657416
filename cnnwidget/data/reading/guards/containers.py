"""Animations, videos and sounds that are cut off: libraries read them without an error.

The end that a container (AVI, WAV, MP4, Matroska, GIF) claims is compared with the length of the
file.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.source_file import SourceFile

# Matroska: the first bytes of a file, and the element that contains all frames.
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
# The length in a file whose recorder was stopped before it wrote the length.
UNKNOWN = {0, 2**32 - 1}


def container_kind(file: SourceFile) -> str:
    """Return the kind of a file by its first bytes: `avi`, `matroska`, `mp4`, `wav` or empty.

    Example:
        >>> container_kind(SourceFile("a.avi", None, b"RIFF....WAVEfmt "))
        'wav'
    """
    with file.open() as opened:
        start = opened.read(12)
    if start[:4] in {b"RIFF", b"RF64", b"RIFX"}:
        return {b"AVI ": "avi", b"WAVE": "wav"}.get(start[8:], "")
    if start[:4] == EBML:
        return "matroska"
    return "mp4" if start[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"} else ""


def check_not_truncated(file: SourceFile, kind: str) -> None:
    """Refuse a file that is shorter than it claims.

    Source: https://www.rfc-editor.org/rfc/rfc8794 for Matroska, ISO/IEC 14496-12 for MP4.

    Raises:
        DataError: with both lengths.
    """
    with file.open() as opened:
        if kind == "matroska":
            end = end_of_matroska(opened, file.length)
        else:
            end = end_of_boxes(opened, file.length) if kind == "mp4" else end_of_riff(opened)
    if end > file.length:
        raise DataError(
            f"{file.name} is cut off: it says that it has {end:,} bytes, but there are "
            f"{file.length:,}; copy or write it anew."
        )


def end_of_riff(opened: BinaryIO) -> int:
    """Return the end of AVI or WAV in bytes; 0 if the file does not say it."""
    start = opened.read(8)
    size = int.from_bytes(start[4:], "big" if start[:4] == b"RIFX" else "little")
    return 0 if size in UNKNOWN else size + 8


def end_of_boxes(opened: BinaryIO, length: int) -> int:
    """Return the end of the last top-level box of MP4 in bytes; 0 if it is not known."""
    at = 0
    while at + 8 <= length:
        opened.seek(at)
        start = opened.read(16)
        size = int.from_bytes(start[:4], "big")
        if size == 1:
            size = int.from_bytes(start[8:], "big")
        if size < 8:  # 0 means to the end of the file; other sizes below 8 mean nothing
            return 0
        at += size
    return at


def end_of_matroska(opened: BinaryIO, length: int) -> int:
    """Return the end of the segment of Matroska in bytes; 0 if it does not say it."""
    opened.seek(len(EBML))
    header = matroska_number(opened) or 0
    opened.seek(min(header, length), io.SEEK_CUR)
    if opened.read(len(SEGMENT)) != SEGMENT:
        return 0
    size = matroska_number(opened)
    return 0 if size is None else opened.tell() + size


def matroska_number(opened: BinaryIO) -> int | None:
    """Read a number of Matroska, whose first bits are its length; None means unknown.

    Example:
        >>> [matroska_number(io.BytesIO(bytes(n))) for n in ([0x40, 0x7F], [0xFF])]
        [127, None]
    """
    first = int.from_bytes(opened.read(1), "big")
    more = 8 - first.bit_length()
    if more > 7:
        return None
    value = int.from_bytes(opened.read(more), "big") | (first & (0x7F >> more)) << (8 * more)
    return None if value == (1 << 7 * (more + 1)) - 1 else value


def check_gif_not_truncated(file: SourceFile) -> None:
    """Refuse a GIF without its end marker, also one that is cut off between two frames.

    Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt

    Raises:
        DataError: if the end marker is missing.
    """
    with file.open() as opened:
        start = opened.read(13)
        opened.seek(size_of_palette(start[10:11]), io.SEEK_CUR)
        while (block := opened.read(1)) in {b"!", b","}:
            if block == b"!":
                opened.seek(1, io.SEEK_CUR)
            else:
                opened.seek(size_of_palette(opened.read(9)[8:]) + 1, io.SEEK_CUR)
            while length := int.from_bytes(opened.read(1), "big"):
                opened.seek(length, io.SEEK_CUR)
    if not block:
        raise DataError(
            f"{file.name} is cut off: it ends between two of its frames; copy or save it anew."
        )


def size_of_palette(flags: bytes) -> int:
    """Return the number of bytes of the colour table that follows; 0 if there is none."""
    packed = int.from_bytes(flags, "big")
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0
