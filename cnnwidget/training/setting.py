"""`Setting`: one row of the table of training settings, and what is read off such a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from inspect import Parameter, cleandoc, signature
from textwrap import fill
from typing import Any, Literal, NamedTuple, TypeVar, get_type_hints

from pydantic import BaseModel

Function = TypeVar("Function", bound=Callable[..., Any])

ControlKind = Literal[
    "slider", "axes", "choice", "scale", "several", "text", "checkbox", "int", "float", "budget"
]


class Control(NamedTuple):
    """The control of a setting or of a field of a design: data, from which a widget is made.

    Attributes:
        label: the text before the widget.
        kind: `slider` (a whole number), `axes` (one slider for each axis, or one for all), `choice`
            (one of some options), `scale` (a slider over some options), `several` (any number of
            options), `text` (numbers or a word), `checkbox`, `int`, `float`, or `budget` (an amount
            of seconds or epochs, which stands for two settings).
        low: the smallest number.
        high: the largest number; a slider grows when a design has a larger one.
        step: between two numbers of a `float`; None is any.
        options: words, numbers, or pairs of a label and a value.
        folded: whether the widget is among those that are folded away.
        tooltip: the explanation that is shown when the mouse rests on the widget.
        placeholder: what an empty text shows.
        zero_is_none: whether 0 stands for None.
    """

    label: str
    kind: ControlKind
    low: float = 0
    high: float = 1
    step: float | None = None
    options: tuple[Any, ...] = ()
    folded: bool = False
    tooltip: str = ""
    placeholder: str = ""
    zero_is_none: bool = False


# Rules for the values of a sweep around the present one: its neighbours among the options of the
# control, half and double, or the whole numbers that follow.
SweepRule = Literal["neighbours", "double", "count"]


@dataclass(frozen=True)
class Setting:
    """A row of a table of settings, besides name, type, check and default.

    Attributes:
        help: a clause for the documentation of the arguments of `cw.fit`.
        auto: what None means as an argument of `cw.fit`, where a value is worked out from the
            design and the data; empty where None is an ordinary value or none.
        control: how the panel shows it; None is not at all.
        sweep: values that the panel suggests for a sweep, or the rule for them; None is no sweep.
        by_task: whether only the tasks that declare the setting look at it.
    """

    help: str
    auto: str = ""
    control: Control | None = None
    sweep: tuple[Any, ...] | SweepRule | None = None
    by_task: bool = False

    @property
    def documentation(self) -> str:
        """The clause for the documentation, with the meaning of None."""
        return f"{self.help}; None is {self.auto}." if self.auto else f"{self.help}."


def settings_of(table: type[BaseModel]) -> dict[str, Setting]:
    """Return the settings of a table in its order.

    Args:
        table: a pydantic model, each field of which has a `Setting` in its annotation.

    Raises:
        TypeError: if a field has none.

    Example:
        >>> from cnnwidget.training.recipe import Recipe
        >>> settings_of(Recipe)["stride"].documentation
        'frames from the start of one window to the start of the next; None is 1.'
    """
    settings = {}
    for name, field in table.model_fields.items():
        rows = [each for each in field.metadata if isinstance(each, Setting)]
        if len(rows) != 1:
            raise TypeError(f"{table.__name__}.{name} needs one Setting in its annotation.")
        settings[name] = rows[0]
    return settings


def settings_for(settings: Mapping[str, Setting], declared: Collection[str]) -> dict[str, Setting]:
    """Return the settings that a task looks at: those of every task, and those that it declares.

    Example:
        >>> table = {"seed": Setting("seed"), "gap": Setting("frames between", by_task=True)}
        >>> list(settings_for(table, ())), list(settings_for(table, {"gap"}))
        (['seed'], ['seed', 'gap'])
    """
    return {
        name: setting
        for name, setting in settings.items()
        if not setting.by_task or name in declared
    }


def parameters_of(table: type[BaseModel]) -> list[Parameter]:
    """Return the fields of a table as keyword arguments of `cw.fit`, with types and defaults.

    Example:
        >>> from cnnwidget.training.recipe import Recipe
        >>> [str(each) for each in parameters_of(Recipe)[:2]]
        ['pre_history_len: int | None = None', 'forecast_len: int | None = None']
    """
    kinds = get_type_hints(table)  # without the checks
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None if setting.auto else table.model_fields[name].default,
            annotation=kinds[name] | None if setting.auto else kinds[name],
        )
        for name, setting in settings_of(table).items()
    ]


def takes_settings(*tables: type[BaseModel]) -> Callable[[Function], Function]:
    """Return a decorator that shows the settings of tables where a function has `**settings`.

    The signature of the function then has each setting, and so has the documentation of its
    arguments.

    Example:
        >>> from cnnwidget.training.recipe import Recipe
        >>> @takes_settings(Recipe)
        ... def fit(design, **settings):
        ...     '''Train.
        ...
        ...     Args:
        ...         design: what to train.
        ...         **settings: how.
        ...     '''
        >>> list(signature(fit).parameters)[:3]
        ['design', 'pre_history_len', 'forecast_len']
        >>> "seed: seed of weights" in fit.__doc__
        True
    """

    def document(function: Function) -> Function:
        own = signature(function)
        shown = [each for each in own.parameters.values() if each.kind != Parameter.VAR_KEYWORD]
        shown += [each for table in tables for each in parameters_of(table)]
        vars(function)["__signature__"] = own.replace(parameters=shown)
        entries = {
            name: setting.documentation
            for table in tables
            for name, setting in settings_of(table).items()
        }
        function.__doc__ = with_entries(function.__doc__ or "", entries)
        return function

    return document


def with_entries(docstring: str, entries: Mapping[str, str]) -> str:
    """Return a docstring in which some entries replace that of `**settings`.

    Args:
        docstring: with an entry `**settings:`.
        entries: name and text of each.
    """
    lines = "\n".join(
        fill(f"{name}: {text}", width=96, initial_indent=" " * 4, subsequent_indent=" " * 8)
        for name, text in entries.items()
    )
    entry = re.compile(r"^    \*\*settings:.*(?:\n {8}.*)*", re.MULTILINE)
    return entry.sub(lambda _: lines, cleandoc(docstring))
