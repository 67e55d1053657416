"""NetCDF as netCDF4 and xarray write it, for tests."""

import netCDF4
import numpy as np
import xarray as xr

from cnnwidget.data.load import load, read_bytes

GIVEN = np.random.default_rng(0).normal(size=(6, 5, 4)).astype("float32")
DAYS = np.arange("2020-01-01", "2020-01-07", dtype="datetime64[D]")
LAT, LON = np.linspace(80, 60, 5), np.arange(4.0)
FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF4_CLASSIC", "NETCDF4"]


def ice(values=GIVEN, **more):
    grid = ("time", "lat", "lon")
    return xr.Dataset(
        {"sic": (grid, values, {"units": "%"})} | {key: (grid, each) for key, each in more.items()},
        coords={"time": DAYS.astype("datetime64[ns]"), "lat": LAT, "lon": LON},
    )


def written(tmp_path, format="NETCDF4", make=None, name="a.nc"):  # noqa: A002
    """A file that netCDF4 wrote by itself, so nothing of xarray is in it."""
    path = tmp_path / name
    with netCDF4.Dataset(path, "w", format=format) as file:
        (make or usual)(file)
    return path


def usual(file, dims=(("time", None), ("lat", 5), ("lon", 4)), dtype="f4", **options):
    for name, length in dims:
        file.createDimension(name, length)
    variable = file.createVariable("sic", dtype, [name for name, _ in dims], **options)
    variable.units = "%"
    variable[:] = GIVEN
    time = file.createVariable("time", "f8", ("time",))
    time.units = "days since 2020-01-01"
    time[:] = np.arange(6)
    for name, values in (("lat", LAT), ("lon", LON)):
        if name in dict(dims):
            file.createVariable(name, "f8", (name,))[:] = values


def both(path, **options):
    """The frames of a file on the disk and of an upload."""
    return load(path, **options), read_bytes(path.name, path.read_bytes(), **options)
