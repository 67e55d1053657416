"""Checks of untrusted files that run before a library opens them."""
