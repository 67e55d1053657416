"""The one way in which the package writes files: each is whole, or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Write a file under another name in the same folder, then move it to `path` in one step.

    After a crash or a power cut, `path` holds either the old content or the new, never a part of
    it: the new content is on the disk (fsync) before it is moved.

    Args:
        path: the file to make or to replace.

    Yields:
        The path to write to.

    Raises:
        OSError: if the file cannot be written; an older one is then unchanged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_write(Path(folder, "run.json")) as partial:
        ...         _ = partial.write_text("{}")
        ...     [each.name for each in Path(folder).iterdir()]
        ['run.json']
    """
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        yield partial
        with partial.open("r+b") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()
