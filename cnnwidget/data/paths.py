"""Paths as users write them."""

from __future__ import annotations

import os


def expand_user(path: str | os.PathLike[str]) -> str:
    """Return a path with the home folder in the place of a leading `~` or `~user`.

    An unknown user is left as written; `pathlib.Path.expanduser` raises an error there.

    Example:
        >>> expand_user("data/ice.nc"), expand_user("~no such user/ice.nc")
        ('data/ice.nc', '~no such user/ice.nc')
    """
    return os.path.expanduser(path)  # noqa: PTH111
