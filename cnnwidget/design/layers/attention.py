"""Attention as a gate: a factor for each channel or position, computed from the input."""

from __future__ import annotations

from cnnwidget.design.axes import MOST_VALUES, is_whole
from cnnwidget.design.errors import DesignError
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.pooling import GlobalPool
from cnnwidget.design.network import Skip
from cnnwidget.design.value import shortened


def squeeze_excitation(channels: int, reduction: int = 16) -> Skip:
    """Return a gate with a factor from 0 to 1 per channel, from the averages of all channels.

    The averages go through two fully connected layers, the first of which has a fraction of the
    channels. Both are 1×1 convolutions here, which is the same for one value per channel.

    Args:
        channels: of the input and the output.
        reduction: the factor by which the first layer has fewer channels; it has at least one.

    Source: Hu et al. 2017, https://arxiv.org/abs/1709.01507

    Raises:
        DesignError: if a number is not a whole number of at least 1.

    Example:
        >>> [name for name, _ in squeeze_excitation(64).children]
        ['pool', 'reduce', 'act', 'expand', 'gate']
    """
    for name, number in (("channels", channels), ("reduction", reduction)):
        if not is_whole(number, 1):
            raise DesignError(
                f"squeeze_excitation: {name} is {shortened(number)}, but must be a whole number "
                "of at least 1."
            )
    if channels >= MOST_VALUES:
        raise DesignError(
            f"squeeze_excitation: channels is {shortened(channels)}, but must be less than "
            f"{MOST_VALUES}."
        )
    few = max(1, channels // reduction)
    return Skip(
        children=(
            ("pool", GlobalPool(kind="avg")),
            ("reduce", Conv(out_channels=few, kernel_size=1)),
            ("act", Activation(name="relu")),
            ("expand", Conv(out_channels=channels, kernel_size=1)),
            ("gate", Activation(name="sigmoid")),
        ),
        how="multiply",
        projection="none",
    )


def spatial_attention(kernel_size: int | tuple[int, ...] = 7) -> Skip:
    """Return a gate with a factor from 0 to 1 per position, from its surroundings.

    One convolution maps two learned mixtures of the channels to the factor. In the paper, the
    maximum and the average over the channels take the place of the mixtures and have no weights.
    The mixtures can become the average but not the maximum; they have 2 weights per channel.

    Args:
        kernel_size: of the convolution.

    Source: Woo et al. 2018, https://arxiv.org/abs/1807.06521

    Raises:
        DesignError: if the kernel is not a whole number of at least 1, or one per axis.

    Example:
        >>> spatial_attention().children[1]
        ('conv', layers.Conv(out_channels=1, kernel_size=7, padding='same'))
    """
    return Skip(
        children=(
            ("mix", Conv(out_channels=2, kernel_size=1)),
            ("conv", Conv(out_channels=1, kernel_size=kernel_size, padding="same")),
            ("gate", Activation(name="sigmoid")),
        ),
        how="multiply",
        projection="none",
    )
