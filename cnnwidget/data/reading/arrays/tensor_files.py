"""Reading tensors that torch.save wrote, and nothing else that may be in such a file."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np

from cnnwidget.data.errors import DataError
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
    """The tensor in a file, or one of a dict of tensors; several become channels.

    A file of more than a gigabyte is mapped.

    Raises:
        DataError: if there is anything but tensors in the file, or it is damaged or too large.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32)}, content)
        >>> found = read(SourceFile("a.pt", None, content.getvalue()))
        >>> found.values.shape, found.name
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
    """The names of the tensors in a dict of them, whose values are not read; none for a single one.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32), "snow": torch.zeros(9, 32)}, content)
        >>> array_names(SourceFile("a.pt", None, content.getvalue()))
        ('ice', 'snow')
    """
    check_archive(file)
    # A tensor of the device `meta` has a shape and no values.
    return tuple(name for name in tensors_in(file, {"map_location": "meta"}) if name)


def tensors_in(file: SourceFile, how: dict[str, Any]) -> dict[str, Any]:
    """The tensors in a file by their names; a single one has none.

    Args:
        file: that has been looked through for what torch would unpack.
        how: arguments for torch.load.
    """
    import torch  # here, for it takes its time

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
    """What torch.load makes of a file when it may make tensors and plain containers only."""
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
    """Refuse what torch.save does not write: what is packed unpacks to any size."""
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
    """A tensor as an array.

    One value can stand for many in a tensor that is expanded, and then takes no room in the file.
    """
    shape = tuple(tensor.shape)
    check_shape(shape, file.name)
    wide = str(tensor.dtype) == "torch.bfloat16"  # which numpy has not: it becomes float32
    size = prod(shape) * (4 if wide else tensor.element_size())
    if size > file.length:
        check_memory(file, size, SHORTER)
    with damage_reported(file.name, ANEW):
        try:
            return values_of_tensor(tensor)
        except DataError as error:
            raise DataError(f"{file.name}: {error}") from error
