"""Reading tensors that torch.save wrote; other objects in such a file are refused."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.arrays.arrays import values_of_tensor
from cnnwidget.data.reading.arrays.numpy_files import READ_AT_ONCE
from cnnwidget.data.reading.choose_array import (
    StoredArray,
    choose_names,
    refuse_variables,
    stack_as_channels,
)
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.size_limits import check_memory, check_shape
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile

ANEW = "write it anew with torch.save"
SHORTER = "save a shorter series"
ZIP = b"PK\x03\x04"


def read(file: SourceFile) -> ReadResult:
    """Read the tensor in a file, or one of a dict of tensors; several become channels.

    A file of more than a gigabyte is mapped.

    Raises:
        DataError: if the file holds other objects, or is damaged or too large.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32)}, content)
        >>> result = read(SourceFile("a.pt", None, content.getvalue()))
        >>> result.values.shape, result.name
        ((9, 32), 'a.pt')
    """
    check_archive(file)
    mapped = file.path is not None and file.length > READ_AT_ONCE
    if not mapped:
        check_memory(file, file.length, SHORTER)
    tensors = tensors_in(file, {"mmap": True} if mapped else {})
    if list(tensors) == [""]:
        refuse_variables(file, "one tensor")
    names = choose_names(file.name, "tensors", file.variables, tensors, tuple(tensors))
    arrays = [tensor_array(tensors[each], file) for each in names]
    if len(arrays) > 1:
        return stack_as_channels(
            file, [StoredArray(a.shape, a.dtype, partial(np.asarray, a)) for a in arrays]
        )
    return ReadResult(arrays[0], file.called)


def array_names(file: SourceFile) -> tuple[str, ...]:
    """Return the names in a dict of tensors, without reading values; empty for a single tensor.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32), "snow": torch.zeros(9, 32)}, content)
        >>> array_names(SourceFile("a.pt", None, content.getvalue()))
        ('ice', 'snow')
    """
    check_archive(file)
    # A tensor on the device `meta` has a shape but no values.
    return tuple(name for name in tensors_in(file, {"map_location": "meta"}) if name)


def tensors_in(file: SourceFile, how: dict[str, Any]) -> dict[str, Any]:
    """Return the tensors in a file by their names; a single tensor has the name "".

    Args:
        file: that `check_archive` has checked.
        how: further arguments of torch.load.
    """
    import torch  # imported here, since torch is slow to import

    content = torch_load(file, {"map_location": "cpu"} | how)
    if isinstance(content, torch.Tensor):
        return {"": content}
    if not isinstance(content, dict):
        raise DataError(
            f"{file.name} holds a {type(content).__name__}, but must hold a tensor or a dict of "
            "tensors; torch.stack makes one of many."
        )
    tensors = {
        name: each
        for name, each in content.items()
        if isinstance(name, str) and isinstance(each, torch.Tensor)
    }
    if not tensors:
        raise DataError(
            f"{file.name} holds a dict without tensors; save a tensor, or a dict of tensors by "
            "their names."
        )
    return tensors


def torch_load(file: SourceFile, how: dict[str, Any]) -> Any:
    """Return the content of a file that torch.load reads without running code.

    Raises:
        DataError: if it holds pickled objects, or is damaged.
    """
    import torch

    with damage_reported(file.name, ANEW):
        try:
            return torch.load(file.path or file.open(), **how, weights_only=True)
        except Exception as error:
            if type(error).__name__ != "UnpicklingError":
                raise
            raise DataError(
                f"{file.name} holds pickled Python objects, which could run anything when they are "
                "read, or is damaged; save a tensor, or a dict of tensors."
            ) from error


def check_archive(file: SourceFile) -> None:
    """Refuse archives that torch.save does not write: compressed ones, which unpack to any size.

    Raises:
        DataError: for these, older formats and programs of TorchScript.
    """
    with file.open() as opened:
        if opened.read(len(ZIP)) != ZIP:
            raise DataError(
                f"{file.name} is damaged or not of the format that torch writes since 1.6; {ANEW}."
            )
        with damage_reported(file.name, ANEW), ZipFile(opened) as archive:
            entries = archive.infolist()
    if any(entry.filename.endswith("/constants.pkl") for entry in entries):
        raise DataError(
            f"{file.name} holds a program of TorchScript, but must hold a tensor or a dict of "
            "tensors; save these with torch.save."
        )
    size = sum(entry.file_size for entry in entries)
    if size > file.length or any(entry.compress_type != ZIP_STORED for entry in entries):
        raise DataError(
            f"{file.name} is packed, as torch does not do it, and claims to unpack to {size:,} "
            f"bytes from its {file.length:,}; {ANEW}."
        )


def tensor_array(tensor: Any, file: SourceFile) -> Any:
    """Return a tensor as an array.

    An expanded tensor stores one value for many, so that it can be larger than its file.
    """
    shape = tuple(tensor.shape)
    check_shape(shape, file.name)
    wide = str(tensor.dtype) == "torch.bfloat16"  # numpy has no bfloat16: it becomes float32
    size = prod(shape) * (4 if wide else tensor.element_size())
    if size > file.length:
        check_memory(file, size, SHORTER)
    with damage_reported(file.name, ANEW):
        try:
            return values_of_tensor(tensor)
        except DataError as error:
            raise DataError(f"{file.name}: {error}") from error
