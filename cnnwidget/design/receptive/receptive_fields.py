"""Receptive fields: how much of the network's input each position of a tensor sees.

The usual recurrence of kernel sizes and strides is wrong behind a transposed convolution, a resize
or a join. Here each position knows the first and last pixel that it sees along each axis, with
(`clipped`) and without (`endless`) an end of the input, and each layer passes that on to its
output. What is told of a tensor holds for all of its channels together.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from cnnwidget.design.axes import Shape
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.planning.row import INPUT_SOURCE, Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.design.receptive.tensor_fields import TensorFields, input_fields, joined


@lru_cache(maxsize=16)
def receptive_fields(rows: tuple[Row, ...], input_shape: Shape) -> tuple[ReceptiveField, ...]:
    """The receptive field of every row that has an output.

    A network has a budget of positions times taps, summed over its layers; figures for which that
    does not suffice are None.

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> from cnnwidget.design.network import Network
        >>> from cnnwidget.design.planning.walk import walk
        >>> conv = Conv(out_channels=1, kernel_size=3, stride=2)
        >>> network = Network(input_shape=(1, 99), children=[conv, conv, conv])
        >>> [field.words for field in receptive_fields(walk(network).rows, (1, 99))]
        ['3', '7', '15']
    """
    fields: list[ReceptiveField] = []
    before: TensorFields | None = None
    for sight in fields_of_rows(rows, input_shape):
        fields.append(fields[-1] if sight is before else sight.field)
        before = sight
    return tuple(fields)


@lru_cache(maxsize=64)
def receptive_field_of(rows: tuple[Row, ...], input_shape: Shape, number: int) -> ReceptiveField:
    """The receptive field of one row, less work than those of all."""
    return next(islice(fields_of_rows(rows, input_shape), number, None)).field


def fields_of_rows(rows: tuple[Row, ...], input_shape: Shape) -> Iterator[TensorFields]:
    """What the positions of every row see that has an output."""
    sights = {INPUT_SOURCE: input_fields(input_shape)}
    # What no later row looks at is let go.
    lasts = {source: number for number, row in enumerate(rows) for source in row.sources}
    for number, row in enumerate(rows):
        if row.output_shape is None:
            return
        before = [sights[source] for source in row.sources]
        if isinstance(row.layer, Join):
            sight = joined(
                before, row.layer.joined_taps(row.input_shapes), row.output_shape, row.layer.how
            )
        else:
            sight = before[0].through(row.taps[0], row.input_shape, row.output_shape)
            measured = isinstance(row.layer, Layer) and row.layer.normalizes_globally(
                row.input_shape
            )
            if measured and not sight.normed:
                sight = sight._replace(normed=True)
        yield sight
        sights[number] = sight
        for source in row.sources:
            if lasts[source] == number:
                sights.pop(source, None)
