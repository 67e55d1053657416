"""A file to be read, on the disk or in memory as an upload brings it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# An upload may unpack to so many bytes; a file of one's own to what memory has room for.
LARGEST_UPLOAD = 4 * 10**9


@dataclass(frozen=True)
class SourceFile:
    """What a reader is given.

    Attributes:
        name: what to call it in a sentence: `ice.nc`.
        path: where it lies; None for an upload.
        content: what is in an upload; None for a file on the disk.
        variables: the names of those that were asked for; empty for the only one, or all.
    """

    name: str
    path: Path | None
    content: bytes | bytearray | memoryview | None
    variables: tuple[str, ...] = ()

    def open(self) -> BinaryIO:
        """The content, to be read from its beginning."""
        if self.path is not None:
            return self.path.open("rb")
        return io.BytesIO(self.content or b"")

    @property
    def called(self) -> str:
        """What to call what is read of it: `ice.npz::mask` where one of several was asked for."""
        return f"{self.name}::{self.variables[0]}" if len(self.variables) == 1 else self.name

    @property
    def length(self) -> int:
        """In bytes."""
        return self.path.stat().st_size if self.path is not None else len(self.content or b"")

    @property
    def is_upload(self) -> bool:
        """Whether it came from a page."""
        return self.path is None
