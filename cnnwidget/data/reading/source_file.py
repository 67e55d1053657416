"""A file to be read: on the disk, or an upload in memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# The most bytes that an upload may unpack to; a file on the disk is limited by memory alone.
LARGEST_UPLOAD = 4 * 10**9


@dataclass(frozen=True)
class SourceFile:
    """A file that a reader reads.

    Attributes:
        name: of the file, for errors: `ice.nc`.
        path: of the file; None for an upload.
        content: of an upload; None for a file on the disk.
        variables: the names of the arrays to read; empty for the only one, or for all.
    """

    name: str
    path: Path | None
    content: bytes | bytearray | memoryview | None
    variables: tuple[str, ...] = ()

    def open(self) -> BinaryIO:
        """Open the content for reading, from its beginning."""
        if self.path is not None:
            return self.path.open("rb")
        return io.BytesIO(self.content or b"")

    @property
    def called(self) -> str:
        """The name of what is read: `ice.npz::mask` for one of several arrays."""
        return f"{self.name}::{self.variables[0]}" if len(self.variables) == 1 else self.name

    @property
    def length(self) -> int:
        """The length of the content in bytes."""
        return self.path.stat().st_size if self.path is not None else len(self.content or b"")

    @property
    def is_upload(self) -> bool:
        """Whether the content was uploaded."""
        return self.path is None
