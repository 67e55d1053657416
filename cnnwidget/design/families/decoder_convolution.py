"""The transposed convolution that restores the size that a convolution found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnwidget.design.axes import LIMIT, PerAxis, Size, per_axis
from cnnwidget.design.layers.convolution import ConvTranspose

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


class Settings(NamedTuple):
    """What is asked of a transposed convolution along one axis.

    Attributes:
        kernel_size, stride, dilation: its own.
        room: the largest `output_padding` that PyTorch takes.
        fixed: `padding`, if it is given.
        likely: the encoder's, which will often do.
        given: `output_padding`, if it is given.
    """

    kernel_size: int
    stride: int
    dilation: int
    room: int
    fixed: int | None
    likely: int | None
    given: int | None


class DecoderConvolutions:
    """The transposed convolutions of a design: strided ones, and those of stride 1."""

    def __init__(self, design: EncoderDecoder) -> None:
        self.design = design
        self.axes = axes = len(design.input_size)
        self.ones = (1,) * axes
        self.unknown = (None,) * axes
        self.stride = per_axis(design.decoder_stride or design.stride, axes)
        self.dilation = per_axis(design.decoder_dilation or design.dilation, axes)
        # What is asked with each stride; an override may have changed that of a single stage.
        self.asked: dict[Size, tuple[ConvTranspose, list[Settings]]] = {}
        # What came of each stride, size and target.
        self.found: dict[object, tuple[ConvTranspose, Size | None]] = {}

    def settings(self, stride: Size) -> tuple[ConvTranspose, list[Settings]]:
        """A convolution like those of this stride, and all that is asked, axis by axis."""
        design, axes = self.design, self.axes
        kernel = design.decoder_kernel_size
        if kernel == "auto":
            # Rounded up to a multiple of the stride. With stride 1 an even kernel pads unequal
            # sides to stay the same, for which a transposed one has no setting: it is odd, then.
            same = design.padding == "same"
            pairs = zip(per_axis(design.kernel_size, axes), stride, strict=True)
            whole = [(-(-k // s) * s, s) for k, s in pairs]
            odd = [k + (same and s == 1 and k % 2 == 0) for k, s in whole]
            kernel = tuple([min(k, LIMIT - 1) for k in odd])
        kernel = per_axis(kernel, axes)
        nothing = self.unknown
        asked, given = design.decoder_padding, design.output_padding
        fixed = nothing if asked is None else fixed_padding(asked, axes)
        likely = fixed_padding(design.padding, axes)
        extra = nothing if given == "mirror" else per_axis(given, axes)
        room = [max(s, d) - 1 for s, d in zip(stride, self.dilation, strict=True)]
        usual = ConvTranspose.known(
            out_channels=1, kernel_size=kernel, stride=stride, dilation=self.dilation
        )
        return usual, [*map(Settings, kernel, stride, self.dilation, room, fixed, likely, extra)]

    def transposed(
        self, out_channels: int, size: Size | None, target: Size | None, stride: Size
    ) -> tuple[ConvTranspose, Size | None]:
        """A transposed convolution that brings `size` to `target` where its settings allow it.

        And the size that comes of it; None where it does not fit, or nothing arrives.
        """
        aim = stride, size, target
        if aim in self.found:
            conv, found = self.found[aim]
            alike = conv.out_channels == out_channels
            return conv if alike else conv.like(out_channels=out_channels), found
        if stride not in self.asked:
            self.asked[stride] = self.settings(stride)
        usual, settings = self.asked[stride]
        met = map(paddings_for, settings, size or self.ones, target or self.unknown)
        padding, extra, after = zip(*met)  # noqa: B905  (of three each)
        conv = usual.like(out_channels=out_channels, padding=padding, output_padding=extra)
        self.found[aim] = conv, None if size is None or min(after) < 1 else after
        return self.found[aim]


def paddings_for(asked: Settings, n: int, target: int | None) -> tuple[int, int, int]:
    """The `padding` and `output_padding` that bring `n` to `target`, and what comes of them.

    The last is 0 for what PyTorch would refuse.
    """
    k, s, d, room, fixed, likely, given = asked
    goal = n * s if target is None else target
    # What comes out without any padding, less what is wanted; 2 * padding - output_padding is to
    # make up for it.
    excess = (n - 1) * s + d * (k - 1) + 1 - goal
    if fixed is not None:
        padding = fixed
    elif likely is not None and 0 <= 2 * likely - excess <= room:
        padding = likely
    else:
        padding = max(0, (excess + (min(1, room) if given is None else given)) // 2)
    padding = min(padding, LIMIT - 1)
    if given is not None:
        extra = given
    elif target is None and fixed is not None:
        extra = 0
    else:
        extra = min(max(2 * padding - excess, 0), room)
    after = goal + excess - 2 * padding + extra
    return padding, extra, after if extra <= room else 0


def fixed_padding(padding: PerAxis | Literal["same", "valid"], axes: int) -> tuple[int | None, ...]:
    """Padding in numbers; None where it depends on the size."""
    if padding == "same":
        return (None,) * axes
    return per_axis(0 if padding == "valid" else padding, axes)
