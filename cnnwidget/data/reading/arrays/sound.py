"""Reading WAV files with libsndfile."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.choose_array import check_without_variables
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guards.containers import check_end, kind_of
from cnnwidget.data.reading.guards.guards import check_room, damage_told, damaged, needed

ANEW = "write it anew as WAV"
SIZE_OF_TIME = 8
SIZE_OF_VALUE = 4


def read(file: File) -> Found:
    """The sound in a WAV file, as `T` or, with several channels, as `T C`.

    Whole numbers become numbers between -1 and 1, as libsndfile has it; times are in seconds.

    Raises:
        DataError: if the file is damaged, cut off or too large.

    Example:
        >>> import io, wave
        >>> content = io.BytesIO()
        >>> with wave.open(content, "wb") as sound:
        ...     sound.setparams((1, 2, 8000, 0, "NONE", ""))
        ...     sound.writeframes(np.array([0, 1 << 14, -(1 << 15)], "<i2").tobytes())
        >>> found = read(File("a.wav", None, content.getvalue()))
        >>> found.values, found.axes, found.labels.times
        (array([ 0. ,  0.5, -1. ], dtype=float32), 'T', array([0.      , 0.000125, 0.00025 ]))
    """
    check_without_variables(file, "a sound")
    library = needed("soundfile", "sound", file.name)
    # libsndfile goes by what is in a file, and knows many kinds; the others are not for here.
    if kind_of(file) != "wav":
        raise DataError(f"{file.name} is damaged or no WAV file; {ANEW}.")
    check_end(file, "wav")
    with damage_told(file.name, ANEW), file.open() as opened:
        try:
            values, rate = samples_in(library, opened, file)
        except library.LibsndfileError as error:  # it names the path, which is not for a page
            raise damaged(file.name, error.error_string.rstrip("."), ANEW) from error
    times = np.arange(len(values)) / rate
    return Found(values, file.name, "T" if values.ndim == 1 else "T C", Labels(times=times))


def samples_in(library: Any, opened: BinaryIO, file: File) -> tuple[NDArray[np.float32], int]:
    """All samples, (T,) or (T, C), and how many there are in a second."""
    with library.SoundFile(opened) as sound:
        count, channels, rate = sound.frames, sound.channels, sound.samplerate
        if count < 1:
            raise DataError(f"{file.name} holds no sound; check it.")
        size = count * (channels * SIZE_OF_VALUE + SIZE_OF_TIME)
        check_room(file, size, "give a shorter recording")
        values = sound.read(count, dtype="float32")  # some kinds cannot tell it
    if len(values) < count:
        raise DataError(
            f"{file.name} is cut off: it has {len(values):,} of the {count:,} samples that it says "
            "it has; copy or write it anew."
        )
    return values, rate
