"""Random designs: mostly legal, often at the edge, small enough to run."""

from math import prod

from hypothesis import assume
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.channels import ChannelLaw
from cnnwidget.design.layers import TORCH_ACTIVATION
from cnnwidget.design.plan import plan_of

LARGEST = {1: 60, 2: 24, 3: 9}
# No tensor of an example is larger than this: the judge runs on a CPU.
MOST_VALUES = 300_000

activations = st.sampled_from(sorted(TORCH_ACTIVATION))
laws = st.sampled_from(sorted(ChannelLaw.__args__))


def per_axis(numbers, axes):
    """One number, or one per axis."""
    return st.one_of(numbers, st.tuples(*[numbers] * axes))


@st.composite
def encoder_decoders(draw):
    """An encoder-decoder in one to three dimensions; PyTorch may refuse it."""
    axes = draw(st.integers(1, 3))
    kernel = per_axis(st.integers(1, 5), axes)
    stride = per_axis(st.integers(1, 3), axes)
    dilation = per_axis(st.sampled_from([1, 1, 1, 2, 3]), axes)
    padding = st.one_of(st.sampled_from(["same", "valid"]), per_axis(st.integers(0, 3), axes))
    depth = draw(st.integers(1, 4))
    decoder_depth = draw(st.one_of(st.none(), st.integers(1, 4)))
    channels = st.integers(1, 6)
    hidden = (decoder_depth or depth) - 1
    optional = {
        "output_size": st.tuples(*[st.integers(1, LARGEST[axes])] * axes),
        "channels": st.one_of(laws, st.tuples(*[channels] * depth)),
        "decoder_channels": st.one_of(laws, st.just("mirror"), st.tuples(*[channels] * hidden)),
        "channel_ratio": st.sampled_from([1.0, 1.5, 2.0]),
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": st.one_of(st.just("mirror"), per_axis(st.integers(0, 2), axes)),
        "decoder_kernel_size": st.one_of(st.just("auto"), kernel),
        "decoder_stride": stride,
        "decoder_padding": padding,
        "decoder_dilation": dilation,
        "convs_per_stage": st.integers(1, 2),
        "norm": st.sampled_from(["none", "batch", "instance", "dropout"]),
        "dropout_p": st.sampled_from([0.0, 0.2, 0.5, 1.0]),
        "final_norm": st.booleans(),
        "activation": activations,
        "final_activation": st.one_of(st.just("none"), activations),
        "final_resize": st.sampled_from(["none", "interpolate", "adaptive_avg", "adaptive_max"]),
        "latent_shape": st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple),
        "latent_layers": st.integers(1, 3),
        "latent_activation": st.one_of(st.just("none"), activations),
        "names": st.sampled_from(["stages", "torchcnnbuilder"]),
    }
    chosen = draw(st.fixed_dictionaries({}, optional=optional))
    design = cw.EncoderDecoder(
        input_size=draw(st.tuples(*[st.integers(1, LARGEST[axes])] * axes)),
        in_channels=draw(st.integers(1, 5)),
        out_channels=draw(st.integers(1, 5)),
        depth=depth,
        decoder_depth=decoder_depth,
        start_channels=draw(channels),
        max_channels=12,
        **chosen,
    )
    assume(small(design))
    return design


@st.composite
def leaf_layers(draw):
    """Any leaf with any settings, of any number of axes."""
    axes = draw(st.integers(1, 3))
    numbers = lambda least, most: per_axis(st.integers(least, most), axes)  # noqa: E731
    count = st.integers(1, 6)
    kernels = {
        "out_channels": count,
        "kernel_size": numbers(1, 5),
        "stride": numbers(1, 3),
        "dilation": numbers(1, 3),
        "groups": st.sampled_from([1, 1, 1, 2, 3]),
        "bias": st.booleans(),
    }
    words = st.sampled_from(["same", "valid"])
    size = st.tuples(*[st.integers(1, 8)] * axes)
    return draw(
        st.one_of(
            st.builds(cw.Conv, padding=st.one_of(words, numbers(0, 3)), **kernels),
            st.builds(
                cw.ConvTranspose, padding=numbers(0, 3), output_padding=numbers(0, 3), **kernels
            ),
            st.builds(cw.Norm, kind=st.sampled_from(["batch", "instance"])),
            st.builds(cw.Activation, name=activations),
            st.builds(cw.Dropout, p=st.sampled_from([0.0, 0.3, 1.0])),
            st.builds(cw.Linear, out_features=count, bias=st.booleans()),
            st.just(cw.Flatten()),
            st.builds(cw.Unflatten, shape=st.lists(count, min_size=1, max_size=4)),
            st.builds(
                cw.Resize,
                size=size,
                mode=st.sampled_from(["adaptive_avg", "adaptive_max", "interpolate"]),
            ),
        )
    )


@st.composite
def networks(draw):
    """A few leaves by hand, partly in sequences of their own; PyTorch may refuse them."""
    axes = draw(st.integers(0, 3))
    size = draw(st.tuples(*[st.integers(1, LARGEST[axes])] * axes)) if axes else ()
    leaves = draw(st.lists(leaf_layers(), min_size=1, max_size=5))
    cut = draw(st.integers(0, len(leaves)))
    names = st.sampled_from(["body", "a b", "0", 'quo"te', "it's", "\\", "ﬁ", "<b>", "class"])
    children = [(str(number), leaf) for number, leaf in enumerate(leaves[cut:], start=1)]
    if cut:
        children.insert(0, (draw(names), cw.Sequence(children=leaves[:cut])))
    network = cw.Network(input_shape=(draw(st.integers(1, 6)), *size), children=children)
    assume(small(network))
    return network


def small(design):
    """Whether all tensors of a design fit a test."""
    shapes = [row.output_shape or (1,) for row in plan_of(design).rows]
    weights = max((row.params for row in plan_of(design).rows), default=0)
    return max(map(prod, shapes), default=0) <= MOST_VALUES and weights <= MOST_VALUES
