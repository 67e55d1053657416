"""Fingerprints of data: whether two series hold the same numbers, without keeping either."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.design.axes import Shape, spell

# So many bytes are looked at together: a file that is larger than memory is read in pieces.
PIECE_BYTES = 1 << 24
DIGEST_BYTES = 16


class ArrayFingerprint(NamedTuple):
    """What is known again of an array.

    Attributes:
        name: what it is: `frames`, `valid` (the mask of places), `past`, `future`.
        shape: of it.
        dtype: of it.
        digest: of its values; see `digest_of`.
    """

    name: str
    shape: Shape
    dtype: str
    digest: str


# Of all arrays that a training sees.
Fingerprint = tuple[ArrayFingerprint, ...]
# Frames do not change: whoever fits many designs to them asks once.
known: WeakKeyDictionary[Frames, Fingerprint] = WeakKeyDictionary()


def fingerprint_of(contents: WindowContents) -> Fingerprint:
    """The fingerprint of what windows hold: frames, the mask of their places, other series.

    All values are read once, which takes about a second for each gigabyte of frames in memory.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> from cnnwidget.data.windows.window_contents import WindowContents
        >>> [found] = fingerprint_of(WindowContents(load(np.zeros((9, 4, 5)))))
        >>> found.name, found.shape, found.dtype, len(found.digest)
        ('frames', (9, 1, 4, 5), 'float64', 32)
    """
    frames = contents.frames
    if frames not in known:
        arrays = {"frames": frames.values, "valid": frames.valid}
        known[frames] = tuple(
            array_fingerprint(name, values) for name, values in arrays.items() if values is not None
        )
    return known[frames] + tuple(
        array_fingerprint(name, values) for name, values in contents.series.items()
    )


def array_fingerprint(name: str, values: NDArray[Any]) -> ArrayFingerprint:
    """The fingerprint of one array."""
    return ArrayFingerprint(name, values.shape, values.dtype.name, digest_of(values))


def digest_of(values: NDArray[Any]) -> str:
    """BLAKE2b (RFC 7693), of 16 bytes, over the values in C order, the lowest byte first.

    So it does not matter how an array lies in memory, or in which file, or on which machine. All
    NaN are the same, whatever bits they have.

    Example:
        >>> values = np.array([[1.0, np.nan], [2.0, 3.0]])
        >>> digest_of(values) == digest_of(np.asfortranarray(values.astype(">f8")))
        True
        >>> digest_of(values) == digest_of(-values)
        False
    """
    step = max(1, PIECE_BYTES // max(1, values[:1].nbytes))
    found = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for start in range(0, len(values), step):
        piece = np.asarray(values[start : start + step])
        # Of a float of ten bytes some are nothing in particular.
        plain = piece.dtype.newbyteorder("<") if piece.dtype.itemsize <= 8 else np.dtype("<f8")
        piece = np.ascontiguousarray(piece, dtype=plain)
        if plain.kind == "f" and (missing := np.isnan(piece)).any():
            piece = np.where(missing, np.array(np.nan, dtype=plain), piece)
        found.update(piece.data.cast("B"))
    return found.hexdigest()


def difference(one: Fingerprint, other: Fingerprint) -> str:
    """How other data differ from those that are known, in a few words; empty where they do not.

    Example:
        >>> frames = ArrayFingerprint("frames", (9, 1, 4, 5), "float32", "ab")
        >>> difference((frames,), (frames._replace(shape=(8, 1, 4, 5)),))
        'the shape of frames is 8 × 1 × 4 × 5, not 9 × 1 × 4 × 5'
    """
    names, found = ([each.name for each in prints] for prints in (one, other))
    if names != found:
        return f"they are {' and '.join(found)}, not {' and '.join(names)}"
    for wanted, given in zip(one, other, strict=True):
        if wanted.shape != given.shape:
            shapes = f"{spell(given.shape)}, not {spell(wanted.shape)}"
            return f"the shape of {given.name} is {shapes}"
        if wanted.dtype != given.dtype:
            return f"the dtype of {given.name} is {given.dtype}, not {wanted.dtype}"
        if wanted.digest != given.digest:
            return f"the values of {given.name} are others"
    return ""
