"""Readers of grids with named axes: NetCDF, HDF5, Zarr."""
