"""`forecaster_base`: the forecaster of TorchCNNBuilder 0.1.5 as a design.

Source: https://github.com/ITMO-NSS-team/torch-cnn-builder, `ForecasterBase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.layers.activation import ActivationName
from cnnwidget.design.value import closest, shortened

NORMS: dict[str | None, Literal["none", "batch", "instance", "dropout"]] = {
    None: "none",
    "batchnorm": "batch",
    "instancenorm": "instance",
    "dropout": "dropout",
}
# TorchCNNBuilder's defaults for every convolution, transposed or not.
CONV_DEFAULTS = {"kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1}


def forecaster_base(
    input_size: tuple[int, ...],
    *,
    in_time_points: int,
    out_time_points: int,
    n_layers: int,
    conv_dim: Literal[1, 2, 3] = 2,
    n_transpose_layers: int | None = None,
    convolve_params: Mapping[str, PerAxis] | None = None,
    transpose_convolve_params: Mapping[str, PerAxis] | None = None,
    activation_function: ActivationName = "relu",
    finish_activation_function: ActivationName | Literal["same"] | None = None,
    normalization: Literal["batchnorm", "instancenorm", "dropout"] | None = None,
    latent_shape: tuple[int, ...] | None = None,
    latent_n_layers: int = 1,
    latent_activation_function: ActivationName | Literal["same"] | None = None,
) -> EncoderDecoder:
    """Return the network of TorchCNNBuilder's `ForecasterBase`: same parameters and module names.

    State dicts load from one into the other. Activations are given by name, and every layer has its
    own module. With `conv_dim=3` time is the first spatial axis and there is one channel. Only a
    PReLU after the linear layers of a latent block has a second entry in TorchCNNBuilder's state
    dict: load that with `strict=False`.

    Args:
        input_size: pixels per axis of one frame: (length,) for `conv_dim=1`, else (height, width).
        in_time_points: time steps of the input.
        out_time_points: time steps of the output.
        n_layers: convolutions in the encoder.
        conv_dim: axes of the convolutions.
        n_transpose_layers: transposed convolutions in the decoder; None is `n_layers`.
        convolve_params: kernel_size, stride, padding and dilation of the convolutions, by default
            3, 1, 0 and 1.
        transpose_convolve_params: the same for the transposed ones, and output_padding (0).
        activation_function: after every convolution but the last.
        finish_activation_function: after the last one; `same` is `activation_function`.
        normalization: after every convolution, including the last one.
        latent_shape: of the latent block; None leaves the block out.
        latent_n_layers: its linear layers, on each side.
        latent_activation_function: after each of these; `same` is `activation_function`.

    Raises:
        DesignError: if a setting is unknown or its value is not possible.

    Example:
        >>> design = forecaster_base((125, 125), in_time_points=104, out_time_points=52, n_layers=5)
        >>> design.depth, design.channels, design.final_resize
        (5, 'proportion', 'adaptive_avg')
    """
    check_params("convolve_params", convolve_params, tuple(CONV_DEFAULTS))
    check_params(
        "transpose_convolve_params", transpose_convolve_params, (*CONV_DEFAULTS, "output_padding")
    )
    if not isinstance(normalization, str | None) or normalization not in NORMS:
        raise DesignError(
            f"forecaster_base: normalization is {shortened(normalization)}, but must be one of "
            "batchnorm, instancenorm, dropout, or None."
        )
    if conv_dim not in (1, 2, 3):
        raise DesignError(f"forecaster_base: conv_dim is {conv_dim!r}, but must be 1, 2 or 3.")
    frame_axes = min(conv_dim, 2)
    if not isinstance(input_size, tuple | list) or len(input_size) != frame_axes:
        raise DesignError(
            f"forecaster_base: input_size is {shortened(input_size)}, but must be a tuple of "
            f"{frame_axes} for conv_dim={conv_dim}, time not counted."
        )
    conv = CONV_DEFAULTS | dict(convolve_params or {})
    transposed = CONV_DEFAULTS | {"output_padding": 0} | dict(transpose_convolve_params or {})
    volume = conv_dim == 3
    law: Literal["power", "proportion"] = "power" if volume else "proportion"

    def name_of(
        activation: ActivationName | Literal["same"] | None,
    ) -> ActivationName | Literal["none"]:
        if activation == "same":
            return activation_function
        return activation or "none"

    try:
        return EncoderDecoder(
            input_size=(in_time_points, *input_size) if volume else tuple(input_size),
            output_size=(out_time_points, *input_size) if volume else None,
            in_channels=1 if volume else in_time_points,
            out_channels=1 if volume else out_time_points,
            depth=n_layers,
            decoder_depth=n_transpose_layers,
            channels=law,
            decoder_channels=law,
            kernel_size=conv["kernel_size"],
            stride=conv["stride"],
            padding=conv["padding"],
            dilation=conv["dilation"],
            output_padding=transposed["output_padding"],
            decoder_kernel_size=transposed["kernel_size"],
            decoder_stride=transposed["stride"],
            decoder_padding=transposed["padding"],
            decoder_dilation=transposed["dilation"],
            skips="none",
            convs_per_stage=1,
            norm=NORMS[normalization],
            final_norm=True,
            activation=activation_function,
            final_activation=name_of(finish_activation_function),
            final_resize="adaptive_avg",
            latent_shape=latent_shape,
            latent_layers=latent_n_layers,
            latent_activation=name_of(latent_activation_function),
            names="torchcnnbuilder",
        )
    except DesignError as error:
        raise DesignError(with_argument_names(str(error))) from None


def check_params(name: str, params: object, known: tuple[str, ...]) -> None:
    """Refuse parameters that are not a dict of known settings, or None."""
    if not isinstance(params, Mapping | None):
        raise DesignError(f"forecaster_base: {name} is {shortened(params)}, but must be a dict.")
    for key in params or ():
        if key not in known:
            raise DesignError(
                f"forecaster_base: {name} has no {shortened(key)}{closest(str(key), known)}; "
                f"it knows {', '.join(known)}."
            )


# TorchCNNBuilder's argument for each field of the design.
ARGUMENT = {
    "in_channels": "in_time_points",
    "out_channels": "out_time_points",
    "depth": "n_layers",
    "decoder_depth": "n_transpose_layers",
    "kernel_size": "convolve_params kernel_size",
    "stride": "convolve_params stride",
    "padding": "convolve_params padding",
    "dilation": "convolve_params dilation",
    "output_padding": "transpose_convolve_params output_padding",
    "decoder_kernel_size": "transpose_convolve_params kernel_size",
    "decoder_stride": "transpose_convolve_params stride",
    "decoder_padding": "transpose_convolve_params padding",
    "decoder_dilation": "transpose_convolve_params dilation",
    "activation": "activation_function",
    "final_activation": "finish_activation_function",
    "latent_layers": "latent_n_layers",
    "latent_activation": "latent_activation_function",
}


def with_argument_names(sentence: str) -> str:
    """Return the message of a refused field with the argument's name in its place."""
    _, field, rest = sentence.split(" ", maxsplit=2)
    return f"forecaster_base: {ARGUMENT.get(field, field)} {rest}"
