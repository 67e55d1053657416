"""LZW of TIFF, checked before a library unpacks it.

When a code is not in the table yet, right after the table was cleared, imagecodecs reads memory
that was never written: sometimes it returns something, sometimes the process ends. So only data
whose codes are all in the table by then are unpacked.

Source: TIFF, revision 6.0 of 1992, section 13.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Codes of single bytes come first, then these two.
CLEAR, END = 256, 257
# The number of codes with 9, 10 and 11 bits after the table was cleared; all others have 12.
COUNTS = {9: 254, 10: 512, 11: 1024}
WIDEST = 12
# The number of codes of 12 bits that are read at once; writers clear a full table immediately.
TURN = 4096


def is_valid_lzw(packed: bytes, *, backwards: bool = False) -> bool:
    """Whether the first code of a packed strip clears the table, and all others are in it.

    Data behind the end code are ignored, and a strip without an end code is valid.

    Args:
        packed: a strip or tile.
        backwards: whether the bits of each byte are in reverse order.

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
        # The first code after a clear code adds nothing to the table; each other adds one entry.
        known = np.maximum(257 + np.arange(len(codes)), 255)
        known[0] = 255
        last = int(ends[0]) if len(ends) else len(codes)
        if bool((codes[:last] > known[:last]).any()):
            return False
        if not len(ends):
            # No writer goes on with a full table.
            return len(bits) - place - int(widths.sum()) < WIDEST
        if codes[last] == END:
            return True
        place += int(widths[: last + 1].sum())
    return True


def codes_from(bits: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the codes from the start of a table on, up to a limit, and the bits of each."""
    codes, widths, place = [], [], 0
    for width, most in (*COUNTS.items(), (WIDEST, TURN)):
        count = min(most, (len(bits) - place) // width)
        part = bits[place : place + count * width].reshape(count, width)
        codes.append(part @ (1 << np.arange(width - 1, -1, -1)))
        widths.append(np.full(count, width))
        place += count * width
    return np.concatenate(codes), np.concatenate(widths)
