"""Frames in time: read, cut into windows, split; nothing of ours but `design`."""
