"""The fields and settings that the panel offers for a sweep, and values of each to begin with."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.axes import per_axis
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError, DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.value import shortened
from cnnwidget.panel.controls.design_fields import DESIGN_FIELDS, DesignField
from cnnwidget.panel.controls.typed_values import read_text
from cnnwidget.training.match import match
from cnnwidget.training.recipe import SETTINGS
from cnnwidget.training.setting import Setting, settings_for
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK, Task
from cnnwidget.training.tasks.task_table import task_named

# More values than these are hard to compare, and take long.
MOST_VALUES = 5
# The fields that are offered first.
FIRST_FIELDS = ("kernel_size", "stride", "depth")
# Fields that are no single quantity, or whose values cannot be better or worse.
NOT_SWEPT = {"input_size", "output_size", "overrides", "names", "latent_shape"}
# Fields whose suggested values are half and double; of others they are neighbours.
DOUBLED_FIELDS = {"start_channels", "max_channels", "channel_ratio"}
# The best known of many activations.
COMMON_OPTIONS = {"activation": ("relu", "leaky_relu", "gelu", "silu", "tanh")}


def sweep_fields(design: Design, task: Task) -> tuple[str, ...]:
    """Return the fields that a design looks at, and the settings that a task looks at, to sweep.

    Example:
        >>> task = task_named(DEFAULT_TASK)
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> sweep_fields(design, task)[:3], sweep_fields(design, task)[-3:]
        (('kernel_size', 'stride', 'depth'), ('augment', 'reference', 'seed'))
    """
    known = settings_for(SETTINGS, task.settings)
    settings = tuple(name for name, setting in known.items() if setting.sweep is not None)
    if not isinstance(design, EncoderDecoder):
        return settings
    others = (
        field.name
        for field in DESIGN_FIELDS
        if field.name not in {*NOT_SWEPT, *FIRST_FIELDS} and field.used(design)
    )
    return (*FIRST_FIELDS, *others, *settings)


def suggested_values(
    design: Design, frames: Frames, name: str, settings: dict[str, Any]
) -> tuple[Any, ...]:
    """Return three to five values of a field around the present one; two if there are no more.

    Args:
        design: the present design.
        frames: the data; values with which no design fits them are left out.
        name: one of `sweep_fields`.
        settings: of the training, with a batch size.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape")
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> settings = {"lr": 0.003, "batch_size": 4, "seed": 0}
        >>> suggested_values(design, frames, "kernel_size", settings)
        (3, 5, 7)
        >>> suggested_values(design, frames, "lr", settings)
        (0.001, 0.003, 0.01)
    """
    field = next((each for each in DESIGN_FIELDS if each.name == name), None)
    if field is None or not isinstance(design, EncoderDecoder):
        return setting_values(SETTINGS[name], settings[name])
    return tuple(
        value
        for value in field_values(field, design)
        if fits(settings.get("task", DEFAULT_TASK), design, frames, name, value)
    )


def setting_values(setting: Setting, present: Any) -> tuple[Any, ...]:
    """Return values of a setting around the present one, by the rule of its table.

    Example:
        >>> setting_values(SETTINGS["batch_size"], 8), setting_values(SETTINGS["seed"], 3)
        ((4, 8, 16), (3, 4, 5))
    """
    options: tuple[Any, ...] = setting.control.options if setting.control else ()
    match setting.sweep:
        case "neighbours":
            lower = max((each for each in options if each <= present / 2), default=present / 3)
            higher = min((each for each in options if each >= present * 2), default=present)
            return around((lower, higher), present)
        case "double":
            return around((max(1, present // 2), 2 * present), present)
        case "count":
            return (present, present + 1, present + 2)
    values = tuple(setting.sweep or ())
    if present is None or isinstance(present, tuple):  # augment: each of them by itself
        return values
    return around(values, present)


def field_values(field: DesignField, design: Design) -> tuple[Any, ...]:
    """Return values of a field of the design, whether or not they fit the data."""
    present, kind = getattr(design, field.name), field.control.kind
    options = COMMON_OPTIONS.get(field.name, field.control.options)
    if kind == "checkbox":
        return (False, True)
    if kind == "text":
        return around((read_text(field.name, text) for text in options), present)
    if kind == "choice":
        return around(options, present)
    if kind == "axes":
        each_axis = per_axis(present, len(design.input_size))  # type: ignore[union-attr]
        present = each_axis[0] if len(set(each_axis)) == 1 else present
    return around(numbers_around(field, design), present)


def numbers_around(field: DesignField, design: Design) -> tuple[Any, ...]:
    """Return numbers around the present one of a field."""
    present, control = getattr(design, field.name), field.control
    if control.kind == "axes":
        present = per_axis(present, len(design.input_size))[0]  # type: ignore[union-attr]
    if field.name in DOUBLED_FIELDS:
        half = present / 2 if isinstance(present, float) else max(1, present // 2)
        return (half, present, 2 * present)
    if control.kind == "float":
        return (0.1, 0.3, 0.5)
    # Even kernels shift a picture by half a pixel.
    step, least = (2, 3) if field.name == "kernel_size" else (1, control.low)
    first = max(least, present - step)
    return (first, first + step, first + 2 * step)


def around(values: Iterable[Any], present: Any) -> tuple[Any, ...]:
    """Return at most five values with the present one among them; numbers in their order."""
    others = [value for value in dict.fromkeys(values) if value != present]
    chosen = [present, *others[: MOST_VALUES - 1]]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in chosen):
        return tuple(sorted(chosen))
    return tuple(chosen)


def fits(task: str, design: Design, frames: Frames, field: str, value: Any) -> bool:
    """Whether the design with this value can be trained on the frames."""
    try:
        return match(task_named(task), design.replace(**{field: value}), frames).fits
    except DesignError:
        return False


def parse_values(field: str, text: str) -> list[Any]:
    """Return the values in a typed text, with commas between; words need no quotes.

    Values are read as literals; nothing is evaluated.

    Raises:
        CnnwidgetError: for anything else.

    Example:
        >>> parse_values("kernel_size", "3, (3, 5)"), parse_values("norm", "batch, none")
        ([3, (3, 5)], ['batch', 'none'])
    """
    try:
        body = ast.parse(f"[{text.strip()}]", mode="eval").body
        words = body.elts if isinstance(body, ast.List) else [body]
        return [each.id if isinstance(each, ast.Name) else ast.literal_eval(each) for each in words]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise CnnwidgetError(
            f"The values of {field} are {shortened(text)}, but must be words or numbers with "
            "commas, as 3, 5, 7."
        ) from None


def format_values(values: Iterable[Any]) -> str:
    """Return values as a person types them.

    Example:
        >>> format_values([3, (3, 5)]), format_values(["batch", "none"]), format_values([()])
        ('3, (3, 5)', 'batch, none', '()')
    """
    return ", ".join(value if isinstance(value, str) else repr(value) for value in values)
