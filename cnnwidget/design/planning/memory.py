"""How much memory a network takes: to run, and to train.

What can be known without a tensor: weights, what is alive at the same time, what is kept for the
backward pass, and the copies, in an order of their own, that convolutions on a CPU work on. The
libraries themselves and whatever an allocator holds back come on top.
"""

from __future__ import annotations

from math import prod
from typing import Literal, get_args

from cnnwidget.design.axes import Shape, is_whole
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.normalize import Normalize
from cnnwidget.design.network import Aux, Keep
from cnnwidget.design.planning.row import INPUT_SOURCE, Row
from cnnwidget.design.value import closest, shortened

OptimizerName = Literal["sgd", "sgd_momentum", "adagrad", "rmsprop", "adam", "adamw"]

# Numbers that an optimiser remembers of every weight: a momentum, a mean square, or both.
STATES: dict[str, int] = {
    "sgd": 0, "sgd_momentum": 1, "adagrad": 1, "rmsprop": 1, "adam": 2, "adamw": 2,
}  # fmt: skip
# The number of batches that a batch normalisation has seen is a 64-bit integer.
COUNTER_BYTES = 8


def memory_to_run(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """Bytes to run a network without gradients: weights, buffers, and the most that is alive.

    Args:
        rows: of the network.
        input_shape: (channels, *size).
        batch: samples at a time.

    Raises:
        CnnwidgetError: if `batch` is no whole number of at least 1.
    """
    check_batch("memory_to_run", batch)
    return weight_and_buffer_bytes(rows) + peak_alive_bytes(rows, input_shape, batch)


def memory_to_train(rows: tuple[Row, ...], input_shape: Shape, batch: int, optimizer: str) -> int:
    """Bytes to train a network: weights, gradients, the optimiser's state, and what a batch keeps.

    Args:
        rows: of the network.
        input_shape: (channels, *size).
        batch: samples at a time.
        optimizer: one of sgd, sgd_momentum, adagrad, rmsprop, adam, adamw.

    Raises:
        CnnwidgetError: if there is no such optimiser, or `batch` is no whole number of at least 1.
    """
    check_batch("memory_to_train", batch)
    if optimizer not in STATES:
        names = get_args(OptimizerName)
        raise CnnwidgetError(
            f"memory_to_train: optimizer is {shortened(optimizer)}, but must be one of "
            f"{', '.join(names)}{closest(str(optimizer), names) or '.'}"
        )
    weights = FLOAT_BYTES * sum(row.params for row in rows)
    copies = 1 + STATES[optimizer]  # the gradients, and what is remembered
    return (
        weight_and_buffer_bytes(rows)
        + copies * weights
        + peak_training_bytes(rows, input_shape, batch)
    )


def check_batch(name: str, batch: object) -> None:
    """A batch has at least one sample."""
    if not is_whole(batch, 1):
        raise CnnwidgetError(
            f"{name}: batch is {shortened(batch)}, but must be a whole number of at least 1."
        )


def weight_and_buffer_bytes(rows: tuple[Row, ...]) -> int:
    """Bytes of weights and buffers."""
    return sum(FLOAT_BYTES * row.params + buffer_bytes(row) for row in rows)


def buffer_bytes(row: Row) -> int:
    """Bytes that a layer keeps beside its weights: running statistics, fixed ones."""
    if isinstance(row.layer, Normalize):
        return 2 * FLOAT_BYTES * row.input_shape[0]
    if isinstance(row.layer, Norm) and row.layer.tracks:
        return 2 * FLOAT_BYTES * row.input_shape[0] + COUNTER_BYTES
    return 0


def passes_on(row: Row) -> bool:
    """Whether a layer that is not in training gives out the very tensor that it gets."""
    if isinstance(row.layer, Join | Aux) or row.output_shape is None:
        return False
    if isinstance(row.layer, Dropout):
        return True
    return row.layer.saved(row.input_shape, row.output_shape).same


def copied_bytes(row: Row, batch: int) -> int:
    """Bytes of the copies that a convolution works on: of its weights, its input and its output."""
    if not isinstance(row.layer, Conv | ConvTranspose) or row.output_shape is None:
        return 0
    return FLOAT_BYTES * (row.params + batch * (prod(row.input_shape) + prod(row.output_shape)))


def peak_alive_bytes(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """The bytes of all tensors of a batch that are alive at the same time, where they are most.

    A tensor lives until it is last used. So does what goes into a combinator until that is done,
    for whoever called it still has it; what is put aside, and the network's input, live to the end.
    """
    running = [(number, row) for number, row in enumerate(rows) if not row.aux]
    sizes = {INPUT_SOURCE: FLOAT_BYTES * prod(input_shape)}
    givers = {INPUT_SOURCE: INPUT_SOURCE}
    last_use = {INPUT_SOURCE: len(rows)}
    entrances: dict[str, int] = {}
    for number, row in running:
        sources = [givers[source] for source in row.sources]
        giver = sources[0] if passes_on(row) else number
        givers[number] = giver
        last_use.setdefault(giver, number)
        if giver == number and row.output_shape is not None:
            sizes[number] = FLOAT_BYTES * prod(row.output_shape)
        for source in sources:
            last_use[source] = max(last_use[source], number)
        if isinstance(row.layer, Keep):
            last_use[giver] = len(rows)
        path = row.name
        while "." in path:
            path = path.rpartition(".")[0]
            entrance = entrances.setdefault(path, sources[0])
            last_use[entrance] = max(last_use[entrance], number)
    if running:
        last_use[givers[running[-1][0]]] = len(rows)
    ends: dict[int, list[int]] = {}
    for giver, number in last_use.items():
        ends.setdefault(number, []).append(giver)
    alive = sizes[INPUT_SOURCE]
    most = batch * alive
    for number, row in running:
        if givers[number] == number:
            alive += sizes.get(number, 0)
        most = max(most, batch * alive + copied_bytes(row, batch))
        alive -= sum(sizes.get(giver, 0) for giver in ends.get(number, ()))
    return most


def peak_training_bytes(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """The bytes of a batch that are there at the same time in training, where they are most.

    Going back, a layer needs what was kept up to it, the slope of its output and, to be filled in,
    that of its inputs. The input of the network is there all the time.
    """
    kept = most = 0
    for row in rows:
        kept += row.memory
        slopes = sum(map(prod, row.input_shapes)) + prod(row.output_shape or ())
        most = max(most, batch * (kept + FLOAT_BYTES * slopes) + copied_bytes(row, batch))
    return most + (0 if saves_input(rows) else batch * FLOAT_BYTES * prod(input_shape))


def saves_input(rows: tuple[Row, ...]) -> bool:
    """Whether what is kept counts the network's input: its first layer has weights, as a rule."""
    return any(row.memory and INPUT_SOURCE in row.sources and row.params for row in rows)
