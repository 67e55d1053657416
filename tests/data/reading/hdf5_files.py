"""HDF5 as h5py writes it, for tests."""

import io

import h5py
import numpy as np

from cnnwidget.data.load import load, read_bytes

GIVEN = np.random.default_rng(0).normal(size=(6, 5, 4)).astype("float32")


def written(make):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        make(file)
    return content.getvalue()


def both(content, tmp_path, inside="", **options):
    path = tmp_path / "a.h5"
    path.write_bytes(content)
    return load(f"{path}{inside}", **options), read_bytes(f"a.h5{inside}", content, **options)


def holding(**arrays):
    def make(file):
        for name, array in arrays.items():
            file[name] = array

    return make
