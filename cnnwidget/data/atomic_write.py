"""Files that are whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file beside another and then put it in its place, in a single step.

    Whoever pulls the plug finds the new one or the old one.

    Args:
        path: of the file that is to be replaced, or made.

    Raises:
        OSError: if it cannot be; the older one is then still there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder, "run.json")) as partial:
        ...         _ = partial.write_text("{}")
        ...     [each.name for each in Path(folder).iterdir()]
        ['run.json']
    """
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        with partial.open("r+b") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()
