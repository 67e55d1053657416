"""LZW as TIFF has it, looked through before a library unpacks it.

A code that stands for nothing yet, right after the table was cleared, is looked up by imagecodecs
in memory that nobody has set: sometimes there is an answer, sometimes the process ends. So whatever
is unpacked has only codes that the table has by then.

Source: TIFF, revision 6.0 of 1992, section 13.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Codes of single bytes come first, then these two.
CLEAR, END = 256, 257
# How many codes have 9, 10 and 11 bits after the table was cleared; all others have 12.
COUNTS = {9: 254, 10: 512, 11: 1024}
WIDEST = 12
# As many codes of 12 bits are looked at in a turn; writers clear a full table at once.
TURN = 4096


def is_valid_lzw(packed: bytes, *, backwards: bool = False) -> bool:
    """Whether each code of a packed strip is known when it comes, and the first one clears.

    What follows the code that ends a strip is not looked at, and one that ends without it is sound.

    Args:
        packed: a strip or tile.
        backwards: whether the bits of each byte are written from the last to the first.

    Example:
        >>> is_valid_lzw(bytes.fromhex("80000020"))  # clear, 0, then the code just being made
        True
        >>> is_valid_lzw(bytes.fromhex("80660015"))  # clear, then one that is not there yet
        False
    """
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little" if backwards else "big")
    first = codes_from(bits[:9])[0]
    if first.tolist() != [CLEAR]:
        return False
    place = 9
    while place + 9 <= len(bits):
        codes, widths = codes_from(bits[place:])
        ends = np.flatnonzero((codes == CLEAR) | (codes == END))
        # The first code after a clear one adds nothing to the table; each other adds one.
        known = np.maximum(257 + np.arange(len(codes)), 255)
        known[0] = 255
        last = int(ends[0]) if len(ends) else len(codes)
        if bool((codes[:last] > known[:last]).any()):
            return False
        if not len(ends):
            # A full table that goes on and on is nothing that a writer makes.
            return len(bits) - place - int(widths.sum()) < WIDEST
        if codes[last] == END:
            return True
        place += int(widths[: last + 1].sum())
    return True


def codes_from(bits: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes from the beginning of a table on, or the first of them; and how long each is."""
    found, widths, place = [], [], 0
    for width, most in (*COUNTS.items(), (WIDEST, TURN)):
        count = min(most, (len(bits) - place) // width)
        part = bits[place : place + count * width].reshape(count, width)
        found.append(part @ (1 << np.arange(width - 1, -1, -1)))
        widths.append(np.full(count, width))
        place += count * width
    return np.concatenate(found), np.concatenate(widths)
