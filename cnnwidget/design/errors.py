"""The errors of the package: one base, and two children that say what is wrong.

The base itself is raised where a call cannot be carried out and neither a design nor data are at
fault: a setting out of bounds, a name that no run has, a panel that is closed, a full disk.
"""


class CnnwidgetError(ValueError):
    """A call that cannot be carried out, in one sentence: what, where, why, and what instead."""


class DesignError(CnnwidgetError):
    """A design that cannot be, or that does not fit the frames.

    Example:
        >>> from cnnwidget.design.layers.dense import Linear
        >>> Linear(out_features=0)
        Traceback (most recent call last):
        ...
        cnnwidget.design.errors.DesignError: Linear: out_features is 0, but must be at least 1.
    """
