"""Tensors that torch saved, and files that say that they are such."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import torch

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.arrays import tensor_files
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import DAMAGED, at_most, check_damaged, refusals

GIVEN = torch.arange(60, dtype=torch.float32).reshape(5, 3, 4)


def saved(content=GIVEN, **options):
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def again(content, change, method=zipfile.ZIP_STORED):
    """An archive with each entry changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", method) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return file.getvalue()


class Harmful:
    """An object that writes a file when it is unpickled."""

    def __reduce__(self):
        return open, ("harmed", "w")


DTYPES = ["bool", "uint8", "int16", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["a.pt", "a.pth"])
def test_a_tensor_is_what_was_saved(dtype, name, tmp_path):
    given = GIVEN.to(getattr(torch, dtype))
    for tensor in (
        given,
        given.transpose(1, 2),
        given[1:, :, ::2],
        given.clone().requires_grad_(given.is_floating_point()),
    ):
        content = saved(tensor)
        (tmp_path / name).write_bytes(content)
        for frames in (read_bytes(name, content), load(tmp_path / name)):
            assert frames.name == name
            assert frames.values.dtype == tensor.detach().numpy().dtype
            assert np.array_equal(frames.values[:, 0], tensor.detach().numpy())
    assert array_names_in_upload(name, content) == ()


def test_what_numpy_has_not_becomes_float32():
    values = read_bytes("a.pt", saved(GIVEN.bfloat16())).values
    assert values.dtype == np.float32
    assert np.array_equal(values[:, 0], GIVEN.numpy())


def test_a_large_file_is_mapped(tmp_path, monkeypatch):
    monkeypatch.setattr(tensor_files, "READ_AT_ONCE", 100)
    monkeypatch.setattr(tensor_files, "check_memory", None)
    (tmp_path / "a.pt").write_bytes(saved({"ice": GIVEN, "sea": -GIVEN}))
    assert np.array_equal(load(f"{tmp_path}/a.pt::sea").values[:, 0], -GIVEN.numpy())


def test_tensors_of_a_dict_have_names(tmp_path):
    content = saved({"ice": GIVEN, "sea": -GIVEN, "epoch": 7, "done": "yes"})
    (tmp_path / "a.pt").write_bytes(content)
    assert array_names_in_upload("a.pt", content) == ("ice", "sea")
    for frames in (
        read_bytes("a.pt", content, variable="sea"),
        read_bytes("a.pt::sea", content),
        load(f"{tmp_path}/a.pt::sea"),
    ):
        assert frames.name == "a.pt::sea"
        assert np.array_equal(frames.values[:, 0], -GIVEN.numpy())
    both = read_bytes("a.pt", content, variable=["sea", "ice"])
    assert both.labels.channels == ("sea", "ice")
    assert np.array_equal(both.values, np.stack([-GIVEN.numpy(), GIVEN.numpy()], axis=1))
    assert np.array_equal(read_bytes("a.pt", saved({"ice": GIVEN})).values[:, 0], GIVEN.numpy())


def test_several_of_a_dict_must_be_alike():
    content = saved({"ice": GIVEN, "sea": GIVEN[1:]})
    with pytest.raises(DataError, match=r"^a\.pt: to be channels .* ice 5 × 3 × 4, sea 4 × 3 × 4;"):
        read_bytes("a.pt", content, variable=["ice", "sea"])
    for name, said in {
        "seas": r"^a\.pt holds ice, sea, but not 'seas'; did you mean 'sea'\?$",
        "x": r"^a\.pt holds ice, sea, but not 'x'\.$",
    }.items():
        with pytest.raises(DataError, match=said):
            read_bytes("a.pt", content, variable=name)
    with pytest.raises(
        DataError, match=r"^a\.pt holds one tensor, without .*; leave variable out\.$"
    ):
        read_bytes("a.pt", saved(), variable="ice")


def scripted():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/constants.pkl", pickle.dumps(()))
        archive.writestr("archive/data.pkl", pickle.dumps(()))
    return file.getvalue()


def zeros(name, content):
    return bytes(10**6) if name.endswith("data/0") else content


REFUSED = {
    "empty": (b"", "is damaged or not of the format that torch writes since 1.6; write it anew"),
    "text": (b"what" * 99, "is damaged or not of the format"),
    "random": (GIVEN.numpy().tobytes(), "is damaged or not of the format"),
    "pickled": (pickle.dumps(Harmful()), "is damaged or not of the format"),
    "of old": (saved(_use_new_zipfile_serialization=False), "is damaged or not of the format"),
    "harmful": (saved(Harmful()), "holds pickled Python objects, which could run anything when"),
    "harmful in a dict": (saved({"a": GIVEN, "b": Harmful()}), "holds pickled Python objects"),
    "a whole network": (saved(torch.nn.Linear(2, 2)), "holds pickled Python objects"),
    "a program": (scripted(), "holds a program of TorchScript, but must hold a tensor"),
    "cut off": (saved()[:-1], "is damaged"),
    "half": (saved()[:700], "is damaged"),
    "arrays": (again(saved(), lambda *_: b""), "is damaged"),
    "several": (
        saved({"a": GIVEN, "b": GIVEN}),
        "holds 2 tensors: a, b; say which one, as in 'a.pt::a'",
    ),
    "a list": (saved([GIVEN, GIVEN]), "holds a list, but must hold a tensor or a dict of tensors"),
    "a number": (saved(7), "holds a int, but must hold a tensor"),
    "no tensors": (saved({"a": 1, 2: GIVEN}), "holds a dict without tensors; save a tensor"),
    "nested": (saved({"model": {"a": GIVEN}}), "holds a dict without tensors"),
    "no values": (saved(GIVEN[:, :0]), "a.pt has the shape 5 × 0 × 4, which holds no values"),
    "one number": (saved(torch.tensor(7.0)), "has no axes"),
    "one axis": (saved(GIVEN.ravel()), "has 60 values, one after the other"),
    "sparse": (saved(GIVEN.to_sparse()), "cannot be read as an array; give a dense tensor"),
    "complex": (saved(GIVEN.to(torch.complex64)), "holds complex numbers"),
    "nowhere": (saved(GIVEN.to("meta")), "cannot be read as an array"),
    "packed": (again(saved(), zeros, zipfile.ZIP_DEFLATED), "is packed, as torch does not do it"),
    "more than is there": (
        again(saved(), lambda _, content: content.replace(b"K<tq", b"M<\x7ftq")),
        "is damaged",
    ),
    "beyond the storage": (
        again(saved(), lambda _, content: content.replace(b"K\x05K\x03K\x04", b"K\x09K\x03K\x04")),
        "is damaged",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, said = REFUSED[case]
    upload = refusals("a.pt", content, tmp_path)
    assert upload.startswith("a.pt")
    assert said in upload
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


def test_one_value_does_not_stand_for_more_than_there_is_room_for():
    content = saved(torch.zeros(1).expand(10**4, 10**4, 10))
    assert len(content) < 2000
    assert read_bytes("a.pt", content, axes="T H W").values.nbytes == 4 * 10**9
    content = saved(torch.zeros(1).expand(10**4, 10**4, 11))
    said = r"^a\.pt unpacks to 4\.40 GB, but 4\.00 GB is the most; save a"
    with pytest.raises(DataError, match=said):
        read_bytes("a.pt", content)


def test_a_file_that_takes_more_than_there_is_left_is_refused(monkeypatch):
    content = saved()
    at_most(monkeypatch, len(content) - 1)
    with pytest.raises(DataError, match=r"^a\.pt unpacks to .*; save a shorter series\.$"):
        read_bytes("a.pt", content)


@pytest.mark.parametrize(
    "given", [GIVEN, {"a": GIVEN, "b": GIVEN.bfloat16()}], ids=["tensor", "dict"]
)
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(given, tmp_path, monkeypatch, capfd):
    at_most(monkeypatch, 2_000_000)
    options = {"variable": ["a", "b"]} if isinstance(given, dict) else {}
    check_damaged("a.pt", saved(given), tmp_path, DAMAGED // 2, **options)
    assert capfd.readouterr() == ("", "")
