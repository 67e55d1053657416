"""A series cut into windows: what each holds, and which part of the data it belongs to."""
