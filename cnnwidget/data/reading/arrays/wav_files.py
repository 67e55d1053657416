"""Reading WAV files with libsndfile."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.containers import check_not_truncated, container_kind
from cnnwidget.data.reading.guards.damage import damage_error, damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile

ANEW = "write it anew as WAV"
SIZE_OF_TIME = 8
SIZE_OF_VALUE = 4


def read(file: SourceFile) -> ReadResult:
    """Read the sound in a WAV file, as `T` or, with several channels, as `T C`.

    Integers are scaled to -1..1 by libsndfile; times are in seconds.

    Raises:
        DataError: if the file is damaged, cut off or too large.

    Example:
        >>> import io, wave
        >>> content = io.BytesIO()
        >>> with wave.open(content, "wb") as sound:
        ...     sound.setparams((1, 2, 8000, 0, "NONE", ""))
        ...     sound.writeframes(np.array([0, 1 << 14, -(1 << 15)], "<i2").tobytes())
        >>> result = read(SourceFile("a.wav", None, content.getvalue()))
        >>> result.values, result.axes, result.labels.times
        (array([ 0. ,  0.5, -1. ], dtype=float32), 'T', array([0.      , 0.000125, 0.00025 ]))
    """
    refuse_variables(file, "a sound")
    library = import_extra("soundfile", "sound", file.name)
    # libsndfile detects many formats by their content; only WAV is read here.
    if container_kind(file) != "wav":
        raise DataError(f"{file.name} is damaged or no WAV file; {ANEW}.")
    check_not_truncated(file, "wav")
    with damage_reported(file.name, ANEW), file.open() as opened:
        try:
            values, rate = read_samples(library, opened, file)
        except (
            library.LibsndfileError
        ) as error:  # its message has the path, which the panel must not show
            raise damage_error(file.name, error.error_string.rstrip("."), ANEW) from error
    times = np.arange(len(values)) / rate
    return ReadResult(values, file.name, "T" if values.ndim == 1 else "T C", Labels(times=times))


def read_samples(
    library: Any, opened: BinaryIO, file: SourceFile
) -> tuple[NDArray[np.float32], int]:
    """Return all samples, (T,) or (T, C), and their rate in hertz.

    Raises:
        DataError: if there are none, or fewer than the file claims, or memory is short.
    """
    with library.SoundFile(opened) as sound:
        count, channels, rate = sound.frames, sound.channels, sound.samplerate
        if count < 1:
            raise DataError(f"{file.name} holds no sound; check it.")
        size = count * (channels * SIZE_OF_VALUE + SIZE_OF_TIME)
        check_memory(file, size, "give a shorter recording")
        values = sound.read(count, dtype="float32")  # seeking does not work in all encodings
    if len(values) < count:
        raise DataError(
            f"{file.name} is cut off: it has {len(values):,} of the {count:,} samples that it says "
            "it has; copy or write it anew."
        )
    return values, rate
