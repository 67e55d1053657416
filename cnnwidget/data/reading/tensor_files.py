"""Reading tensors that torch.save wrote, and nothing else that may be in such a file."""

from __future__ import annotations

from math import prod
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.arrays import values_of_tensor
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guarded import check_room, cut, damage_told
from cnnwidget.data.reading.numpy_files import READ_AT_ONCE, stacked
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened

ANEW = "write it anew with torch.save"
ZIP = b"PK\x03\x04"


def read(file: File) -> Found:
    """The tensor in a file, or one of a dict of tensors; several become channels.

    A file of more than a gigabyte is mapped.

    Raises:
        DataError: if there is anything but tensors in the file, or it is damaged or too large.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32)}, content)
        >>> found = read(File("a.pt", None, content.getvalue()))
        >>> found.values.shape, found.name
        ((9, 32), 'a.pt')
    """
    tensors = tensors_in(file)
    if not file.variables:
        if len(tensors) > 1:
            raise DataError(
                f"{file.name} holds {len(tensors):,} tensors: {cut(', '.join(tensors))}; say which "
                f"one, as in {file.name + '::' + next(iter(tensors))!r}."
            )
        return Found(array_of(next(iter(tensors.values())), file), file.name)
    arrays = [array_of(chosen(tensors, each, file.name), file) for each in file.variables]
    if len(arrays) > 1:
        return stacked(file, arrays)
    return Found(arrays[0], f"{file.name}::{file.variables[0]}")


def names_in(file: File) -> tuple[str, ...]:
    """The names of the tensors in a dict of them; none for a single tensor.

    Example:
        >>> import io, torch
        >>> content = io.BytesIO()
        >>> torch.save({"ice": torch.zeros(9, 32), "snow": torch.zeros(9, 32)}, content)
        >>> names_in(File("a.pt", None, content.getvalue()))
        ('ice', 'snow')
    """
    return tuple(name for name in tensors_in(file) if name)


def tensors_in(file: File) -> dict[str, Any]:
    """The tensors in a file by their names; a single one has none."""
    import torch

    content = loaded(file)
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


def loaded(file: File) -> Any:
    """What torch.load makes of a file when it may make tensors and plain containers only."""
    import torch  # here, for it takes its time

    check_packing(file)
    mapped = file.path if file.length > READ_AT_ONCE else None
    if mapped is None:
        check_room(file, file.length, "save a shorter series")
    with damage_told(file.name, ANEW):
        try:
            if mapped is not None:
                return torch.load(mapped, map_location="cpu", mmap=True, weights_only=True)
            with file.open() as opened:
                return torch.load(opened, map_location="cpu", weights_only=True)
        except Exception as error:
            if type(error).__name__ != "UnpicklingError":
                raise
            raise DataError(
                f"{file.name} holds pickled Python objects, which could run anything when they are "
                "read, or is damaged; save a tensor, or a dict of tensors."
            ) from error


def check_packing(file: File) -> None:
    """Refuse what torch.save does not write: what is packed unpacks to any size."""
    with file.open() as opened:
        if opened.read(len(ZIP)) != ZIP:
            raise DataError(
                f"{file.name} is damaged or not of the format that torch writes since 1.6; {ANEW}."
            )
        with damage_told(file.name, ANEW), ZipFile(opened) as archive:
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


def chosen(tensors: dict[str, Any], name: str, file: str) -> Any:
    """The tensor of a name."""
    if "" in tensors:
        raise DataError(f"{file} holds one tensor without a name; leave {shortened(name)} out.")
    if name not in tensors:
        end = closest(name, tensors) or "."
        raise DataError(
            f"{file}: the file holds {cut(', '.join(tensors))}, but not {shortened(name)}{end}"
        )
    return tensors[name]


def array_of(tensor: Any, file: File) -> Any:
    """A tensor as an array.

    One value can stand for many in a tensor that is expanded, and then takes no room in the file.
    """
    shape = tuple(tensor.shape)
    if not prod(shape):
        raise DataError(
            f"{file.name}: the tensor has the shape {spell(shape) or 'none'}, which holds no "
            "values; check it."
        )
    wide = str(tensor.dtype) == "torch.bfloat16"  # which numpy has not: it becomes float32
    size = prod(shape) * (4 if wide else tensor.element_size())
    if size > file.length:
        check_room(file, size, "save a shorter series")
    with damage_told(file.name, ANEW):
        try:
            return values_of_tensor(tensor)
        except DataError as error:
            raise DataError(f"{file.name}: {error}") from error
