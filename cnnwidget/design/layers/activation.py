"""Activation functions by name, with their settings."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Literal

from pydantic import PlainValidator, ValidationInfo

from cnnwidget.design.axes import Shape, is_whole
from cnnwidget.design.layers.layer import (
    FLOAT_BYTES,
    INPUT,
    LARGEST_FLOAT,
    OUTPUT,
    Call,
    Layer,
    Misfit,
    SavedForBackward,
)
from cnnwidget.design.value import closest, shortened

ActivationName = Literal[
    "relu", "leaky_relu", "prelu", "relu6", "elu", "selu", "celu", "gelu", "silu", "mish",
    "softplus", "softsign", "hardswish", "hardtanh", "hardsigmoid", "sigmoid", "tanh",
    "rrelu", "threshold", "hardshrink", "softshrink", "tanhshrink", "logsigmoid", "softmin",
    "softmax", "log_softmax", "glu",
]  # fmt: skip

TORCH_ACTIVATION: dict[ActivationName, str] = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "prelu": "PReLU", "relu6": "ReLU6", "elu": "ELU",
    "selu": "SELU", "celu": "CELU", "gelu": "GELU", "silu": "SiLU", "mish": "Mish",
    "softplus": "Softplus", "softsign": "Softsign", "hardswish": "Hardswish",
    "hardtanh": "Hardtanh", "hardsigmoid": "Hardsigmoid", "sigmoid": "Sigmoid", "tanh": "Tanh",
    "rrelu": "RReLU", "threshold": "Threshold", "hardshrink": "Hardshrink",
    "softshrink": "Softshrink", "tanhshrink": "Tanhshrink", "logsigmoid": "LogSigmoid",
    "softmin": "Softmin", "softmax": "Softmax", "log_softmax": "LogSoftmax", "glu": "GLU",
}  # fmt: skip

# The settings of each and their defaults. PyTorch has no defaults for `threshold`.
SETTINGS: dict[ActivationName, dict[str, float | str]] = {
    "leaky_relu": {"negative_slope": 0.01},
    "prelu": {"init": 0.25, "num_parameters": 1},
    "elu": {"alpha": 1.0},
    "celu": {"alpha": 1.0},
    "gelu": {"approximate": "none"},
    "softplus": {"beta": 1.0, "threshold": 20.0},
    "hardtanh": {"max_val": 1.0, "min_val": -1.0},
    "rrelu": {"lower": 1 / 8, "upper": 1 / 3},
    "threshold": {"threshold": 0.0, "value": 0.0},
    "hardshrink": {"lambd": 0.5},
    "softshrink": {"lambd": 0.5},
}

# The gradient of these follows from the output; all others need the input.
GRADIENT_FROM_OUTPUT: frozenset[ActivationName] = frozenset(
    {"relu", "sigmoid", "tanh", "softmin", "softmax", "log_softmax"}
)
# These save a second tensor as large as the input: the denominator of a quotient, random slopes,
# exponentials.
SAVES_MORE: frozenset[ActivationName] = frozenset({"softsign", "rrelu", "logsigmoid"})
# These act on all channels of a position together.
OVER_CHANNELS: frozenset[ActivationName] = frozenset({"softmin", "softmax", "log_softmax", "glu"})
# These depend on the number of channels.
DEPENDS_ON_CHANNELS: frozenset[ActivationName] = frozenset({"prelu", "glu"})

Settings = tuple[tuple[str, float | str], ...]


def checked_settings(value: object, info: ValidationInfo) -> Settings:
    """Return the settings of an activation, given as a dict or as pairs, as sorted pairs.

    Defaults are left out, so that equal activations compare equal.

    Raises:
        ValueError: if a setting is unknown, or its value is not possible.
    """
    name = info.data.get("name")
    if name is None:  # the check of the name refuses it
        return ()
    try:
        given = dict(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ValueError("must be a dict of settings by name.") from None
    known = SETTINGS.get(name, {})
    for key, each in given.items():
        if key not in known:
            has = ", ".join(known) or "none"
            hint = closest(str(key), known) or "."
            raise ValueError(f"{name!r} has no setting {shortened(key)}, but {has}{hint}")
        if wrong := setting_error(key, each):
            raise ValueError(f"{key} {wrong}.")
    settings = {key: as_stored(key, given.get(key, known[key])) for key in known}
    if wrong := conflict_error(name, settings):
        raise ValueError(f"{wrong}.")
    return tuple((key, settings[key]) for key in sorted(known) if settings[key] != known[key])


def as_stored(key: str, value: float | str) -> float | str:
    """Return a setting as it is stored: a count as an int, another number as a float."""
    return value if isinstance(value, str) or key == "num_parameters" else float(value)


def setting_error(key: str, value: object) -> str:
    """Return why a value is not possible for a setting; empty if it is."""
    if key == "approximate":
        return "" if value in ("none", "tanh") else "must be 'none' or 'tanh'"
    if key == "num_parameters":
        return "" if is_whole(value, 1) else "must be a whole number of at least 1"
    return "" if is_finite(value) else "must be a finite number"


def is_finite(value: object) -> bool:
    """Whether this is a number, not a bool, that a 32-bit float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST_FLOAT


def conflict_error(name: ActivationName, settings: dict[str, float | str]) -> str:
    """Return why settings conflict, for PyTorch or in arithmetic; empty if they do not."""
    numbers = {key: each for key, each in settings.items() if not isinstance(each, str)}
    if name == "hardtanh" and numbers["min_val"] >= numbers["max_val"]:
        return f"min_val must be less than the max_val of {numbers['max_val']}"
    if name == "rrelu" and numbers["lower"] > numbers["upper"]:
        return f"lower must be at most the upper of {numbers['upper']}"
    if name == "softshrink" and numbers["lambd"] < 0:
        return "lambd must be at least 0"
    if (name == "celu" and numbers["alpha"] == 0) or (name == "softplus" and numbers["beta"] == 0):
        return f"{next(iter(numbers))} is divided by and must not be 0"
    return ""


class Activation(Layer):
    """An activation function by name; every layer has its own module.

    `softmin`, `softmax` and `log_softmax` go over the channels of each position. `glu` takes the
    second half of the channels as a gate for the first. `prelu` learns one slope, or with
    `num_parameters` as large as the number of channels one for each.

    Attributes:
        name: of the function, in small letters.
        settings: of its torch module by name, where they differ from the defaults; given as a dict,
            stored as sorted pairs.

    Source: https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity

    Example:
        >>> Activation(name="prelu").costs((32, 8, 8), (32, 8, 8))
        (1, 0)
        >>> Activation(name="leaky_relu", settings={"negative_slope": 0.2})
        layers.Activation(name='leaky_relu', settings=(('negative_slope', 0.2),))
    """

    name: ActivationName
    settings: Annotated[Settings, PlainValidator(checked_settings)] = ()

    def output_shape(self, shape: Shape) -> Shape:
        if self.name not in DEPENDS_ON_CHANNELS:
            return shape
        if self.name == "glu":
            if shape[0] % 2:
                raise Misfit(f"glu halves the channels, of which there are {shape[0]}")
            return (shape[0] // 2, *shape[1:])
        slopes = self._slopes()
        if slopes not in (1, shape[0]):
            raise Misfit(f"prelu has {slopes} slopes for {shape[0]} channels")
        return shape

    def _slopes(self) -> int:
        return int(dict(self.settings).get("num_parameters", 1)) if self.settings else 1

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        return (self._slopes() if self.name == "prelu" else 0), 0

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        if self.name in GRADIENT_FROM_OUTPUT:
            return OUTPUT
        if self.name in SAVES_MORE:
            return SavedForBackward(True, extra=FLOAT_BYTES * prod(shape))
        if self.name == "tanhshrink":  # saves the hyperbolic tangent
            return SavedForBackward(extra=FLOAT_BYTES * prod(shape))
        return INPUT

    def call(self, shape: Shape) -> Call:
        settings = self.settings
        if self.name == "threshold":
            settings = tuple((SETTINGS["threshold"] | dict(settings)).items())
        channels = (("dim", 1),) if self.name in OVER_CHANNELS else ()
        return Call(TORCH_ACTIVATION[self.name], channels, settings)

    def mended(self, shape: Shape) -> Iterator[Layer]:
        if self.name == "prelu":
            others = {key: each for key, each in self.settings if key != "num_parameters"}
            yield self.replace(settings=others | {"num_parameters": shape[0]})
            yield self.replace(settings=others)
        elif self.name == "glu":  # a gate of a similar kind that keeps the channels
            yield Activation(name="silu")
