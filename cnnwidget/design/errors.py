"""The one error of the package."""


class DesignError(ValueError):
    """A design that cannot be, in one sentence: what, where, why, and what instead."""
