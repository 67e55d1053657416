"""Fingerprints of data, which show whether two series have the same values."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.design.axes import Shape, spell

# The number of bytes read at once: a file that is larger than memory is read in pieces.
PIECE_BYTES = 1 << 24
DIGEST_BYTES = 16


class ArrayFingerprint(NamedTuple):
    """The fingerprint of one array.

    Attributes:
        name: of the array: `frames`, `valid` (the mask of places), `past` or `future`.
        shape: of the array.
        dtype: of the array.
        digest: of its values; see `digest_of`.
    """

    name: str
    shape: Shape
    dtype: str
    digest: str


# Of all arrays that a training uses.
Fingerprint = tuple[ArrayFingerprint, ...]
# The fingerprints of frames, which do not change: they are computed once for many trainings.
cache: WeakKeyDictionary[Frames, Fingerprint] = WeakKeyDictionary()


def fingerprint_of(contents: WindowContents) -> Fingerprint:
    """Return the fingerprint of the contents of windows: frames, mask and other series.

    All values are read, which takes about a second for each gigabyte of frames in memory.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> from cnnwidget.data.windows.window_contents import WindowContents
        >>> [frames] = fingerprint_of(WindowContents(load(np.zeros((9, 4, 5)))))
        >>> frames.name, frames.shape, frames.dtype, len(frames.digest)
        ('frames', (9, 1, 4, 5), 'float64', 32)
    """
    frames = contents.frames
    if frames not in cache:
        arrays = {"frames": frames.values, "valid": frames.valid}
        cache[frames] = tuple(
            array_fingerprint(name, values) for name, values in arrays.items() if values is not None
        )
    return cache[frames] + tuple(
        array_fingerprint(name, values) for name, values in contents.series.items()
    )


def array_fingerprint(name: str, values: NDArray[Any]) -> ArrayFingerprint:
    """Return the fingerprint of one array."""
    return ArrayFingerprint(name, values.shape, values.dtype.name, digest_of(values))


def digest_of(values: NDArray[Any]) -> str:
    """Return the BLAKE2b digest (RFC 7693, 16 bytes) of the values in C order, little-endian.

    It does not depend on the memory layout, the file or the machine. All NaN are treated as equal,
    whatever their bits.

    Example:
        >>> values = np.array([[1.0, np.nan], [2.0, 3.0]])
        >>> digest_of(values) == digest_of(np.asfortranarray(values.astype(">f8")))
        True
        >>> digest_of(values) == digest_of(-values)
        False
    """
    step = max(1, PIECE_BYTES // max(1, values[:1].nbytes))
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for start in range(0, len(values), step):
        piece = np.asarray(values[start : start + step])
        # A long double has padding bytes, whose content is undefined.
        plain = piece.dtype.newbyteorder("<") if piece.dtype.itemsize <= 8 else np.dtype("<f8")
        piece = np.ascontiguousarray(piece, dtype=plain)
        if plain.kind == "f" and (missing := np.isnan(piece)).any():
            piece = np.where(missing, np.array(np.nan, dtype=plain), piece)
        digest.update(piece.data.cast("B"))
    return digest.hexdigest()


def difference(one: Fingerprint, other: Fingerprint) -> str:
    """Return in a few words how other data differ from some data; empty if they do not.

    Example:
        >>> frames = ArrayFingerprint("frames", (9, 1, 4, 5), "float32", "ab")
        >>> difference((frames,), (frames._replace(shape=(8, 1, 4, 5)),))
        'the shape of frames is 8 × 1 × 4 × 5, not 9 × 1 × 4 × 5'
    """
    names, other_names = ([each.name for each in prints] for prints in (one, other))
    if names != other_names:
        return f"they are {' and '.join(other_names)}, not {' and '.join(names)}"
    for expected, actual in zip(one, other, strict=True):
        if expected.shape != actual.shape:
            shapes = f"{spell(actual.shape)}, not {spell(expected.shape)}"
            return f"the shape of {actual.name} is {shapes}"
        if expected.dtype != actual.dtype:
            return f"the dtype of {actual.name} is {actual.dtype}, not {expected.dtype}"
        if expected.digest != actual.digest:
            return f"the values of {actual.name} are others"
    return ""
