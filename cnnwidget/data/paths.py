"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path


def expand_user(path: str | os.PathLike[str]) -> str:
    """Return a path with the home folder in the place of a leading `~` or `~user`.

    An unknown user is left as written; `pathlib.Path.expanduser` raises an error there.

    Example:
        >>> expand_user("data/ice.nc"), expand_user("~no such user/ice.nc")
        ('data/ice.nc', '~no such user/ice.nc')
    """
    return os.path.expanduser(path)  # noqa: PTH111


def ending_in_words(path: str | os.PathLike[str]) -> str:
    """Return the ending of a path, for the middle of a sentence.

    Example:
        >>> ending_in_words("ice.DOC"), ending_in_words("ice")
        ('ends in .doc', 'has no ending')
    """
    ending = Path(path).suffix.lower()
    return f"ends in {ending}" if ending else "has no ending"
