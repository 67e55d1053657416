"""Video, written by PyAV: without loss the same values, with loss nearly."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.images import video
from tests.damaged import DAMAGED, at_most, check_damaged, refusals

ROWS, COLUMNS = np.mgrid[:32, :48]
# Slow in space and time, so that a codec with loss keeps it nearly.
SMOOTH = np.stack([(COLUMNS * 3 + ROWS + 4 * t) % 256 for t in range(6)]).astype("u1")
COLOURED = np.stack([SMOOTH, SMOOTH[:, ::-1], 255 - SMOOTH], axis=-1)
NOISE = np.random.default_rng(0).integers(0, 256, (6, 16, 24, 3), dtype=np.uint8)
FORMATS = {2: {"uint8": "gray", "uint16": "gray16le"}, 3: {"uint8": "rgb24"}}


def filmed(frames, form, codec, pixels, *, rate=10, times=None, sound=False):
    content = io.BytesIO()
    with av.open(content, "w", format=form) as film:
        size = {"height": frames.shape[1], "width": frames.shape[2]}
        stream = film.add_stream(codec, rate=rate, pix_fmt=pixels, **size)
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        if sound:
            audio = film.add_stream("pcm_s16le", rate=8000)
            beep = av.AudioFrame.from_ndarray(np.ones((1, 8000), "i2"), "s16", "mono")
            beep.rate = 8000
            film.mux(audio.encode(beep))
        for number, values in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(values, FORMATS[values.ndim][values.dtype.name])
            if times:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return content.getvalue()


def seen(name, content, folder):
    """The values as T H W or T H W C, the same of an upload and of a file."""
    (folder / name).write_bytes(content)
    upload, file = read_bytes(name, content), load(folder / name)
    assert np.array_equal(upload.values, file.values)
    assert upload.name == file.name == name
    assert upload.understood == f"T H W{' C' * upload.has_channels}, as the file says"
    values = np.moveaxis(upload.values, 1, -1)
    return (values if upload.has_channels else values[..., 0]), upload.labels.times


EXACT = {
    "ffv1 in mkv": ("a.mkv", "matroska", "ffv1", "bgr0"),
    "ffv1 in avi": ("a.avi", "avi", "ffv1", "bgr0"),
    "raw in avi": ("a.avi", "avi", "rawvideo", "bgr24"),
    "png in mov": ("a.mov", "mov", "png", "rgb24"),
}


@pytest.mark.parametrize("case", EXACT)
def test_what_is_kept_without_loss_is_the_same(case, tmp_path):
    name, *how = EXACT[case]
    values, times = seen(name, filmed(NOISE, *how), tmp_path)
    assert values.dtype == np.uint8
    assert np.array_equal(values, NOISE)
    assert np.array_equal(times, np.arange(6) / 10)


@pytest.mark.parametrize("case", EXACT)
def test_what_is_grey_in_colours_is_grey(case, tmp_path):
    name, *how = EXACT[case]
    values, _ = seen(name, filmed(np.repeat(SMOOTH[..., None], 3, axis=-1), *how), tmp_path)
    assert np.array_equal(values, SMOOTH)


@pytest.mark.parametrize("depth", ["u1", "u2"])
def test_grey_is_kept_in_its_depth(depth, tmp_path):
    given = SMOOTH.astype(depth) * (1 if depth == "u1" else 257)
    pixels = "gray" if depth == "u1" else "gray16le"
    for name, form in [("a.mkv", "matroska"), ("a.avi", "avi")]:
        values, _ = seen(name, filmed(given, form, "ffv1", pixels), tmp_path)
        assert values.dtype == given.dtype
        assert np.array_equal(values, given)


LOSSY = {
    "mpeg4 in mp4": ("a.mp4", "mp4", "mpeg4"),
    "h264 in mp4": ("a.mp4", "mp4", "libx264"),
    "h264 in mov": ("a.mov", "mov", "libx264"),
    "vp9 in webm": ("a.webm", "webm", "libvpx-vp9"),
    "mjpeg in avi": ("a.avi", "avi", "mjpeg"),
}


@pytest.mark.parametrize("case", LOSSY)
def test_what_is_kept_with_loss_is_nearly_the_same(case, tmp_path):
    name, form, codec = LOSSY[case]
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    values, times = seen(name, filmed(COLOURED, form, codec, pixels, rate=25), tmp_path)
    assert values.shape == COLOURED.shape
    assert np.abs(values.astype(int) - COLOURED).mean() < 12
    shuffled = np.abs(values[::-1].astype(int) - COLOURED).mean()
    assert np.abs(values.astype(int) - COLOURED).mean() < shuffled
    assert np.allclose(times, np.arange(6) / 25, rtol=0, atol=6e-4)  # WebM counts milliseconds


def test_times_need_not_be_regular(tmp_path):
    content = filmed(NOISE, "matroska", "ffv1", "bgr0", times=[0, 100, 150, 400, 1000, 1001])
    values, times = seen("a.mkv", content, tmp_path)
    assert np.array_equal(times, [0, 0.1, 0.15, 0.4, 1, 1.001])
    assert np.array_equal(values, NOISE)


def test_sound_is_passed_over(tmp_path):
    content = filmed(NOISE, "matroska", "ffv1", "bgr0", sound=True)
    assert np.array_equal(seen("a.mkv", content, tmp_path)[0], NOISE)


def test_more_frames_than_there_is_room_for_at_first(tmp_path, monkeypatch):
    """A stream that is written as it goes does not say how many frames it will have."""
    monkeypatch.setattr(video, "FEW", 2)
    monkeypatch.setattr(video, "frame_count", lambda *_: 0)
    content = filmed(NOISE, "matroska", "ffv1", "bgr0")
    assert np.array_equal(seen("a.mkv", content, tmp_path)[0], NOISE)
    at_most(monkeypatch, 4 * 16 * 24 * 4)
    with pytest.raises(DataError, match=r"^a\.mkv unpacks to .*; cut it or make it smaller"):
        read_bytes("a.mkv", content)


def without_video():
    content = io.BytesIO()
    with av.open(content, "w", format="matroska") as film:
        stream = film.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.ones((1, 800), "i2"), "s16", "mono")
        frame.rate = 8000
        film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return content.getvalue()


AVI = filmed(NOISE, "avi", "ffv1", "bgr0")
MKV = filmed(NOISE, "matroska", "ffv1", "bgr0")
MP4 = filmed(NOISE, "mp4", "mpeg4", "yuv420p")
WEBM = filmed(NOISE, "webm", "libvpx-vp9", "yuv420p")
PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
REFUSED = {
    "empty avi": ("a.avi", b"", "is damaged or no MP4, MOV, AVI, MKV or WebM by how it begins"),
    "empty mp4": ("a.mp4", b"", "is damaged or no"),
    "text": ("a.mkv", b"what" * 99, "is damaged or no"),
    "random": ("a.mp4", NOISE.tobytes(), "is damaged or no"),
    "a sound": ("a.avi", b"RIFF\x10\0\0\0WAVEfmt " + bytes(8), "is damaged or no"),
    "a list of addresses": ("a.mp4", PLAYLIST, "is damaged or no"),
    "another list": ("a.mkv", b"ffconcat version 1.0\nfile /etc/passwd\n", "is damaged or no"),
    "no video": ("a.mkv", without_video(), "has no video in it; give a file that has"),
    "header alone": ("a.mkv", b"\x1a\x45\xdf\xa3" + bytes(60), "is damaged"),
    "no film": ("a.mp4", b"\0\0\0\x08ftyp\0\0\0\x08moov", "is damaged"),
    "cut avi": ("a.avi", AVI[: len(AVI) // 2], "is cut off: it says that it has"),
    "cut mkv": ("a.mkv", MKV[: len(MKV) // 2], "is cut off: it says that it has"),
    "cut webm": ("a.webm", WEBM[: len(WEBM) // 2], "is cut off: it says that it has"),
    "cut mp4": ("a.mp4", MP4[: len(MP4) // 2], "is cut off: it says that it has"),
    "a byte less": ("a.avi", AVI[:-1], "is cut off"),
    "one frame": ("a.avi", filmed(NOISE[:1], "avi", "ffv1", "bgr0"), "has 1 frame"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path):
    name, content, said = REFUSED[case]
    upload = refusals(name, content, tmp_path)
    assert upload.startswith(name)
    assert said in upload


@pytest.mark.parametrize(
    ("name", "content"), [("a.avi", AVI), ("a.mkv", MKV), ("a.mp4", MP4), ("a.webm", WEBM)]
)
def test_nothing_is_read_of_what_is_cut_off(name, content):
    for length in range(0, len(content), len(content) // 97):
        with pytest.raises(DataError):
            read_bytes(name, content[:length])


def test_names_are_for_other_files():
    with pytest.raises(
        DataError, match=r"^a\.avi holds a video, without .*; leave variable out\.$"
    ):
        read_bytes("a.avi", AVI, variable="ice")


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    """Frames of one colour, which take no room in a file."""
    content = filmed(np.zeros((40, 640, 640, 3), np.uint8), "avi", "ffv1", "bgr0")
    size = 40 * 640 * 640 * 4
    assert len(content) < size / 100
    at_most(monkeypatch, size - 1)
    monkeypatch.setattr(video, "empty_frames", None)
    with pytest.raises(
        DataError, match=r"^a\.avi unpacks to .*; cut it or make it smaller with ff"
    ):
        read_bytes("a.avi", content)


def test_frames_of_too_many_pixels_are_refused(monkeypatch):
    monkeypatch.setattr(video, "MOST_PIXELS", 16 * 24 - 1)
    with pytest.raises(DataError, match=r"^a\.avi is damaged or not what its ending says"):
        read_bytes("a.avi", AVI)


@pytest.mark.parametrize(
    ("name", "content"), [("a.avi", AVI), ("a.mkv", MKV), ("a.mp4", MP4), ("a.webm", WEBM)]
)
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(
    name, content, tmp_path, monkeypatch, capfd
):
    at_most(monkeypatch, 2_000_000)
    check_damaged(name, content, tmp_path, DAMAGED // 3)
    assert capfd.readouterr() == ("", "")
