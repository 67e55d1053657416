"""Readers of files: `readers` has the one for each ending; no content of a file is trusted."""
