"""WAV files, written by soundfile and by the standard library."""

import io
import wave

import numpy as np
import pytest
import soundfile

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.arrays import wav_files
from cnnwidget.data.reading.source_file import SourceFile
from tests.damaged import DAMAGED, at_most, check_damaged, refusals

RATE = 8000
MONO = np.random.default_rng(0).uniform(-1, 1, 240).astype("f4")
STEREO = np.random.default_rng(1).uniform(-1, 1, (240, 2)).astype("f4")


def saved(values, form="WAV", **options):
    content = io.BytesIO()
    soundfile.write(content, values, RATE, format=form, **options)
    return content.getvalue()


# By how much values may be off: those of whole numbers by what they are rounded to.
KINDS = {
    "FLOAT": 0,
    "DOUBLE": 0,
    "PCM_U8": 2**-7,
    "PCM_16": 2**-15,
    "PCM_24": 2**-23,
    "PCM_32": 2**-24,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [MONO, STEREO], ids=["mono", "stereo"])
def test_sound_is_what_was_saved(kind, values, tmp_path):
    content = saved(values, subtype=kind)
    (tmp_path / "a.wav").write_bytes(content)
    for frames in (
        read_bytes("a.wav", content, frame_len=24),
        load(tmp_path / "a.wav", frame_len=24),
    ):
        assert frames.name == "a.wav"
        assert frames.values.dtype == np.float32
        assert frames.values.shape == (10, values.ndim, 24)
        assert frames.has_channels == (values.ndim == 2)
        series = frames.values.swapaxes(1, 2).reshape(values.shape)
        assert np.abs(series - values).max() <= KINDS[kind]
        assert np.allclose(frames.labels.times, np.arange(10) * 24 / RATE, rtol=0, atol=1e-12)
    known = wav_files.read(SourceFile("a.wav", None, content))
    assert known.axes == ("T" if values.ndim == 1 else "T C")
    assert known.values.shape == values.shape


def test_whole_numbers_are_parts_of_the_largest():
    given = np.array([0, 1, -1, 2**14, 2**15 - 1, -(2**15)], "<i2")
    content = io.BytesIO()
    with wave.open(content, "wb") as written:
        written.setparams((1, 2, RATE, 0, "NONE", ""))
        written.writeframes(given.tobytes())
    frames = read_bytes("a.wav", content.getvalue(), frame_len=1)
    assert np.array_equal(frames.values.ravel(), given / np.float32(2**15))


@pytest.mark.parametrize("kind", ["MS_ADPCM", "IMA_ADPCM", "GSM610", "ULAW", "ALAW"])
def test_what_is_packed_is_read_as_well(kind):
    slow = np.sin(np.arange(4000) / 50).astype("f4") / 2
    values = read_bytes("a.wav", saved(slow, subtype=kind), frame_len=1).values.ravel()
    assert len(values) >= 4000
    assert np.abs(values[:4000] - slow).max() < 0.1


@pytest.mark.parametrize("form", ["WAVEX", "RF64"])
def test_the_relatives_of_wav_are_read(form):
    frames = read_bytes("a.wav", saved(STEREO, form, subtype="FLOAT"), frame_len=1)
    assert np.array_equal(frames.values[..., 0], STEREO)


def test_a_sound_is_told_to_need_frames():
    with pytest.raises(
        DataError, match=r"^a\.wav has 240 values, one after the other; say how many"
    ):
        read_bytes("a.wav", saved(MONO))


WAV = saved(STEREO)
REFUSED = {
    "empty": ("a.wav", b"", "is damaged or no WAV file; write it anew"),
    "text": ("a.wav", b"what" * 99, "is damaged or no WAV file"),
    "random": ("a.wav", STEREO.tobytes(), "is damaged or no WAV file"),
    "another kind": ("a.wav", saved(STEREO, "FLAC"), "is damaged or no WAV file"),
    "a film": ("a.wav", b"RIFF\x10\0\0\0AVI LIST" + bytes(8), "is damaged or no WAV file"),
    "cut off": (
        "a.wav",
        WAV[:-1],
        "is cut off: it says that it has 1,004 bytes, but there are 1,003",
    ),
    "header alone": ("a.wav", WAV[:30], "is cut off"),
    "no samples": ("a.wav", saved(STEREO[:0]), "holds no sound; check it"),
    "no format": ("a.wav", b"RIFF\x0c\0\0\0WAVEdata\0\0\0\0", "is damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path):
    name, content, said = REFUSED[case]
    upload = refusals(name, content, tmp_path, frame_len=4)
    assert upload.startswith(name)
    assert said in upload


def test_names_are_for_other_files():
    with pytest.raises(
        DataError, match=r"^a\.wav holds a sound, without .*; leave variable out\.$"
    ):
        read_bytes("a.wav", WAV, variable="left")


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    """A value of a byte becomes four, and its time eight."""
    content = saved(np.zeros(100_000), subtype="PCM_U8")
    at_most(monkeypatch, 1_200_000)
    assert read_bytes("a.wav", content, frame_len=100).steps == 1000
    at_most(monkeypatch, 1_199_999)
    with pytest.raises(DataError, match=r"^a\.wav unpacks to .*; give a shorter recording\.$"):
        read_bytes("a.wav", content, frame_len=100)


@pytest.mark.parametrize("kind", ["PCM_16", "FLOAT", "MS_ADPCM"])
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(kind, tmp_path, monkeypatch, capfd):
    at_most(monkeypatch, 2_000_000)
    content = saved(STEREO, subtype=kind)
    check_damaged("a.wav", content, tmp_path, DAMAGED // 2, frame_len=1)
    assert capfd.readouterr() == ("", "")
