"""The error of data that cannot be used, and the reason that a library gives."""

from cnnwidget.design.errors import CnnwidgetError


class DataError(CnnwidgetError):
    """Data that cannot be read, cut or made as asked.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> load(np.zeros(7))
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: array has 7 values, one after the other; say how many \
make a frame, as frame_len=24 for the hours of a day.
    """


def reason_of(error: Exception) -> str:
    """Return why a file cannot be read or written, without the error number of the system.

    Example:
        >>> reason_of(FileNotFoundError(2, "No such file or directory", "ice.npy"))
        'no such file or directory'
    """
    known = error.strerror if isinstance(error, OSError) else None
    return known.lower() if known else str(error) or type(error).__name__
