"""Designs that show every feature once, for golden files and for looking at."""

import cnnwidget as cw
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Network, Sequence, Skip

DEFAULT = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)


def conv(channels, kernel_size=3, stride=1):
    """A convolution that keeps the size, with norm and activation."""
    return {
        "conv": Conv(
            out_channels=channels, kernel_size=kernel_size, stride=stride, padding=kernel_size // 2
        ),
        "norm": Norm(kind="batch"),
        "act": Activation(name="relu"),
    }


def unet(size=(64, 96), levels=3, start=16, align="crop"):
    """A U-Net by hand: two convolutions a level, and what is put aside before each pooling."""
    twice = {f"{key}{n}": layer for n in (1, 2) for key, layer in conv(1).items()}

    def double(channels):
        return {
            key: layer.replace(out_channels=channels) if "conv" in key else layer
            for key, layer in twice.items()
        }

    pool = Conv(out_channels=1, kernel_size=2, stride=2)
    widths = [start * 2**level for level in range(levels + 1)]
    down = {
        f"stage{level}": Sequence(
            children=double(width)
            | {"keep": Keep(name=f"skip{level}"), "down": pool.replace(out_channels=width)}
        )
        for level, width in enumerate(widths[:-1], start=1)
    }
    up = {
        f"stage{number}": Sequence(
            children={
                "up": ConvTranspose(out_channels=width, kernel_size=2, stride=2),
                "merge": Merge(name=f"skip{levels + 1 - number}", how="concat", align=align),
            }
            | double(width)
        )
        for number, width in enumerate(reversed(widths[:-1]), start=1)
    }
    return Network(
        input_shape=(1, *size),
        children={
            "encoder": Sequence(children=down, part="encoder"),
            "bottom": Sequence(children=double(widths[-1]), part="bottleneck"),
            "decoder": Sequence(
                children=up | {"head": Conv(out_channels=2, kernel_size=1)}, part="decoder"
            ),
        },
        init="kaiming_normal",
    )


def residual_block(channels, stride=1):
    """Two convolutions beside the input, which is projected where the stride needs it."""
    children = {f"{key}{n}": layer for n in (1, 2) for key, layer in conv(channels).items()}
    del children["act2"]
    projection = "auto"
    if stride > 1:
        children["conv1"] = children["conv1"].replace(stride=stride)
        projection = Conv(out_channels=channels, kernel_size=1, stride=stride, bias=False)
    inner = Skip(children=children, how="add", projection=projection)
    return Sequence(children={"skip": inner, "act": Activation(name="relu")})


def resnet(blocks=(1, 2, 2), size=(32, 32)):
    """Stages of residual blocks; in the second the projection is worked out."""
    stages = {}
    for number, count in enumerate(blocks):
        first = residual_block(16 * 2 ** min(number, 2), stride=2 if number > 1 else 1)
        rest = [residual_block(16 * 2 ** min(number, 2)) for _ in range(count - 1)]
        named = {f"block{position}": block for position, block in enumerate([first, *rest], 1)}
        stages[f"stage{number + 1}"] = Sequence(children=named)
    return Network(
        input_shape=(3, *size),
        children={
            "stem": Sequence(children=conv(16, 7, 2)),
            **stages,
            "pool": Resize(size=(1,) * len(size), mode="adaptive_avg"),
            "flatten": Flatten(),
            "head": Linear(out_features=10),
        },
    )


def inception_block(*widths):
    """Four branches, whose channels come one after the other."""
    narrow, before3, after3, before5, after5, last = widths
    return Branches(
        children={
            "narrow": Sequence(children=conv(narrow, 1)),
            "three": Sequence(children={"reduce": squeezed(before3), "conv": wide(after3, 3)}),
            "five": Sequence(children={"reduce": squeezed(before5), "conv": wide(after5, 5)}),
            "pool": Sequence(children={"smooth": wide(4, 3), "project": squeezed(last)}),
        }
    )


def squeezed(channels):
    return Sequence(children=conv(channels, 1))


def wide(channels, kernel_size):
    return Sequence(children=conv(channels, kernel_size))


def inception(blocks=2, size=(28, 28)):
    """Inception blocks with an auxiliary head after each but the last."""
    children = {"stem": Sequence(children=conv(16, 3, 2))}
    for number in range(1, blocks + 1):
        children[f"inception{number}"] = inception_block(8, 6, 8 * number, 2, 4, 4)
        if number < blocks:
            head = {"flatten": Flatten(), "fc": Linear(out_features=10)}
            children[f"aux{number}"] = Aux(name=f"aux{number}", children=head, weight=0.3)
    children["pool"] = Resize(size=(1,) * len(size), mode="adaptive_max")
    return Network(
        input_shape=(3, *size),
        children=children | {"flatten": Flatten(), "head": Linear(out_features=10)},
    )


GATE = Network(
    input_shape=(2, 40),
    children={
        "conv 1": Conv(out_channels=8, kernel_size=3, padding=1),
        "gate": Skip(
            children=[
                Resize(size=(1,), mode="adaptive_avg"),
                Conv(out_channels=2, kernel_size=1),
                Activation(name="silu"),
                Conv(out_channels=8, kernel_size=1),
                Activation(name="sigmoid"),
            ],
            how="multiply",
        ),
        "keep": Keep(name="aside"),
        "down": Conv(out_channels=8, kernel_size=3, stride=2),
        "merge": Merge(name="aside", how="add", align="interpolate"),
    },
    init="dcgan",
)

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
        skips="none",
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
            "features": cw.layers.Sequence(
                children={
                    "conv 1": cw.layers.Conv(out_channels=8, kernel_size=5, stride=2, bias=False),
                    "up": cw.layers.ConvTranspose(
                        out_channels=6, kernel_size=(2, 3), dilation=2, groups=2, bias=False
                    ),
                    "norm<1>": cw.layers.Norm(kind="batch"),
                    "class": cw.layers.Activation(name="relu"),
                }
            ),
            "head": cw.layers.Sequence(
                children=[cw.layers.Flatten(), cw.layers.Linear(out_features=10)]
            ),
        },
    ),
    "unet": unet(),
    "residual": resnet(),
    "inception": inception(),
    "gate": GATE,
    "broken_join": unet(size=(66, 96), align="none"),
}

WORKING = {name: design for name, design in SAMPLES.items() if not name.startswith("broken")}


def network_of(*children, shape=(3, 32, 32)):
    """A network of some layers."""
    return Network(input_shape=shape, children=list(children))


def cautions_of(design, kind):
    """The cautions of one kind that a design has."""
    return [caution for caution in cw.plan(design).cautions if caution.kind == kind]


# Tables as HTML: a usual one, one with a problem, names to escape, and a caution with its mend.
PAGES = ("default", "broken", "by_hand", "unet")
