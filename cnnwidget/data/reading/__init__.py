"""Readers: one file for each kind of source; nothing in a file is trusted."""
