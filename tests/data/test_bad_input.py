"""Everything that a user may hand in and that cannot be used: one sentence each, nothing kept."""

import io
import pickle
import zipfile
import zlib
from struct import pack

import numpy as np
import pytest
from PIL import Image

import cnnwidget as cw
from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import read_bytes
from cnnwidget.data.reading.readers import READERS
from tests import tally
from tests.damaged import DAMAGED


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def gif(frames=5, size=(16, 12)):
    noise = np.random.default_rng(0).integers(0, 256, (frames, *size[::-1]), dtype=np.uint8)
    pictures = [Image.fromarray(each) for each in noise]
    file = io.BytesIO()
    pictures[0].save(file, "gif", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def png_that_claims(width, height):
    """A small file of a picture as large as that."""

    def chunk(name, content):
        checksum = pack(">I", zlib.crc32(name + content))
        return pack(">I", len(content)) + name + content + checksum

    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    control = chunk(b"acTL", pack(">II", 3, 0))
    values = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + control + values + chunk(b"IEND", b"")


def zip_bomb():
    """An archive of some hundred kilobytes whose array would take two gigabytes."""
    head = npy(np.zeros((2, 2), np.uint8))[:-4].replace(b"(2, 2), }", b"(2, 1000000000), }")
    head = head[:8] + pack("<H", len(head) - 10) + head[10:]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", head + bytes(50_000_000))
    return file.getvalue()


class Evil:
    """An object that prints when it is unpickled."""

    def __reduce__(self):
        return (print, ("unpickled",))


# How files of each kind begin.
MAGIC = {
    ".npy": b"\x93NUMPY\x01\0",
    ".npz": b"PK\x03\x04",
    ".pt": b"PK\x03\x04",
    ".pth": b"PK\x03\x04",
    ".gif": b"GIF89a",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".apng": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff\xe0",
    ".jpeg": b"\xff\xd8\xff\xe0",
    ".bmp": b"BM",
    ".webp": b"RIFF\xff\0\0\0WEBP",
    ".mp4": b"\0\0\0\x18ftypmp42",
    ".mov": b"\0\0\0\x18ftypqt  ",
    ".avi": b"RIFF\xff\0\0\0AVI LIST",
    ".mkv": b"\x1aE\xdf\xa3",
    ".webm": b"\x1aE\xdf\xa3",
    ".nc": b"CDF\x01",
    ".nc4": b"\x89HDF\r\n\x1a\n",
    ".h5": b"\x89HDF\r\n\x1a\n",
    ".hdf5": b"\x89HDF\r\n\x1a\n",
    ".tif": b"II*\0",
    ".tiff": b"MM\0*",
    ".wav": b"RIFF\xff\0\0\0WAVEfmt ",
}
FRAMES = np.random.default_rng(0).random((6, 8, 8)).astype(np.float32)
OBJECTS = np.array([[Evil()], [None]], dtype=object)

# The name of a file, or nothing for a source that is no file; the source; what is said of it.
TABLE = {
    "a ragged list": ("", [[[1, 2], [3, 4]], [[5, 6]]], "The frames of the list have different"),
    "a list ragged within": ("", [[[1, 2], [3]], [[4, 5], [6]]], "number 0 of the list holds"),
    "an empty list": ("", [], "The list is empty"),
    "an object array": ("", OBJECTS, "array holds Python objects"),
    "complex numbers": ("", FRAMES * 1j, "array holds complex numbers"),
    "text": ("", FRAMES.astype(str), "array holds text"),
    "dates": ("", np.zeros((6, 8, 8), "datetime64[s]"), "array holds dates"),
    "six axes": ("", np.zeros((2,) * 6), "frames have 2 to 5 axes"),
    "one frame": ("", FRAMES[:1], "has 1 frame"),
    "no frames": ("", FRAMES[:0], "holds no values"),
    "a word": ("", {"frames": FRAMES}, "is a dict, but must be an array"),
    "an empty npy": ("a.npy", b"", "a.npy is damaged"),
    "an empty npz": ("a.npz", b"", "a.npz is damaged"),
    "an empty gif": ("a.gif", b"", "a.gif"),
    "an empty csv": ("a.csv", b"", "a.csv"),
    "an empty wav": ("a.wav", b"", "a.wav"),
    "an empty mp4": ("a.mp4", b"", "a.mp4"),
    "an empty nc": ("a.nc", b"", "a.nc"),
    "an empty tif": ("a.tif", b"", "a.tif"),
    "an empty h5": ("a.h5", b"", "a.h5"),
    "an empty pt": ("a.pt", b"", "a.pt"),
    "a truncated npy": ("a.npy", npy(FRAMES)[:-100], "a.npy is cut off"),
    "a truncated npz": ("a.npz", npz(a=FRAMES)[:-100], "a.npz is damaged"),
    "a truncated gif": ("a.gif", gif()[:300], "a.gif"),
    "a gif that is a png": ("a.npy", gif(), "a.npy is damaged"),
    "an npy that is a zip": ("a.npz", npy(FRAMES), "a.npz is damaged"),
    "a text in a gif": ("a.gif", b"GIF89a is how it begins", "a.gif"),
    "a text in an mp4": ("a.mp4", b"no video at all" * 20, "a.mp4"),
    "a text in a nc": ("a.nc", b"CDF no grid at all" * 20, "a.nc"),
    "a text in a tif": ("a.tif", b"II*\0no picture at all" * 20, "a.tif"),
    "a text in a wav": ("a.wav", b"RIFF0000WAVEno sound" * 20, "a.wav"),
    "a text in an h5": ("a.h5", b"\x89HDF\r\n\x1a\nno" * 20, "a.h5"),
    "a pickled npy": ("a.npy", npy(OBJECTS, allow_pickle=True), "holds pickled Python objects"),
    "a pickled pt": ("a.pt", pickle.dumps(Evil()), "a.pt"),
    "a picture that claims too much": ("a.png", png_that_claims(2**30, 2**30), "a.png"),
    "a bomb": ("a.npz", zip_bomb(), "a.npz"),
    "an unknown ending": ("a.docx", b"PK", "a.docx ends in .docx, but must be one of"),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_cannot_be_used_is_refused_in_one_sentence(case, tmp_path, capfd):
    name, source, said = TABLE[case]
    reads = [lambda: cw.load(source)]
    if name:
        (tmp_path / name).write_bytes(source)
        reads = [lambda: cw.load(tmp_path / name), lambda: read_bytes(name, source)]
    for read in reads:
        with pytest.raises(DataError) as refusal:
            read()
        text = str(refusal.value)
        assert said in text
        assert "\n" not in text
        assert text.endswith((".", "?"))
        assert len(text) < 600
    output = capfd.readouterr()
    assert (output.out, output.err) == ("", "")


@pytest.mark.parametrize("ending", [each for each in READERS if each != ".zarr"])
def test_random_bytes_are_refused(ending):
    """With and without the beginning that such a file has."""
    random = np.random.default_rng(len(ending))
    for number in range(max(20, DAMAGED // 25)):
        begun = MAGIC.get(ending, b"") if number % 2 else b""
        content = begun + random.bytes(int(random.integers(0, 500)))
        try:
            frames = read_bytes(f"a{ending}", content)
        except DataError as error:
            text = str(error)
            assert text.startswith(f"a{ending}")
            assert "\n" not in text
        else:  # random digits may be a table, and random bytes a few grey pixels
            assert frames.values.nbytes < 10**6
        tally.also("files of random bytes read")


def test_what_is_not_there_is_told_so(tmp_path):
    for path in (tmp_path / "a.npy", tmp_path / "a.nc", tmp_path / "a.mp4", "no/such/*.png"):
        with pytest.raises(DataError, match=r"cannot be opened|fits no pictures"):
            cw.load(path)


def test_nan_everywhere_is_refused_when_it_is_to_be_learned_from():
    nothing = np.full((60, 8, 8), np.nan)
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=3, out_channels=2, depth=1)
    assert cw.load(nothing).missing_values == nothing.size
    for missing in (None, "leave out"):
        with pytest.raises(DataError):
            cw.train(design, cw.load(nothing, missing=missing), epochs=1)
    with pytest.raises(DataError, match="holds no number that is finite"):
        cw.load(nothing, missing="fill")


def test_a_series_shorter_than_a_window_is_refused():
    with pytest.raises(DataError, match=r"takes 8 frames, but there are 6; shorten"):
        cw.windows(FRAMES, pre_history_len=5, forecast_len=3)
