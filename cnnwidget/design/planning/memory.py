"""The memory of a network, to run it and to train it.

Computed without a tensor: weights, tensors that are alive at the same time, tensors that are saved
for the backward pass, and the reordered copies that convolutions make on a CPU. The libraries
themselves and memory that an allocator holds back are not counted.
"""

from __future__ import annotations

from math import prod
from typing import Literal, get_args

from cnnwidget.design.axes import Shape, is_whole
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.network import Aux, Keep
from cnnwidget.design.planning.row import INPUT_SOURCE, Row
from cnnwidget.design.value import closest, shortened

OptimizerName = Literal["sgd", "sgd_momentum", "adagrad", "rmsprop", "adam", "adamw"]

# Numbers that an optimiser stores per weight: a momentum, a mean square, or both.
STATES: dict[str, int] = {
    "sgd": 0, "sgd_momentum": 1, "adagrad": 1, "rmsprop": 1, "adam": 2, "adamw": 2,
}  # fmt: skip
# The counter of batches of a batch normalisation is a 64-bit integer.
COUNTER_BYTES = 8


def memory_to_run(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """Return the bytes to run a network without gradients: weights, buffers, live tensors.

    Args:
        rows: of the network.
        input_shape: (channels, *size).
        batch: samples at a time.

    Raises:
        CnnwidgetError: if `batch` is not a whole number of at least 1.
    """
    check_batch("memory_to_run", batch)
    return weight_and_buffer_bytes(rows) + peak_alive_bytes(rows, input_shape, batch)


def memory_to_train(rows: tuple[Row, ...], input_shape: Shape, batch: int, optimizer: str) -> int:
    """Return the bytes to train a network: weights, gradients, optimiser state, saved tensors.

    Args:
        rows: of the network.
        input_shape: (channels, *size).
        batch: samples at a time.
        optimizer: one of sgd, sgd_momentum, adagrad, rmsprop, adam, adamw.

    Raises:
        CnnwidgetError: if there is no such optimiser, or `batch` is not a whole number of at least
            1.
    """
    check_batch("memory_to_train", batch)
    if optimizer not in STATES:
        names = get_args(OptimizerName)
        raise CnnwidgetError(
            f"memory_to_train: optimizer is {shortened(optimizer)}, but must be one of "
            f"{', '.join(names)}{closest(str(optimizer), names) or '.'}"
        )
    weights = FLOAT_BYTES * sum(row.params for row in rows)
    copies = 1 + STATES[optimizer]  # the gradients, and the optimiser's state
    return (
        weight_and_buffer_bytes(rows)
        + copies * weights
        + peak_training_bytes(rows, input_shape, batch)
    )


def check_batch(name: str, batch: object) -> None:
    """Refuse a batch of less than one sample."""
    if not is_whole(batch, 1):
        raise CnnwidgetError(
            f"{name}: batch is {shortened(batch)}, but must be a whole number of at least 1."
        )


def weight_and_buffer_bytes(rows: tuple[Row, ...]) -> int:
    """Return the bytes of weights and buffers."""
    return sum(FLOAT_BYTES * row.params + buffer_bytes(row) for row in rows)


def buffer_bytes(row: Row) -> int:
    """Return the bytes of a layer's buffers: running or fixed statistics."""
    if isinstance(row.layer, Normalize):
        return 2 * FLOAT_BYTES * row.input_shape[0]
    if isinstance(row.layer, Norm) and row.layer.tracks:
        return 2 * FLOAT_BYTES * row.input_shape[0] + COUNTER_BYTES
    return 0


def passes_on(row: Row) -> bool:
    """Whether the output of a layer in eval mode is its input tensor."""
    if isinstance(row.layer, Join | Aux) or row.output_shape is None:
        return False
    if isinstance(row.layer, Dropout):
        return True
    return row.layer.saved(row.input_shape, row.output_shape).same


def copied_bytes(row: Row, batch: int) -> int:
    """Return the bytes of a convolution's copies of its weights, its input and its output."""
    if not isinstance(row.layer, Conv | ConvTranspose) or row.output_shape is None:
        return 0
    return FLOAT_BYTES * (row.params + batch * (prod(row.input_shape) + prod(row.output_shape)))


def peak_alive_bytes(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """Return the peak bytes of the tensors of a batch that are alive at the same time.

    A tensor lives until its last use. The input of a combinator lives until the combinator is done,
    because its caller still has it. Kept tensors and the network's input live to the end.
    """
    running = [(number, row) for number, row in enumerate(rows) if not row.aux]
    sizes = {INPUT_SOURCE: FLOAT_BYTES * prod(input_shape)}
    makers = {INPUT_SOURCE: INPUT_SOURCE}
    last_use = {INPUT_SOURCE: len(rows)}
    inputs: dict[str, int] = {}
    for number, row in running:
        sources = [makers[source] for source in row.sources]
        maker = sources[0] if passes_on(row) else number
        makers[number] = maker
        last_use.setdefault(maker, number)
        if maker == number and row.output_shape is not None:
            sizes[number] = FLOAT_BYTES * prod(row.output_shape)
        for source in sources:
            last_use[source] = max(last_use[source], number)
        if isinstance(row.layer, Keep):
            last_use[maker] = len(rows)
        path = row.name
        while "." in path:
            path = path.rpartition(".")[0]
            entry = inputs.setdefault(path, sources[0])
            last_use[entry] = max(last_use[entry], number)
    if running:
        last_use[makers[running[-1][0]]] = len(rows)
    ends: dict[int, list[int]] = {}
    for maker, number in last_use.items():
        ends.setdefault(number, []).append(maker)
    alive = sizes[INPUT_SOURCE]
    most = batch * alive
    for number, row in running:
        if makers[number] == number:
            alive += sizes.get(number, 0)
        most = max(most, batch * alive + copied_bytes(row, batch))
        alive -= sum(sizes.get(maker, 0) for maker in ends.get(number, ()))
    return most


def peak_training_bytes(rows: tuple[Row, ...], input_shape: Shape, batch: int) -> int:
    """Return the peak bytes of the tensors of a batch in training.

    In the backward pass a layer needs the tensors saved up to it, the gradient of its output, and
    room for the gradients of its inputs. The input of the network is there all the time.
    """
    saved = most = 0
    for row in rows:
        saved += row.memory
        gradients = sum(map(prod, row.input_shapes)) + prod(row.output_shape or ())
        most = max(most, batch * (saved + FLOAT_BYTES * gradients) + copied_bytes(row, batch))
    return most + (0 if saves_input(rows) else batch * FLOAT_BYTES * prod(input_shape))


def saves_input(rows: tuple[Row, ...]) -> bool:
    """Whether the saved tensors include the network's input: where its first layer has weights."""
    return any(row.memory and INPUT_SOURCE in row.sources and row.params for row in rows)
