"""Which control stands for which field of a design: one table."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from cnnwidget.design.channels import ChannelLaw
from cnnwidget.design.layers import ActivationName, ResizeMode

LAWS = get_args(ChannelLaw)
ACTIVATIONS = get_args(ActivationName)
BY_HAND = "by hand"
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
# An axis has this many sliders at most; those that are not needed are hidden, never rebuilt.
MOST_AXES = 3

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
    """

    field: str
    label: str
    kind: Kind
    low: int = 1
    high: int = 8
    options: tuple[str, ...] = ()
    folded: bool = False
    hint: str = ""


TABLE = (
    Control("input_size", "input", "axes", 1, 256, hint="pixels of the input along each axis"),
    Control("depth", "depth", "slider", 1, 8, hint="stages of the encoder"),
    Control("start_channels", "channels", "slider", 1, 128, hint="channels of the first stage"),
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
        options=("none", "batch", "instance", "dropout"),
        hint="after each convolution",
    ),
    Control("activation", "activation", "choice", options=ACTIVATIONS),
    Control("convs_per_stage", "convs a stage", "slider", 1, 4, folded=True),
    Control(
        "channel_ratio",
        "channel ratio",
        "float",
        folded=True,
        hint="factor of the law exponential, exponent of power",
    ),
    Control(
        "max_channels", "most channels", "slider", 1, 1024, folded=True, hint="where growth stops"
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
    ),
    Control(
        "decoder_dilation",
        "decoder dilation",
        "text",
        options=("None", "1", "2"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "output_padding",
        "output_padding",
        "text",
        options=("mirror", "0", "1"),
        folded=True,
        hint="mirror picks what restores the size that the encoder had there",
    ),
    Control("dropout_p", "dropout p", "float", folded=True, hint='with norm="dropout"'),
    Control("final_norm", "norm at the end", "box", folded=True),
    Control(
        "final_activation", "last activation", "choice", options=("none", *ACTIVATIONS), folded=True
    ),
    Control(
        "final_resize",
        "final resize",
        "choice",
        options=("none", *get_args(ResizeMode)),
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
    Control("latent_layers", "latent layers", "slider", 1, 4, folded=True),
    Control(
        "latent_activation",
        "latent activation",
        "choice",
        options=("none", *ACTIVATIONS),
        folded=True,
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
