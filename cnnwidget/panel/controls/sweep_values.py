"""What a sweep may try: fields of a design and of a recipe, and values of each to begin with."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, get_args

from cnnwidget.data.frames import Frames
from cnnwidget.design.axes import per_axis
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError, DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.value import shortened
from cnnwidget.panel.controls.design_fields import TABLE, Control
from cnnwidget.panel.controls.training_controls import RATES
from cnnwidget.panel.controls.typed_values import read_text
from cnnwidget.training.match import match
from cnnwidget.training.recipe import LossName, ScheduleName

# More than these are hard to tell apart, and take long.
MOST_VALUES = 5
# Not one thing but many, or nothing that could be better or worse.
LEFT_OUT = {"input_size", "output_size", "overrides", "names", "latent_shape"}
# Of these the half and the double are as far away as one more is of others.
DOUBLING = {"start_channels", "max_channels", "channel_ratio"}

# The best known of many.
WORDS = {"activation": ("relu", "leaky_relu", "gelu", "silu", "tanh")}

OF_RECIPE: dict[str, tuple[Any, ...]] = {
    "lr": (),  # around that of the settings
    "batch_size": (),
    "loss": get_args(LossName),
    "optimizer": ("adam", "adamw", "sgd_momentum", "rmsprop"),
    "schedule": get_args(ScheduleName),
    "weight_decay": (0.0, 0.01, 0.1, 0.3, 1.0),
    "clip_grad_norm": (0.1, 1.0, None),
    "augment": ((), "flip", "shift", "noise"),
    "residual": (False, True),
    "seed": (),
}


def fields_of(design: Design) -> tuple[str, ...]:
    """What can be swept: fields that the design looks at, and settings of the training.

    Example:
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> fields_of(design)[:3], fields_of(design)[-3:]
        (('kernel_size', 'stride', 'depth'), ('augment', 'residual', 'seed'))
    """
    if not isinstance(design, EncoderDecoder):
        return tuple(OF_RECIPE)
    first = ("kernel_size", "stride", "depth")
    rest = (
        control.field
        for control in TABLE
        if control.field not in {*LEFT_OUT, *first} and control.used(design)
    )
    return (*first, *rest, *OF_RECIPE)


def proposed(
    design: Design, frames: Frames, field: str, settings: dict[str, Any]
) -> tuple[Any, ...]:
    """Three to five values of a field, around that of now; two where there are no more.

    Args:
        design: the design of now.
        frames: what it is to be trained on; what cannot be is left out.
        field: one of `fields_of`.
        settings: of the training, with a batch size.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape")
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> settings = {"lr": 0.003, "batch_size": 4, "seed": 0}
        >>> proposed(design, frames, "kernel_size", settings)
        (3, 5, 7)
        >>> proposed(design, frames, "lr", settings)
        (0.001, 0.003, 0.01)
    """
    if field in OF_RECIPE:
        return of_recipe(field, settings)
    control = next(each for each in TABLE if each.field == field)
    return tuple(
        value for value in of_design(control, design) if not refused(design, frames, field, value)
    )


def of_recipe(field: str, settings: dict[str, Any]) -> tuple[Any, ...]:
    """Values of a setting of the training."""
    now = settings[field]
    if field == "lr":
        lower = max((rate for rate in RATES if rate <= now / 2), default=now / 3)
        higher = min((rate for rate in RATES if rate >= now * 2), default=now)
        return with_now((lower, now, higher), now)
    if field == "batch_size":
        return with_now((max(1, now // 2), now, 2 * now), now)
    if field == "seed":
        return (now, now + 1, now + 2)
    if now is None or field == "augment":
        return OF_RECIPE[field]
    return with_now(OF_RECIPE[field], now)


def of_design(control: Control, design: Design) -> tuple[Any, ...]:
    """Values of a field of the design, good or bad."""
    now = getattr(design, control.field)
    if control.kind == "box":
        return (False, True)
    if control.kind == "text":
        return with_now((read_text(control.field, text) for text in control.options), now)
    if control.kind == "choice":
        return with_now(WORDS.get(control.field, control.options), now)
    if control.kind == "axes":
        several = per_axis(now, len(design.input_size))  # type: ignore[union-attr]
        now = several[0] if len(set(several)) == 1 else now
    return with_now(numbers_of(control, design), now)


def numbers_of(control: Control, design: Design) -> tuple[Any, ...]:
    """Numbers around that of now."""
    now = getattr(design, control.field)
    if control.kind == "axes":
        now = per_axis(now, len(design.input_size))[0]  # type: ignore[union-attr]
    if control.field in DOUBLING:
        half = now / 2 if isinstance(now, float) else max(1, now // 2)
        return (half, now, 2 * now)
    if control.kind == "float":
        return (0.1, 0.3, 0.5)
    # Even kernels shift a picture by half a pixel.
    step, least = (2, 3) if control.field == "kernel_size" else (1, control.low)
    first = max(least, now - step)
    return (first, first + step, first + 2 * step)


def with_now(values: Iterable[Any], now: Any) -> tuple[Any, ...]:
    """At most five, that of now among them; numbers in their order."""
    others = [value for value in dict.fromkeys(values) if value != now]
    chosen = [now, *others[: MOST_VALUES - 1]]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in chosen):
        return tuple(sorted(chosen))
    return tuple(chosen)


def refused(design: Design, frames: Frames, field: str, value: Any) -> bool:
    """Whether a design with this value cannot be, or cannot be trained on the frames."""
    try:
        return not match(design.replace(**{field: value}), frames).fits
    except DesignError:
        return True


def read_values(field: str, text: str) -> list[Any]:
    """Values as they are typed, with commas; words need no quotes, and nothing is evaluated.

    Raises:
        CnnwidgetError: for anything else.

    Example:
        >>> read_values("kernel_size", "3, (3, 5)"), read_values("norm", "batch, none")
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


def write_values(values: Iterable[Any]) -> str:
    """Values as they are typed.

    Example:
        >>> write_values([3, (3, 5)]), write_values(["batch", "none"]), write_values([()])
        ('3, (3, 5)', 'batch, none', '()')
    """
    return ", ".join(value if isinstance(value, str) else repr(value) for value in values)
