"""The table of a design's fields in the panel: the control of each, and when it counts.

The file is long because it is that table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, get_args

from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.training.setting import Control


def names_of(field: str) -> tuple[str, ...]:
    """Return the words that a field may be, as its type says.

    Example:
        >>> names_of("skips")
        ('none', 'concat', 'add')
    """
    return tuple(words(EncoderDecoder.model_fields[field].annotation))


def words(kind: object) -> Iterator[str]:
    """Yield the words in a type, in their order."""
    for each in get_args(kind):
        if isinstance(each, str):
            yield each
        else:
            yield from words(each)


LAWS = names_of("channels")
ACTIVATIONS = names_of("activation")
# The option of the law of channels with which a person types the channels of each stage.
BY_HAND = "by hand"
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
# A field with a number for each axis has so many sliders; those that are not needed are hidden.
MOST_AXES = 3
# An example of overrides: the name of a layer, and its changed fields.
OVERRIDDEN = "{'encoder.stage1.conv': {'kernel_size': 5}}"

# The laws of channels that use the channel ratio.
GROWING = ("exponential", "power")

Use = Callable[[EncoderDecoder], bool]


def always(_: EncoderDecoder) -> bool:
    """Whether the field counts: it does in every design."""
    return True


def when(field: str, *values: str) -> Use:
    """Return whether a field counts: if another field has one of these values."""
    return lambda design: getattr(design, field) in values


def unless(field: str, value: str | None) -> Use:
    """Return whether a field counts: if another field has any value but this."""
    return lambda design: getattr(design, field) != value


def either(*uses: Use) -> Use:
    """Return whether a field counts: for one of these reasons."""
    return lambda design: any(use(design) for use in uses)


class DesignField(NamedTuple):
    """One field of a design in the panel.

    Attributes:
        name: of the field in `EncoderDecoder`.
        control: how the panel shows it.
        used: whether a design looks at the field; otherwise the control is off.
    """

    name: str
    control: Control
    used: Use = always


DESIGN_FIELDS = (
    DesignField(
        "input_size",
        Control("input", "axes", 1, 256, tooltip="pixels of the input along each axis"),
    ),
    DesignField("depth", Control("depth", "slider", 1, 8, tooltip="stages of the encoder")),
    DesignField(
        "downsampling",
        Control(
            "down",
            "choice",
            options=names_of("downsampling"),
            tooltip="what goes down a step: the stride of a stage's first convolution, or pooling "
            "behind the stage",
        ),
    ),
    DesignField(
        "upsampling",
        Control(
            "up",
            "choice",
            options=names_of("upsampling"),
            tooltip="what goes up a step: a transposed convolution; a resize (nearest, linear) and "
            "a convolution; or a convolution whose channels become pixels",
        ),
    ),
    DesignField(
        "skips",
        Control(
            "skips",
            "choice",
            options=names_of("skips"),
            tooltip="whether the decoder is given what the encoder had just before each step down",
        ),
    ),
    DesignField(
        "block",
        Control(
            "block",
            "choice",
            options=names_of("block"),
            tooltip="of the convolutions of a stage: plain, or residual: what went in is added",
        ),
    ),
    DesignField(
        "start_channels",
        Control("channels", "slider", 1, 128, tooltip="channels of the first stage"),
        used=either(
            when("channels", "exponential", "constant"), when("decoder_channels", "constant")
        ),
    ),
    DesignField(
        "channels",
        Control(
            "channel law",
            "choice",
            options=(*LAWS, BY_HAND),
            tooltip="how channels grow from stage to stage",
        ),
    ),
    DesignField(
        "kernel_size", Control("kernel", "axes", 1, 15, tooltip="kernel_size of every convolution")
    ),
    DesignField(
        "stride",
        Control("stride", "axes", 1, 6, tooltip="stride of the first convolution of a stage"),
    ),
    DesignField(
        "padding",
        Control(
            "padding",
            "text",
            options=("same", "valid", "0", "1", "2", "3"),
            tooltip="same, valid, a number, or one per axis: 1, 2",
        ),
    ),
    DesignField(
        "dilation", Control("dilation", "axes", 1, 6, tooltip="spacing of the kernel's elements")
    ),
    DesignField(
        "norm",
        Control("norm", "choice", options=names_of("norm"), tooltip="after each convolution"),
    ),
    DesignField(
        "activation",
        Control(
            "activation",
            "choice",
            options=ACTIVATIONS,
            tooltip="after each convolution but the last",
        ),
    ),
    DesignField(
        "convs_per_stage",
        Control(
            "convs a stage",
            "slider",
            1,
            4,
            folded=True,
            tooltip="convolutions in each stage; those after the first have stride 1",
        ),
    ),
    DesignField(
        "convolution",
        Control(
            "convolution",
            "choice",
            options=names_of("convolution"),
            folded=True,
            tooltip="plain, or separable: each channel by itself, then a mixture",
        ),
    ),
    DesignField(
        "attention",
        Control(
            "attention",
            "choice",
            options=names_of("attention"),
            folded=True,
            tooltip="a gate behind the convolutions of each stage: of channels, or of places",
        ),
    ),
    DesignField(
        "bottleneck",
        Control(
            "bottleneck",
            "checkbox",
            folded=True,
            tooltip="a further stage behind the last step down",
        ),
    ),
    DesignField(
        "skip_align",
        Control(
            "align skips",
            "choice",
            options=names_of("skip_align"),
            folded=True,
            tooltip="how a skip comes to the decoder's size: none (the decoder aims at it), crop, "
            "pad, interpolate",
        ),
        used=unless("skips", "none"),
    ),
    DesignField(
        "channel_ratio",
        Control(
            "channel ratio",
            "float",
            0,
            100,
            step=0.1,
            folded=True,
            tooltip="factor of the law exponential, exponent of power",
        ),
        used=either(when("channels", *GROWING), when("decoder_channels", *GROWING)),
    ),
    DesignField(
        "max_channels",
        Control("most channels", "slider", 1, 1024, folded=True, tooltip="where growth stops"),
        used=either(when("channels", *GROWING), when("decoder_channels", "power")),
    ),
    DesignField(
        "decoder_depth",
        Control(
            "decoder depth",
            "text",
            options=("None", "1", "2", "3", "4", "5", "6"),
            folded=True,
            tooltip="None is the encoder's",
        ),
    ),
    DesignField(
        "decoder_channels",
        Control(
            "decoder law",
            "text",
            options=("mirror", *LAWS),
            folded=True,
            tooltip="mirror, a law, or one number per stage but the last",
        ),
    ),
    DesignField(
        "decoder_kernel_size",
        Control(
            "decoder kernel",
            "text",
            options=("auto", "2", "3", "4", "5", "6"),
            folded=True,
            tooltip="auto is the kernel rounded up to a multiple of the stride",
        ),
        used=when("upsampling", "transpose"),
    ),
    DesignField(
        "decoder_stride",
        Control(
            "decoder stride",
            "text",
            options=("None", "1", "2", "3"),
            folded=True,
            tooltip="None is the encoder's",
        ),
    ),
    DesignField(
        "decoder_padding",
        Control(
            "decoder padding",
            "text",
            options=("None", "same", "valid", "0", "1", "2"),
            folded=True,
            tooltip="None is what restores the encoder's size",
        ),
        used=when("upsampling", "transpose"),
    ),
    DesignField(
        "decoder_dilation",
        Control(
            "decoder dilation",
            "text",
            options=("None", "1", "2"),
            folded=True,
            tooltip="None is the encoder's",
        ),
        used=when("upsampling", "transpose"),
    ),
    DesignField(
        "output_padding",
        Control(
            "output_padding",
            "text",
            options=("mirror", "0", "1"),
            folded=True,
            tooltip="mirror picks what restores the size that the encoder had there",
        ),
        used=when("upsampling", "transpose"),
    ),
    DesignField(
        "dropout_p",
        Control(
            "dropout p",
            "float",
            0,
            1,
            step=0.1,
            folded=True,
            tooltip='how likely norm="dropout" drops a channel',
        ),
        used=when("norm", "dropout"),
    ),
    DesignField(
        "final_norm",
        Control(
            "norm at the end",
            "checkbox",
            folded=True,
            tooltip="whether the last convolution has a norm, too",
        ),
        used=unless("norm", "none"),
    ),
    DesignField(
        "final_activation",
        Control(
            "last activation",
            "choice",
            options=("none", *ACTIVATIONS),
            folded=True,
            tooltip="after the last convolution",
        ),
    ),
    DesignField(
        "final_resize",
        Control(
            "final resize",
            "choice",
            options=("none", *(mode for mode in names_of("final_resize") if mode != "none")),
            folded=True,
            tooltip="what brings the output to its size where the decoder ends elsewhere",
        ),
    ),
    DesignField(
        "output_size",
        Control(
            "output size", "text", options=("None",), folded=True, tooltip="None is the input's"
        ),
    ),
    DesignField(
        "latent_shape",
        Control(
            "latent shape",
            "text",
            options=("None", "64", "256"),
            folded=True,
            tooltip="None, or a shape as 8, 4, 4: a fully connected block in the middle",
        ),
    ),
    DesignField(
        "latent_layers",
        Control(
            "latent layers",
            "slider",
            1,
            4,
            folded=True,
            tooltip="linear layers on either side of the latent shape",
        ),
        used=unless("latent_shape", None),
    ),
    DesignField(
        "latent_activation",
        Control(
            "latent activation",
            "choice",
            options=("none", *ACTIVATIONS),
            folded=True,
            tooltip="after each of these linear layers",
        ),
        used=unless("latent_shape", None),
    ),
    DesignField(
        "init",
        Control(
            "initial weights",
            "choice",
            options=names_of("init"),
            folded=True,
            tooltip="how weights begin",
        ),
    ),
    DesignField(
        "overrides",
        Control(
            "overrides",
            "text",
            folded=True,
            tooltip="changes of single layers by name, as a dict of dicts",
            placeholder=OVERRIDDEN,
        ),
    ),
    DesignField(
        "names",
        Control(
            "module names",
            "choice",
            options=("stages", "torchcnnbuilder"),
            folded=True,
            tooltip="how modules are called in the state dict",
        ),
    ),
)
