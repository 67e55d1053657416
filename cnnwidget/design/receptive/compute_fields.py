"""Receptive fields of all rows: the pixels of the network's input that each position depends on.

The usual recurrence of kernel sizes and strides is wrong behind a transposed convolution, a resize
or a join. Here every position has the first and last pixel of its field along each axis, both
`clipped` to the input and `unclipped`, and each layer computes those of its output from those of
its input. The figures of a tensor hold for all of its channels together.
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
from cnnwidget.design.receptive.tensor_fields import TensorFields, fields_of_input, joined_fields


@lru_cache(maxsize=16)
def receptive_fields(rows: tuple[Row, ...], input_shape: Shape) -> tuple[ReceptiveField, ...]:
    """Return the receptive field of every row that has an output.

    A network has a work limit of positions times taps, summed over its layers; figures beyond it
    are None.

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> from cnnwidget.design.network import Network
        >>> from cnnwidget.design.planning.walk import walk
        >>> conv = Conv(out_channels=1, kernel_size=3, stride=2)
        >>> network = Network(input_shape=(1, 99), children=[conv, conv, conv])
        >>> [field.words for field in receptive_fields(walk(network).rows, (1, 99))]
        ['3', '7', '15']
    """
    figures: list[ReceptiveField] = []
    before: TensorFields | None = None
    for fields in fields_of_rows(rows, input_shape):
        figures.append(figures[-1] if fields is before else fields.figures)
        before = fields
    return tuple(figures)


@lru_cache(maxsize=64)
def receptive_field_of(rows: tuple[Row, ...], input_shape: Shape, number: int) -> ReceptiveField:
    """Return the receptive field of one row, which is less work than those of all."""
    return next(islice(fields_of_rows(rows, input_shape), number, None)).figures


def fields_of_rows(rows: tuple[Row, ...], input_shape: Shape) -> Iterator[TensorFields]:
    """Yield the fields of all positions, for every row that has an output."""
    tensors = {INPUT_SOURCE: fields_of_input(input_shape)}
    # The last row that reads each tensor: behind it the fields are dropped.
    lasts = {source: number for number, row in enumerate(rows) for source in row.sources}
    for number, row in enumerate(rows):
        if row.output_shape is None:
            return
        before = [tensors[source] for source in row.sources]
        if isinstance(row.layer, Join):
            fields = joined_fields(
                before, row.layer.joined_taps(row.input_shapes), row.output_shape, row.layer.how
            )
        else:
            fields = before[0].through(row.taps[0], row.input_shape, row.output_shape)
            normalizes = isinstance(row.layer, Layer) and row.layer.normalizes_globally(
                row.input_shape
            )
            if normalizes and not fields.normalized:
                fields = fields._replace(normalized=True)
        yield fields
        tensors[number] = fields
        for source in row.sources:
            if lasts[source] == number:
                tensors.pop(source, None)
