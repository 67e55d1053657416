"""Libraries that come with an extra of the package, imported when a file needs them."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

from cnnwidget.data.data_error import DataError


def import_extra(module: str, extra: str, name: str) -> Any:
    """Import a library that comes with an extra of the package.

    Args:
        module: the library to import.
        extra: the extra that installs it.
        name: of the file that needs it.

    Raises:
        DataError: with the extra to install, if the library is not installed.

    Example:
        >>> import_extra("no_such_library", "video", "ice.mp4")
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: Reading ice.mp4 takes no_such_library, which is not \
installed; pip install "cnnwidget[video]" brings it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError as error:
        raise DataError(
            f"Reading {name} takes {module.partition('.')[0]}, which is not installed; "
            f'pip install "cnnwidget[{extra}]" brings it.'
        ) from error
