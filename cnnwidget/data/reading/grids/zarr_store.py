"""Zarr folders, checked before any value in them is read."""

from __future__ import annotations

from typing import Any

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.choose_array import groups_error
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.size_limits import check_claimed_size
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.value import shortened

ANEW = "write it anew with xarray's to_zarr"
# Codecs that only pack numbers or text. A codec for pickles would run code from the file.
PACKING = (
    "blosc zlib gzip bz2 lzma zstd lz4 delta shuffle fixedscaleoffset quantize bitround packbits "
    "astype crc32 crc32c adler32 fletcher32 jenkins_lookup3 bytes transpose sharding_indexed "
    "vlen-utf8 vlen-bytes"
)
CODECS = set(PACKING.split())


def open_store(file: SourceFile) -> Any:
    """Return the store of a folder, once all codecs in it are known to be harmless.

    Raises:
        DataError: if the folder is no such store.
    """
    if file.path is None or not file.path.is_dir():
        raise DataError(f"{file.name} is no folder, but Zarr is one; give the path of the folder.")
    zarr = import_extra("zarr", "geo", file.name)
    with damage_reported(file.name, ANEW):
        store = zarr.storage.LocalStore(file.path.absolute(), read_only=True)
        root = zarr.open(store, mode="r", use_consolidated=False)
        if isinstance(root, zarr.Array):
            raise DataError(
                f"{file.name} is one array, whose axes have no names; give zarr.load of it, with "
                "axes where they are not T H W."
            )
        arrays = dict(root.arrays())
        if not arrays and (groups := [name for name, _ in root.groups()]):
            raise groups_error(file.name, groups)
        for name, array in arrays.items():
            check_array(array, name, file)
    return store


def check_array(array: Any, name: str, file: SourceFile) -> None:
    """Refuse an array with other codecs, without names of axes, or with chunks beyond memory.

    Raises:
        DataError: with the codec, or the size.
    """
    for codec in codec_names(array.metadata.to_dict()):
        if codec.removeprefix("numcodecs.") not in CODECS:
            raise DataError(
                f"{file.name}: {shortened(name)} is packed by {shortened(codec)}, which may run "
                "what is in the file; write it anew with zlib, zstd or blosc."
            )
    # Names of axes are in the metadata of Zarr 3, and in attributes that xarray and netCDF write.
    named = getattr(array.metadata, "dimension_names", None) or any(
        key.lower().startswith(("_array_dimensions", "_nczarr")) for key in array.attrs
    )
    if array.ndim and not named:
        raise DataError(
            f"{file.name}: the axes of {shortened(name)} have no names; give its values as an "
            "array, with axes where they are not T H W."
        )
    check_claimed_size(
        file, (), array.chunks, array.dtype.itemsize, "write it anew in smaller chunks"
    )


def codec_names(metadata: Any) -> list[str]:
    """Return the names of all codecs in the metadata of an array, nested ones included."""
    names: list[str] = []
    for key in ("codecs", "index_codecs", "compressor", "compressors", "filters"):
        given = metadata.get(key) or ()
        for codec in [given] if isinstance(given, dict) else given:
            config = codec if isinstance(codec, dict) else codec_config(codec)
            names.append(str(config.get("name") or config.get("id")).lower())
            configuration = config.get("configuration")
            names += codec_names(configuration) if isinstance(configuration, dict) else []
    return names


def codec_config(codec: Any) -> dict[str, Any]:
    """Return the configuration of a codec as a dict."""
    config: dict[str, Any] = codec.get_config() if hasattr(codec, "get_config") else codec.to_dict()
    return config
