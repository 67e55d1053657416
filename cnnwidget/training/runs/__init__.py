"""Runs: what a training leaves, its files, and several runs side by side."""
