"""Random leaf layers: any settings for a number of axes, mostly such that PyTorch takes them."""

from functools import cache
from math import prod

from hypothesis import strategies as st

from cnnwidget.design.layers.activation import TORCH_ACTIVATION, Activation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample

activations = st.sampled_from(sorted(TORCH_ACTIVATION))
# Numbers with many divisors come often: groups, pixel shuffles and sums then fit.
counts = st.sampled_from([1, 2, 3, 4, 4, 5, 6, 8, 8, 12])


def per_axis(numbers, axes):
    """One number, or one per axis."""
    return st.one_of(numbers, st.tuples(*[numbers] * axes))


def sizes(axes, most):
    """A size with one number per axis."""
    return st.tuples(*[st.integers(1, most)] * axes)


@cache
def fields_of(axes):
    """Layers whose settings have one number per axis, by the name of their class."""
    numbers = lambda least, most: per_axis(st.integers(least, most), axes)  # noqa: E731
    words = st.sampled_from(["same", "same", "valid"])
    convolution = {
        "out_channels": counts,
        "kernel_size": numbers(1, 5),
        "stride": numbers(1, 3),
        "dilation": per_axis(st.sampled_from([1, 1, 1, 2, 3]), axes),
        "groups": st.sampled_from([1, 1, 1, 1, 2, 3, 4]),
        "bias": st.booleans(),
    }
    window = {
        "kernel_size": numbers(1, 4),
        "stride": st.one_of(st.none(), numbers(1, 3)),
        "ceil_mode": st.booleans(),
    }
    margin = st.one_of(st.just(0), numbers(0, 2))
    modes = ["adaptive_avg", "adaptive_max", "interpolate", "nearest", "crop", "pad"]
    return {
        "Conv": st.builds(
            Conv,
            padding=st.one_of(words, numbers(0, 3)),
            padding_mode=st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"]),
            **convolution,
        ),
        "ConvTranspose": st.builds(
            ConvTranspose,
            padding=st.one_of(words, numbers(0, 3)),
            output_padding=st.one_of(st.just(0), numbers(0, 2)),
            **convolution,
        ),
        "Pool": st.one_of(
            st.builds(Pool, kind=st.just("max"), padding=margin, dilation=numbers(1, 2), **window),
            st.builds(
                Pool,
                kind=st.just("avg"),
                padding=margin,
                count_include_pad=st.booleans(),
                **window,
            ),
            st.builds(
                Pool, kind=st.just("lp"), norm_type=st.sampled_from([1.0, 2.0, 3.5]), **window
            ),
        ),
        "Resize": st.builds(
            Resize, size=sizes(axes, {1: 20, 2: 9, 3: 5}[axes]), mode=st.sampled_from(modes)
        ),
        "Upsample": st.builds(
            Upsample, scale_factor=numbers(1, 3), mode=st.sampled_from(["nearest", "linear"])
        ),
        "PixelShuffle": st.builds(PixelShuffle, upscale_factor=numbers(1, 3)),
        "PixelUnshuffle": st.builds(PixelUnshuffle, downscale_factor=numbers(1, 3)),
    }


# Settings of activations, here and there.
bent = {
    "leaky_relu": {"negative_slope": 0.2},
    "prelu": {"num_parameters": 4, "init": 0.1},
    "elu": {"alpha": 0.5},
    "gelu": {"approximate": "tanh"},
    "softplus": {"beta": 2.0, "threshold": 10.0},
    "hardtanh": {"min_val": -2.0, "max_val": 0.5},
    "threshold": {"threshold": 0.1, "value": -1.0},
}
means = st.sampled_from([0.0, -1.5, (0.25,), (0.5, 0.25, 0.125), (1.0, 2.0, 3.0, 4.0)])
deviations = st.sampled_from([1.0, 0.225, (2.0,), (0.5, 1.0, 1.5)])
dims = st.sampled_from([1, 1, 2, 3, -1, -2])

ANYWHERE = {
    "Norm": st.one_of(
        st.builds(
            Norm,
            kind=st.sampled_from(["batch", "instance", "layer"]),
            affine=st.booleans(),
            eps=st.sampled_from([1e-5, 1e-3]),
        ),
        st.builds(Norm, kind=st.just("batch"), momentum=st.sampled_from([None, 0.0, 0.5])),
        st.builds(
            Norm,
            kind=st.sampled_from(["batch", "instance"]),
            track_running_stats=st.booleans(),
            affine=st.booleans(),
        ),
        st.builds(Norm, kind=st.just("group"), groups=counts, affine=st.booleans()),
    ),
    "Activation": st.one_of(
        st.builds(Activation, name=activations),
        st.sampled_from(sorted(bent)).map(lambda name: Activation(name=name, settings=bent[name])),
    ),
    "Dropout": st.builds(
        Dropout, p=st.sampled_from([0.0, 0.3, 1.0]), kind=st.sampled_from(["channels", "values"])
    ),
    "GlobalPool": st.builds(GlobalPool, kind=st.sampled_from(["avg", "max"])),
    "Linear": st.builds(Linear, out_features=counts, bias=st.booleans()),
    "Flatten": st.one_of(st.just(Flatten()), st.builds(Flatten, start_dim=dims, end_dim=dims)),
    "Normalize": st.tuples(means, deviations)
    .filter(lambda pair: len({len(n) for n in pair if isinstance(n, tuple)} - {1}) < 2)
    .map(lambda pair: Normalize(mean=pair[0], std=pair[1])),
}
OFTEN = ("Conv", "Conv", "ConvTranspose", "Pool", "Norm", "Activation")


@cache
def kinds(axes):
    """The names of all layers, those that a network is mostly made of more often."""
    known = (*fields_of(axes), *ANYWHERE, "Unflatten")
    return st.sampled_from([*known, *OFTEN])


@st.composite
def leaf_layers(draw, shape=None):
    """A leaf for an input of this shape, sometimes one for other shapes; or, without it, any."""
    axes = len(shape) - 1 if shape else draw(st.integers(1, 3))
    if not 1 <= axes <= 3 or draw(st.integers(1, 30)) == 30:
        axes = draw(st.integers(1, 3))
    kind = draw(kinds(axes))
    if kind == "Unflatten":
        dim = draw(st.sampled_from([1, 1, 1, 2, -1]))
        place = min(dim - 1 if dim > 0 else len(shape or ()) + dim, len(shape or ()) - 1)
        return Unflatten(shape=draw(foldings(shape[place] if shape else draw(counts))), dim=dim)
    return draw(fields_of(axes)[kind] if kind in fields_of(axes) else ANYWHERE[kind])


@st.composite
def foldings(draw, values):
    """A shape of so many values, now and then of others; of one to four numbers."""
    folded = []
    for _ in range(draw(st.integers(0, 3))):
        left = values // prod(folded)
        folded.append(
            draw(st.sampled_from([n for n in range(1, min(left, 12) + 1) if left % n == 0]))
        )
    folded.append(values // prod(folded))
    return (*folded[:-1], folded[-1] + (draw(st.integers(1, 12)) == 12))
