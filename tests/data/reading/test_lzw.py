"""Codes of LZW, against a table written out step by step, and against what a library packs."""

import imagecodecs
import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.reading.guards.lzw import is_valid_lzw
from tests.damaged import mutations
from tests.data.reading.test_tiff import GIVEN, written


def sound_step_by_step(packed):
    """TIFF 6.0, section 13, code by code."""
    bits = "".join(f"{byte:08b}" for byte in packed)
    table, width, place, before = 258, 9, 0, "nothing"
    while place + width <= len(bits):
        code = int(bits[place : place + width], 2)
        place += width
        if before == "nothing" and code != 256:
            return False
        if code == 257:
            return True
        if code == 256:
            table, width, before = 258, 9, "cleared"
            continue
        if before == "cleared":
            if code > 255:
                return False
        else:
            if code > table:
                return False
            table += 1
        before = "a code"
        width = 9 + sum(table >= edge for edge in (511, 1023, 2047))
        if table > 7900:
            return place + 12 > len(bits)
    return before != "nothing"


def contents():
    random = np.random.default_rng(0)
    for length in (1, 7, 300, 4000, 30_000):
        for most in (1, 3, 256):
            yield random.integers(0, most, length, np.uint8).tobytes()


def test_what_a_library_packs_is_sound():
    for content in contents():
        packed = imagecodecs.lzw_encode(content)
        assert is_valid_lzw(packed)
        assert sound_step_by_step(packed)
        backwards = np.packbits(np.unpackbits(np.frombuffer(packed, np.uint8)), bitorder="little")
        assert is_valid_lzw(backwards.tobytes(), backwards=True)


def test_damaged_codes_are_found_as_step_by_step():
    seen = {True: 0, False: 0}
    for content in contents():
        for packed in mutations(imagecodecs.lzw_encode(content), 60):
            found = is_valid_lzw(packed)
            assert found == sound_step_by_step(packed)
            seen[found] += 1
    assert min(seen.values()) > 50


@pytest.mark.parametrize("packed", ["", "80", "00", "0001", "80660015"])
def test_strips_without_a_beginning_are_none(packed):
    assert not is_valid_lzw(bytes.fromhex(packed))


def test_a_file_with_a_code_that_stands_for_nothing_is_refused(tmp_path):
    """It would end the process now and then."""
    content = written(GIVEN.astype("i2"), compression="lzw", metadata=None)
    start = content.index(imagecodecs.lzw_encode(GIVEN[0].astype("i2").tobytes())[:8])
    broken = content[: start + 1] + b"\x66" + content[start + 2 :]
    (tmp_path / "a.tif").write_bytes(broken)
    with pytest.raises(cw.DataError, match="codes that stand for nothing"):
        cw.load(tmp_path / "a.tif")
    (tmp_path / "b.tif").write_bytes(content)
    assert np.array_equal(cw.load(tmp_path / "b.tif").values[:, 0], GIVEN)
