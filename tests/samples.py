"""Designs that show every feature once, for golden files and for looking at."""

import cnnwidget as cw

DEFAULT = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)

SAMPLES = {
    "default": DEFAULT,
    "seed": cw.forecaster_base((125, 125), in_time_points=104, out_time_points=52, n_layers=5),
    "odd_rectangle": DEFAULT.replace(input_size=(65, 46), depth=2, activation="prelu"),
    "signal": cw.EncoderDecoder(
        input_size=(1000,), in_channels=2, out_channels=2, stride=4, kernel_size=8, norm="none"
    ),
    "volume": cw.EncoderDecoder(
        input_size=(8, 20, 30),
        in_channels=1,
        out_channels=1,
        depth=2,
        start_channels=8,
        stride=(1, 2, 2),
        norm="instance",
        names="torchcnnbuilder",
    ),
    "latent": DEFAULT.replace(
        depth=2, latent_shape=(64,), latent_layers=2, latent_activation="silu", norm="dropout"
    ),
    "cautions": DEFAULT.replace(
        decoder_depth=2,
        decoder_kernel_size=3,
        final_resize="adaptive_avg",
        final_activation="sigmoid",
    ),
    "broken": DEFAULT.replace(padding="valid", kernel_size=5, depth=5, convs_per_stage=1),
    "broken_decoder": DEFAULT.replace(output_padding=2),
    "by_hand": cw.Network(
        input_shape=(1, 28, 28),
        children={
            "features": cw.Sequence(
                children={
                    "conv 1": cw.Conv(out_channels=8, kernel_size=5, stride=2, bias=False),
                    "up": cw.ConvTranspose(
                        out_channels=6, kernel_size=(2, 3), dilation=2, groups=2, bias=False
                    ),
                    "norm<1>": cw.Norm(kind="batch"),
                    "class": cw.Activation(name="relu"),
                }
            ),
            "head": cw.Sequence(children=[cw.Flatten(), cw.Linear(out_features=10)]),
        },
    ),
}

WORKING = {name: design for name, design in SAMPLES.items() if not name.startswith("broken")}
