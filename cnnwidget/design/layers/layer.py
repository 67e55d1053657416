"""What every leaf layer answers about an input shape, in integers and without torch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnnwidget.design.axes import Shape, Size, short, spell
from cnnwidget.design.layers.taps import IDENTITY, Taps
from cnnwidget.design.value import Value


class Misfit(Exception):  # noqa: N818  (it is an answer, caught by the plan, never an error shown)
    """PyTorch would refuse this layer on this input; the message is the reason, one clause."""


class Call(NamedTuple):
    """The constructor that makes a layer, as names and plain values.

    It is one of `torch.nn`, or else one of `cnnwidget.model.modules`.
    """

    name: str
    args: tuple[tuple[str, object], ...] = ()
    kwargs: tuple[tuple[str, object], ...] = ()


class SavedForBackward(NamedTuple):
    """What PyTorch keeps of a layer until its backward pass.

    Found by asking: `tests/model/test_memory.py` holds it against `saved_tensors_hooks`. The rules
    are https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml, as they come
    out on a CPU.

    Attributes:
        input: whether it keeps the tensor that it gets.
        output: whether it keeps the tensor that it gives out.
        extra: bytes of anything else, for each sample of a batch.
        same: whether what it gives out is the tensor that it got, at most in another shape.
        learned_input: whether it keeps the tensor that it gets if that depends on weights, for its
            slope alone.
    """

    input: bool = False
    output: bool = False
    extra: int = 0
    same: bool = False
    learned_input: bool = False


# PyTorch counts here in 32-bit floats and, where it remembers places, in 64-bit integers.
FLOAT_BYTES = 4
INDEX_BYTES = 8

NOTHING = SavedForBackward()
INPUT = SavedForBackward(input=True)
OUTPUT = SavedForBackward(output=True)
SAME = SavedForBackward(same=True)


# What torch assumes of a setting that is left out.
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
    """The settings that torch does not assume anyway, (3, 3) as 3."""
    plain = ((key, short(value) if isinstance(value, tuple) else value) for key, value in settings)
    return tuple((key, value) for key, value in plain if value != TORCH_DEFAULTS.get(key))


# Settings whose value says it all: `concat`.
SAID_BY_VALUE = {"how", "name"}


def in_words(settings: Iterable[tuple[str, object]]) -> str:
    """Settings to read: `kernel_size=3, stride=(2, 1)` as `kernel 3, stride 2×1`."""
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
    """What every leaf answers about an input shape."""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the output.

        Raises:
            Misfit: where PyTorch refuses.
        """

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        """Trainable weights, and multiply-accumulates of one sample.

        What only adds, scales or compares has none of these.
        """
        return 0, 0

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        """What PyTorch keeps for the backward pass where weights come before or are its own."""
        return INPUT

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        """Which inputs each output position meets."""
        return (IDENTITY,) * (len(shape) - 1)

    def normalizes_globally(self, shape: Shape) -> bool:
        """Whether every output depends on a mean or deviation over all positions."""
        return False

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        """How the output size comes about, with the numbers filled in; empty where it stays."""
        return ""

    def lost(self, shape: Shape, output_shape: Shape) -> tuple[int, ...]:
        """Rows and columns at the far end that no output meets, for rounding down leaves them."""
        return ()

    @abstractmethod
    def call(self, shape: Shape) -> Call:
        """The torch constructor."""

    def mended(self, shape: Shape) -> Iterator[Layer]:
        """Layers of the same kind that may fit where this one does not, the nearest first."""
        yield from ()


def spatial_axes(shape: Shape, name: str) -> int:
    """The number of spatial axes of a shape, which must be one to three."""
    axes = len(shape) - 1
    if not 1 <= axes <= 3:
        raise Misfit(f"{name} needs channels and one to three axes, but gets {spell(shape)}")
    return axes


def check_lengths(layer: Layer, fields: tuple[str, ...], axes: int) -> None:
    """Every setting that is given per axis has one number for each."""
    for field in fields:
        value = getattr(layer, field)
        if type(value) is tuple and len(value) != axes and len(value) != 1:
            raise Misfit(f"{field} {value} has {len(value)} numbers for {axes} axes")


def join_formulas(formulas: Iterable[str]) -> str:
    """The size formulas of all axes, those that are alike once."""
    return "; ".join(dict.fromkeys(formulas))


def unused_inputs(  # noqa: PLR0917  (each a number an axis)
    size: Size, output_size: Size, kernel: Size, stride: Size, padding: Size, dilation: Size
) -> tuple[int, ...]:
    """Inputs behind the last place of a window, padding not counted, along each axis."""
    return tuple(
        max(0, n + p - ((m - 1) * s + d * (k - 1) + 1))
        for n, m, k, s, p, d in zip(
            size, output_size, kernel, stride, padding, dilation, strict=True
        )
    )
