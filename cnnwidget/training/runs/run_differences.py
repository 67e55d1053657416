"""The difference between two runs in words, which names the later one; and what is a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnwidget.design.axes import spell
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.value import shortened
from cnnwidget.training.recipe import Recipe, loss_in_words

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run

# More than this is no name, but a text.
LONGEST_NAME = 30


def checked_name(name: object) -> str:
    """Return a name that can be shown in a line.

    Raises:
        CnnwidgetError: if it is not one.
    """
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise CnnwidgetError(f"{shortened(name)} is no name of a run; give one, say 'kernel 5'.")
    return name.strip()


def difference(former: Run, run: Run) -> str:
    """Return the one difference of a run from another, in words; empty if there are more.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> wide = design.replace(kernel_size=5)
        >>> one = cw.fit(design, frames, epochs=1, progress=False)
        >>> difference(one, cw.fit(wide, frames, epochs=1, progress=False))
        'kernel_size 5'
        >>> difference(one, cw.fit(wide, frames, epochs=1, lr=0.01, progress=False))
        ''
    """
    if type(run.design) is not type(former.design):
        return ""
    names = [name for name in type(run.design).model_fields if differs(former, run, name)]
    found = [field_in_words(run, name) for name in names]
    found += [f"{name} {in_words(getattr(run.recipe, name))}" for name in settings(former, run)]
    budgets = [(each.recipe.epochs, each.recipe.seconds) for each in (former, run)]
    if budgets[0] != budgets[1]:
        epochs, seconds = budgets[1]
        found.append(f"{epochs} epochs" if seconds is None else f"{seconds:g} seconds")
    if run.data_name != former.data_name:
        found.append(run.data_name)
    name = found[0] if len(found) == 1 else ""
    return name if len(name) <= LONGEST_NAME and name.isprintable() else ""


def differs(former: Run, run: Run, field: str) -> bool:
    """Whether the designs of two runs differ in a field."""
    return bool(getattr(run.design, field) != getattr(former.design, field))


def settings(former: Run, run: Run) -> list[str]:
    """Return the settings in which two trainings differ, but for their budgets."""
    left = {"epochs", "seconds"}
    if run.design != former.design:  # these follow from it, or from its costs
        left |= {"batch_size", *run.task.follows.values()}
    return [
        name
        for name in Recipe.model_fields
        if name not in left and getattr(run.recipe, name) != getattr(former.recipe, name)
    ]


def field_in_words(run: Run, field: str) -> str:
    """Return a field of a design with its value; or the setting that follows from it."""
    setting = run.task.follows.get(field)
    if setting is not None:
        return f"{setting} {in_words(getattr(run.recipe, setting))}"
    return f"{field} {in_words(getattr(run.design, field))}"


def in_words(value: Any) -> str:
    """Return the value of a field in words; the same along each axis stands once."""
    if isinstance(value, tuple):
        return several_in_words(value)
    if isinstance(value, float):
        return f"{value:g}"
    return {"None": "none", "True": "on", "False": "off"}.get(str(value), str(value))


def several_in_words(values: tuple[Any, ...]) -> str:
    """Return values along axes, names, or losses in words; `changed` for a table."""
    if not values:
        return "none"
    if all(isinstance(each, int) for each in values):
        return str(values[0]) if len(set(values)) == 1 else spell(values)
    if all(isinstance(each, tuple) for each in values):
        return loss_in_words(values) if isinstance(values[0][-1], float) else "changed"
    return ", ".join(map(str, values))
