"""Random designs: mostly legal, often at the edge, sometimes wrong, small enough to run.

networks          trees of all layers and combinators, 1-D to 3-D; PyTorch refuses about a fifth
small_networks    the same, but all of them build, and with fewer values: for judges that are slow
encoder_decoders  and classifiers and generators: what sliders can say; PyTorch refuses some
designs           any of these
"""

from math import prod

from hypothesis import assume
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.families.channels import ChannelLaw
from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.layer import Misfit
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Network, Sequence, Skip, nodes
from cnnwidget.design.planning.plan import plan_of
from tests.leaves import activations, leaf_layers, per_axis, sizes

LARGEST = {1: 60, 2: 24, 3: 9}
SMALLER = {1: 24, 2: 10, 3: 6}
# No tensor of an example is larger than this: the judge runs on a CPU.
MOST_VALUES = 60_000

laws = st.sampled_from(sorted(ChannelLaw.__args__))
hows = st.sampled_from(["concat", "add", "multiply"])
aligns = st.sampled_from(["none", "none", "crop", "pad", "interpolate"])
inits = st.sampled_from(["pytorch", "pytorch", "kaiming_normal", "xavier_uniform", "dcgan"])
norms = st.sampled_from(["none", "batch", "instance", "group", "layer"])
parts = st.sampled_from(["", "", "", "encoder", "bottleneck", "decoder"])
odd_names = st.sampled_from(["body", "a b", "0", 'quo"te', "it's", "\\", "ﬁ", "<b>", "class", "x"])
kept_names = st.sampled_from(["a", "b", "skip 1", "it's", "<k>", "out"])
ways = [(how, align) for how in ("concat", "add", "multiply") for align in ("none", "crop", "pad")]
ways.append(("concat", "interpolate"))


@st.composite
def networks(draw, *, legal=False, largest=None):
    """A tree of leaves and combinators; `legal` ones all build, of others PyTorch refuses some."""
    axes = draw(st.sampled_from([0, 1, 1, 2, 2, 2, 3, 3]))
    shape = (draw(st.integers(1, 6)), *draw(sizes(axes, (largest or LARGEST).get(axes, 1))))
    grower = Grower(draw, legal=legal)
    children, _ = grower.children(shape, depth=3, least=1, most=9)
    network = Network(input_shape=shape, children=children, init=draw(inits))
    assert not (legal and plan_of(network).problems)
    assume(small(network))
    return network


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
    structure = draw(st.one_of(st.just(PLAIN), st.fixed_dictionaries(STRUCTURE)))
    plain = structure == PLAIN
    stages = depth + structure["bottleneck"]
    hidden = (decoder_depth or depth) - plain
    optional = {
        "output_size": sizes(axes, LARGEST[axes]),
        "channels": st.one_of(laws, st.tuples(*[channels] * stages)),
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
        "skip_align": aligns,
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
        "init": inits,
        "names": st.sampled_from(["stages", "torchcnnbuilder"] if plain else ["stages"]),
    }
    chosen = draw(st.fixed_dictionaries({}, optional=optional))
    design = cw.EncoderDecoder(
        input_size=draw(sizes(axes, LARGEST[axes])),
        in_channels=draw(st.integers(1, 5)),
        out_channels=draw(st.integers(1, 5)),
        depth=depth,
        decoder_depth=decoder_depth,
        start_channels=draw(channels),
        max_channels=12,
        **structure,
        **chosen,
    )
    assume(small(design))
    if draw(st.integers(1, 4)) == 4:
        design = design.replace(overrides=draw(overrides(design, axes)))
        assume(small(design))
    return design


# With these a decoder is its encoder's mirror image.
PLAIN = {
    "downsampling": "stride",
    "upsampling": "transpose",
    "skips": "none",
    "block": "plain",
    "convolution": "plain",
    "attention": "none",
    "bottleneck": False,
}
STRUCTURE = {
    "downsampling": st.sampled_from(["stride", "max_pool", "avg_pool"]),
    "upsampling": st.sampled_from(["transpose", "nearest", "linear", "pixel_shuffle"]),
    "skips": st.sampled_from(["none", "concat", "add"]),
    "block": st.sampled_from(["plain", "residual"]),
    "convolution": st.sampled_from(["plain", "separable"]),
    "attention": st.sampled_from(["none", "squeeze_excitation", "spatial"]),
    "bottleneck": st.booleans(),
}


@st.composite
def overrides(draw, design, axes):
    """Changes of some layers of a design, by name; now and then of one that it does not have."""
    changes = {
        Conv: {"kernel_size": per_axis(st.integers(1, 4), axes), "bias": st.booleans()},
        ConvTranspose: {"kernel_size": per_axis(st.integers(1, 4), axes), "bias": st.booleans()},
        Norm: {"kind": st.sampled_from(["batch", "instance"])},
        Activation: {"name": activations},
    }
    layers = [pair for pair in nodes(design.network().children) if type(pair[1]) in changes]
    chosen = {}
    for _ in range(draw(st.integers(1, 2)) if layers else 0):
        name, layer = draw(st.sampled_from(layers))
        field = draw(st.sampled_from(sorted(changes[type(layer)])))
        chosen.setdefault(name, {})[field] = draw(changes[type(layer)][field])
    if draw(st.integers(1, 8)) == 8:
        chosen["encoder.stage9.conv"] = {"kernel_size": 5}
    return chosen


@st.composite
def classifiers(draw):
    """A classifier in one to three dimensions; PyTorch may refuse it."""
    axes = draw(st.integers(1, 3))
    depth = draw(st.integers(1, 3))
    kernel, stride = per_axis(st.integers(1, 4), axes), per_axis(st.integers(1, 3), axes)
    channels = st.sampled_from([1, 2, 4, 8])
    optional = {
        "block": st.sampled_from(["plain", "residual", "bottleneck", "inception", "depthwise"]),
        "blocks_per_stage": st.one_of(st.integers(1, 2), st.tuples(*[st.integers(1, 2)] * depth)),
        "channels": st.one_of(laws, st.tuples(*[channels] * depth)),
        "expansion": st.integers(1, 3),
        "kernel_size": kernel,
        "padding": st.sampled_from(["same", "same", "valid"]),
        "downsampling": st.sampled_from(["stride", "max_pool", "avg_pool"]),
        "stride": stride,
        "pool_kernel_size": kernel,
        "downsample_first": st.booleans(),
        "stem_kernel_size": kernel,
        "stem_stride": stride,
        "stem_pool": st.sampled_from(["none", "max", "avg"]),
        "stem_pool_kernel_size": kernel,
        "norm": norms,
        "activation": activations,
        "bias": st.sampled_from([True, False, "auto"]),
        "aux_stages": st.lists(st.integers(1, depth), max_size=2, unique=True).map(tuple),
        "aux_weight": st.sampled_from([0.0, 0.3]),
        "head": st.sampled_from(["global_avg", "global_max", "flatten"]),
        "head_size": sizes(axes, 3),
        "hidden_features": st.lists(st.integers(1, 9), max_size=2).map(tuple),
        "dropout_p": st.sampled_from([0.0, 0.4]),
        "final_activation": st.one_of(st.just("none"), activations),
        "init": inits,
    }
    design = Classifier(
        input_size=draw(sizes(axes, LARGEST[axes])),
        in_channels=draw(st.integers(1, 4)),
        num_classes=draw(st.integers(1, 6)),
        depth=depth,
        start_channels=draw(channels),
        max_channels=8,
        stem_channels=draw(st.sampled_from([0, 2, 4, 8])),
        **draw(st.fixed_dictionaries({}, optional=optional)),
    )
    assume(small(design))
    return design


@st.composite
def generators(draw):
    """A generator in one to three dimensions; PyTorch may refuse it."""
    axes = draw(st.integers(1, 3))
    depth = draw(st.integers(1, 3))
    channels = st.sampled_from([1, 2, 4, 8])
    resizes = st.sampled_from(["none", "interpolate", "adaptive_avg", "nearest", "crop", "pad"])
    optional = {
        "start_size": sizes(axes, 4),
        "channels": st.one_of(
            st.sampled_from(["exponential", "constant"]), st.tuples(*[channels] * depth)
        ),
        "upsampling": st.sampled_from(["transpose", "nearest", "linear", "pixel_shuffle"]),
        "kernel_size": st.one_of(st.just("auto"), per_axis(st.integers(1, 5), axes)),
        "stride": per_axis(st.integers(1, 3), axes),
        "norm": norms,
        "activation": activations,
        "final_activation": st.one_of(st.just("none"), activations),
        "final_resize": resizes,
        "bias": st.sampled_from([True, False, "auto"]),
        "init": inits,
    }
    design = Generator(
        output_size=draw(sizes(axes, LARGEST[axes])),
        out_channels=draw(st.integers(1, 4)),
        latent_channels=draw(st.integers(1, 6)),
        depth=depth,
        start_channels=draw(channels),
        max_channels=8,
        **draw(st.fixed_dictionaries({}, optional=optional)),
    )
    assume(small(design))
    return design


def designs():
    """Of any family."""
    return st.one_of(encoder_decoders(), networks(), classifiers(), generators())


def small_networks():
    """Networks that all build, with few values: for judges of what a plan says when it builds.

    Used for receptive fields, memory and source: `@given(small_networks())`.
    """
    return networks(legal=True, largest=SMALLER)


def small(design):
    """Whether all tensors of a design fit a test."""
    rows = plan_of(design).rows
    return all(
        max(prod(row.output_shape or (1,)), row.params) <= MOST_VALUES and row.macs <= 10**7
        for row in rows
    )


class Grower:
    """A tree that grows node by node, with an eye on the shape of the sample.

    The shape is None behind what does not fit. Of what does not fit most is taken away, and all of
    it where a network must be legal.
    """

    def __init__(self, draw, *, legal):
        self.draw, self.legal = draw, legal
        # What can be taken up here, with its shape; and all names that were ever given.
        self.kept = {}
        self.taken = set()

    def chance(self, one_in):
        """Whether something rare is to happen; the simplest example is without it."""
        return self.draw(st.integers(1, one_in)) == one_in

    def stays(self):
        """Whether what does not fit is left in: the network is refused there."""
        return not self.legal and self.chance(10)

    def children(self, shape, depth, least=0, most=4):
        """Some nodes one after the other, by names, and the shape of what comes out."""
        children = {}
        for number in range(self.draw(st.sampled_from(range(least, most + 1)))):
            node, after = self.node(shape, depth)
            if node is None:
                continue
            name = self.draw(odd_names) if self.chance(8) else str(number)
            children[name if name not in children else f"{number}_"] = node
            shape = after
            if shape is None:
                break
        return tuple(children.items()), shape

    def node(self, shape, depth):
        """A layer or a combinator, or None where it would not fit and is taken away."""
        grow = self.leaf
        if self.draw(st.integers(1, 10)) > 6:
            choices = [self.keep, self.merge, self.keep, self.merge, self.attention]
            if depth:
                choices += [self.sequence, self.skip, self.branches, self.aux]
                choices += [self.skip, self.branches]
            grow = self.draw(st.sampled_from(choices))
        return grow(shape, depth)

    def leaf(self, shape, depth):
        layer = self.draw(leaf_layers(shape))
        try:
            after = layer.output_shape(shape)
            if max(prod(after), layer.costs(shape, after)[0]) > MOST_VALUES:
                return None, shape
        except Misfit:
            return (layer, None) if self.stays() else (None, shape)
        return layer, after

    def sequence(self, shape, depth):
        children, after = self.children(shape, depth - 1)
        return Sequence(children=children, part=self.draw(parts)), after

    def skip(self, shape, depth):
        children, inner = self.children(shape, depth - 1)
        projection, around = self.draw(st.sampled_from(["auto", "auto", "none"])), shape
        if inner is not None and self.chance(3):
            node, after = self.draw(st.sampled_from([self.leaf, self.sequence]))(shape, depth)
            if node is not None:
                projection, around = node, after
        fields = {"children": children, "projection": projection}
        return self.joined(Skip, fields, (inner, around), shape)

    def branches(self, shape, depth):
        paths, ends = {}, []
        for number in range(self.draw(st.integers(1, 4)) if not self.chance(40) else 0):
            path, after = self.sequence(shape, depth)
            if len(path.children) == 1 and self.chance(2):
                [(_, path)] = path.children
            paths[f"path{number}"] = path
            ends.append(after)
            if after is None:
                break
        if not ends:
            return (Branches(children=()), None) if self.stays() else (None, shape)
        return self.joined(Branches, {"children": paths}, tuple(ends), shape)

    def joined(self, kind, fields, shapes, shape):
        """A combinator over tensors of these shapes, in a way in which they can be joined."""
        way = (self.draw(hows), self.draw(aligns))
        if None in shapes:
            return kind(how=way[0], align=way[1], **fields), None
        first = self.draw(st.integers(0, len(ways) - 1))
        tried = (way, *ways[first:], *ways[:first])
        if self.stays():
            tried = (way,)
        for how, align in tried:
            node = kind(how=how, align=align, **fields)
            try:
                after = node.joined_shape(self.projected(node, shapes))
            except Misfit:
                continue
            if prod(after) <= MOST_VALUES:
                return node, after
        if len(tried) == 1 and not self.legal:
            return node, None
        # Tensors may be kept in here; a way that joins is to let the first one through.
        return (None, shape) if kind is Merge else self.alone(node, shapes)

    def projected(self, node, shapes):
        """The shapes that a join meets, those of a skip behind its 1×1 convolution."""
        if not isinstance(node, Skip) or node.projection != "auto" or node.how != "add":
            return shapes
        inner, around = shapes
        if inner[0] == around[0] or not 2 <= len(around) <= 4:
            return shapes
        return inner, Conv(out_channels=inner[0], kernel_size=1).output_shape(around)

    def alone(self, node, shapes):
        """The first path of a combinator by itself."""
        if isinstance(node, Skip):
            return Sequence(children=node.children), shapes[0]
        self.kept = {}  # what other paths kept is gone with them
        return Sequence(children=node.children[:1]), shapes[0]

    def keep(self, shape, depth):
        name = self.draw(kept_names)
        if name in self.taken:
            return (Keep(name=name), None) if self.stays() else (None, shape)
        self.kept[name] = shape
        self.taken.add(name)
        return Keep(name=name), shape

    def merge(self, shape, depth):
        if not self.kept or (self.stays() and self.chance(4)):
            name = self.draw(kept_names)
            if name not in self.kept:
                node = Merge(name=name, how=self.draw(hows), align=self.draw(aligns))
                return (node, None) if self.stays() else (None, shape)
        name = self.draw(st.sampled_from(sorted(self.kept)))
        return self.joined(Merge, {"name": name}, (shape, self.kept[name]), shape)

    def attention(self, shape, depth):
        if self.draw(st.booleans()):
            gate = squeeze_excitation(shape[0], self.draw(st.sampled_from([1, 2, 16])))
        else:
            gate = spatial_attention(self.draw(st.sampled_from([1, 3, 7])))
        if 2 <= len(shape) <= 4:
            return gate, shape
        return (gate, None) if self.stays() else (None, shape)

    def aux(self, shape, depth):
        outer = dict(self.kept)
        children, after = self.children(shape, depth - 1)
        name = self.draw(kept_names)
        # What is kept in a head stays in there: it does not run once training is over.
        self.kept = {key: value for key, value in self.kept.items() if key in outer}
        weight = self.draw(st.sampled_from([0.0, 0.3, 1.0]))
        node = Aux(name=name, children=children, weight=weight)
        if after is None:
            return node, None
        if name in self.taken:
            if self.stays():
                return node, None
            node = Aux(name=f"aux {len(self.taken)}", children=children, weight=weight)
        self.taken.add(node.name)
        return node, shape
