"""Which control stands for which field of a design: one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, get_args

from cnnwidget.design.families.encoder_decoder import EncoderDecoder


def names_of(field: str) -> tuple[str, ...]:
    """The words that a field may be: asked of the design, so that none is missing here.

    Example:
        >>> names_of("skips")
        ('none', 'concat', 'add')
    """
    return tuple(words(EncoderDecoder.model_fields[field].annotation))


def words(kind: object) -> Iterator[str]:
    """The words in a type, in their order."""
    for each in get_args(kind):
        if isinstance(each, str):
            yield each
        else:
            yield from words(each)


LAWS = names_of("channels")
ACTIVATIONS = names_of("activation")
BY_HAND = "by hand"
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
# An axis has this many sliders at most; those that are not needed are hidden, never rebuilt.
MOST_AXES = 3
# An example for who has never seen one: the name of a layer, and its changed fields.
OVERRIDDEN = "{'encoder.stage1.conv': {'kernel_size': 5}}"

# Laws of channels that a ratio goes into.
GROWING = ("exponential", "power")

Use = Callable[[EncoderDecoder], bool]


def always(_: EncoderDecoder) -> bool:
    """Of a field that every design looks at."""
    return True


def when(field: str, *values: str) -> Use:
    """Of a field that counts where another one has one of these values."""
    return lambda design: getattr(design, field) in values


def unless(field: str, value: str | None) -> Use:
    """Of a field that counts where another one has any value but this."""
    return lambda design: getattr(design, field) != value


def either(*uses: Use) -> Use:
    """Of a field that counts for one reason or another."""
    return lambda design: any(use(design) for use in uses)


Kind = Literal["slider", "axes", "choice", "text", "box", "float"]


class Control(NamedTuple):
    """One row of the panel.

    Attributes:
        field: of `EncoderDecoder`.
        label: what stands before it.
        kind: slider (a whole number), axes (one for each axis, or one for all), choice, text
            (numbers or a word), box (yes or no), float.
        low, high: of a slider; beyond, it grows with what it is given.
        options: of a choice.
        folded: whether it is among the rest, folded away.
        hint: what it means.
        example: what an empty box shows.
        used: whether a design looks at the field; else the control is off.
    """

    field: str
    label: str
    kind: Kind
    low: int = 1
    high: int = 8
    options: tuple[str, ...] = ()
    folded: bool = False
    hint: str = ""
    example: str = ""
    used: Use = always


TABLE = (
    Control("input_size", "input", "axes", 1, 256, hint="pixels of the input along each axis"),
    Control("depth", "depth", "slider", 1, 8, hint="stages of the encoder"),
    Control(
        "downsampling",
        "down",
        "choice",
        options=names_of("downsampling"),
        hint="what goes down a step: the stride of a stage's first convolution, or pooling behind "
        "the stage",
    ),
    Control(
        "upsampling",
        "up",
        "choice",
        options=names_of("upsampling"),
        hint="what goes up a step: a transposed convolution; a resize (nearest, linear) and a "
        "convolution; or a convolution whose channels become pixels",
    ),
    Control(
        "skips",
        "skips",
        "choice",
        options=names_of("skips"),
        hint="whether the decoder is given what the encoder had just before each step down",
    ),
    Control(
        "block",
        "block",
        "choice",
        options=names_of("block"),
        hint="of the convolutions of a stage: plain, or residual: what went in is added",
    ),
    Control(
        "start_channels",
        "channels",
        "slider",
        1,
        128,
        hint="channels of the first stage",
        used=either(
            when("channels", "exponential", "constant"), when("decoder_channels", "constant")
        ),
    ),
    Control(
        "channels",
        "channel law",
        "choice",
        options=LAWS,
        hint="how channels grow from stage to stage",
    ),
    Control("kernel_size", "kernel", "axes", 1, 15, hint="kernel_size of every convolution"),
    Control("stride", "stride", "axes", 1, 6, hint="stride of the first convolution of a stage"),
    Control(
        "padding",
        "padding",
        "text",
        options=("same", "valid", "0", "1", "2", "3"),
        hint="same, valid, a number, or one per axis: 1, 2",
    ),
    Control("dilation", "dilation", "axes", 1, 6, hint="spacing of the kernel's elements"),
    Control(
        "norm",
        "norm",
        "choice",
        options=names_of("norm"),
        hint="after each convolution",
    ),
    Control(
        "activation",
        "activation",
        "choice",
        options=ACTIVATIONS,
        hint="after each convolution but the last",
    ),
    Control(
        "convs_per_stage",
        "convs a stage",
        "slider",
        1,
        4,
        folded=True,
        hint="convolutions in each stage; those after the first have stride 1",
    ),
    Control(
        "convolution",
        "convolution",
        "choice",
        options=names_of("convolution"),
        folded=True,
        hint="plain, or separable: each channel by itself, then a mixture",
    ),
    Control(
        "attention",
        "attention",
        "choice",
        options=names_of("attention"),
        folded=True,
        hint="a gate behind the convolutions of each stage: of channels, or of places",
    ),
    Control(
        "bottleneck",
        "bottleneck",
        "box",
        folded=True,
        hint="a further stage behind the last step down",
    ),
    Control(
        "skip_align",
        "align skips",
        "choice",
        options=names_of("skip_align"),
        folded=True,
        hint="how a skip comes to the decoder's size: none (the decoder aims at it), crop, pad, "
        "interpolate",
        used=unless("skips", "none"),
    ),
    Control(
        "channel_ratio",
        "channel ratio",
        "float",
        folded=True,
        hint="factor of the law exponential, exponent of power",
        used=either(when("channels", *GROWING), when("decoder_channels", *GROWING)),
    ),
    Control(
        "max_channels",
        "most channels",
        "slider",
        1,
        1024,
        folded=True,
        hint="where growth stops",
        used=either(when("channels", *GROWING), when("decoder_channels", "power")),
    ),
    Control(
        "decoder_depth",
        "decoder depth",
        "text",
        options=("None", "1", "2", "3", "4", "5", "6"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "decoder_channels",
        "decoder law",
        "text",
        options=("mirror", *LAWS),
        folded=True,
        hint="mirror, a law, or one number per stage but the last",
    ),
    Control(
        "decoder_kernel_size",
        "decoder kernel",
        "text",
        options=("auto", "2", "3", "4", "5", "6"),
        folded=True,
        hint="auto is the kernel rounded up to a multiple of the stride",
        used=when("upsampling", "transpose"),
    ),
    Control(
        "decoder_stride",
        "decoder stride",
        "text",
        options=("None", "1", "2", "3"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "decoder_padding",
        "decoder padding",
        "text",
        options=("None", "same", "valid", "0", "1", "2"),
        folded=True,
        hint="None is what restores the encoder's size",
        used=when("upsampling", "transpose"),
    ),
    Control(
        "decoder_dilation",
        "decoder dilation",
        "text",
        options=("None", "1", "2"),
        folded=True,
        hint="None is the encoder's",
        used=when("upsampling", "transpose"),
    ),
    Control(
        "output_padding",
        "output_padding",
        "text",
        options=("mirror", "0", "1"),
        folded=True,
        hint="mirror picks what restores the size that the encoder had there",
        used=when("upsampling", "transpose"),
    ),
    Control(
        "dropout_p",
        "dropout p",
        "float",
        folded=True,
        hint='how likely norm="dropout" drops a channel',
        used=when("norm", "dropout"),
    ),
    Control(
        "final_norm",
        "norm at the end",
        "box",
        folded=True,
        hint="whether the last convolution has a norm, too",
        used=unless("norm", "none"),
    ),
    Control(
        "final_activation",
        "last activation",
        "choice",
        options=("none", *ACTIVATIONS),
        folded=True,
        hint="after the last convolution",
    ),
    Control(
        "final_resize",
        "final resize",
        "choice",
        options=("none", *(mode for mode in names_of("final_resize") if mode != "none")),
        folded=True,
        hint="what brings the output to its size where the decoder ends elsewhere",
    ),
    Control(
        "output_size",
        "output size",
        "text",
        options=("None",),
        folded=True,
        hint="None is the input's",
    ),
    Control(
        "latent_shape",
        "latent shape",
        "text",
        options=("None", "64", "256"),
        folded=True,
        hint="None, or a shape as 8, 4, 4: a fully connected block in the middle",
    ),
    Control(
        "latent_layers",
        "latent layers",
        "slider",
        1,
        4,
        folded=True,
        hint="linear layers on either side of the latent shape",
        used=unless("latent_shape", None),
    ),
    Control(
        "latent_activation",
        "latent activation",
        "choice",
        options=("none", *ACTIVATIONS),
        folded=True,
        hint="after each of these linear layers",
        used=unless("latent_shape", None),
    ),
    Control(
        "init",
        "initial weights",
        "choice",
        options=names_of("init"),
        folded=True,
        hint="how weights begin",
    ),
    Control(
        "overrides",
        "overrides",
        "text",
        folded=True,
        hint="changes of single layers by name, as a dict of dicts",
        example=OVERRIDDEN,
    ),
    Control(
        "names",
        "module names",
        "choice",
        options=("stages", "torchcnnbuilder"),
        folded=True,
        hint="how modules are called in the state dict",
    ),
)
