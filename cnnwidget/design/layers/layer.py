"""`Layer`, the base of all leaf layers: integers about an input shape, without torch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnnwidget.design.axes import Shape, Size, short, spell
from cnnwidget.design.layers.taps import IDENTITY, Taps
from cnnwidget.design.value import Value


class Misfit(Exception):  # noqa: N818  (the plan catches it; no user sees it as an error)
    """PyTorch would refuse this layer on this input; the message is the reason, one clause."""


class Call(NamedTuple):
    """The constructor call of a layer's module, as names and plain values.

    The name is a class of `torch.nn`, or else of `cnnwidget.model.modules`.
    """

    name: str
    args: tuple[tuple[str, object], ...] = ()
    kwargs: tuple[tuple[str, object], ...] = ()


class SavedForBackward(NamedTuple):
    """The tensors of a layer that PyTorch saves for the backward pass.

    `tests/model/test_memory.py` compares it with `saved_tensors_hooks`. The rules are
    https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml, as they apply on
    a CPU.

    Attributes:
        input: whether the layer saves its input.
        output: whether the layer saves its output.
        extra: bytes of anything else, per sample of a batch.
        same: whether the output is the input tensor itself, or a view of it.
        learned_input: whether the layer saves its input if that depends on weights, for the
            gradient of the input alone.
    """

    input: bool = False
    output: bool = False
    extra: int = 0
    same: bool = False
    learned_input: bool = False


# Tensors are of 32-bit floats; the positions of maxima are 64-bit integers.
FLOAT_BYTES = 4
LARGEST_FLOAT = 3.4028234663852886e38
INDEX_BYTES = 8

NOTHING = SavedForBackward()
INPUT = SavedForBackward(input=True)
OUTPUT = SavedForBackward(output=True)
SAME = SavedForBackward(same=True)


# The values of settings that are left out of a call of torch's.
TORCH_DEFAULTS: dict[str, object] = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "affine": False,
    "padding_mode": "zeros",
}


def non_default_settings(*settings: tuple[str, object]) -> tuple[tuple[str, object], ...]:
    """Return the settings that differ from torch's defaults, (3, 3) as 3."""
    plain = ((key, short(value) if isinstance(value, tuple) else value) for key, value in settings)
    return tuple((key, value) for key, value in plain if value != TORCH_DEFAULTS.get(key))


# Settings that are named by their value alone: `concat`.
SAID_BY_VALUE = {"how", "name"}


def in_words(settings: Iterable[tuple[str, object]]) -> str:
    """Return settings in words: `kernel_size=3, stride=(2, 1)` as `kernel 3, stride 2×1`."""
    words = []
    for name, value in settings:
        word = name.removesuffix("_size").replace("_", " ")
        if name in SAID_BY_VALUE:
            words.append(str(value))
        elif isinstance(value, bool):
            words.append(word if value else f"no {word}")
        elif isinstance(value, tuple):
            between = "×" if all(isinstance(each, int) for each in value) else ", "
            words.append(f"{word} {between.join(map(str, value))}")
        else:
            words.append(f"{word} {value}")
    return ", ".join(words)


class Layer(Value):
    """The base of all leaf layers.

    Every method takes the shape of the input, (channels, *size) without the batch axis.
    """

    _prefix = "layers."

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output.

        Raises:
            Misfit: where PyTorch refuses the input.
        """

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        """Return the trainable weights, and the multiply-accumulates of one sample.

        A layer that only adds, scales or compares has no multiply-accumulates.
        """
        return 0, 0

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        """Return what PyTorch saves for the backward pass, if any layer so far has weights."""
        return INPUT

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        """Return the inputs that each output position is computed from."""
        return (IDENTITY,) * (len(shape) - 1)

    def normalizes_globally(self, shape: Shape) -> bool:
        """Whether every output depends on a mean or deviation over all positions."""
        return False

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        """Return the formula of the output size with its numbers; empty where the size stays."""
        return ""

    def lost(self, shape: Shape, output_shape: Shape) -> tuple[int, ...]:
        """Return the rows and columns at the far end that rounding down leaves unused."""
        return ()

    @abstractmethod
    def call(self, shape: Shape) -> Call:
        """Return the constructor call of the torch module."""

    def mended(self, shape: Shape) -> Iterator[Layer]:
        """Yield similar layers that may fit where this one does not, the nearest first."""
        yield from ()


def spatial_axes(shape: Shape, name: str) -> int:
    """Return the number of spatial axes of a shape.

    Raises:
        Misfit: if there are not one to three.
    """
    axes = len(shape) - 1
    if not 1 <= axes <= 3:
        raise Misfit(f"{name} needs channels and one to three axes, but gets {spell(shape)}")
    return axes


def check_lengths(layer: Layer, fields: tuple[str, ...], axes: int) -> None:
    """Refuse settings that have neither one number nor one per axis."""
    for field in fields:
        value = getattr(layer, field)
        if type(value) is tuple and len(value) != axes and len(value) != 1:
            raise Misfit(f"{field} {value} has {len(value)} numbers for {axes} axes")


def join_formulas(formulas: Iterable[str]) -> str:
    """Return the size formulas of all axes as one text, equal ones once."""
    return "; ".join(dict.fromkeys(formulas))


def unused_inputs(  # noqa: PLR0917  (each a number an axis)
    size: Size, output_size: Size, kernel: Size, stride: Size, padding: Size, dilation: Size
) -> tuple[int, ...]:
    """Return the inputs behind the last window along each axis, without padding."""
    return tuple(
        max(0, n + p - ((m - 1) * s + d * (k - 1) + 1))
        for n, m, k, s, p, d in zip(
            size, output_size, kernel, stride, padding, dilation, strict=True
        )
    )
