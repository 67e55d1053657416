"""The files that are written of a forecast: its record, and a script that repeats it."""
