"""The tensors that PyTorch saves for the backward pass of a network."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.network import COMBINATORS
from cnnwidget.design.planning.row import INPUT_SOURCE, Entry

FIRST: tuple[int, ...] = (0,)


def saved_bytes(entries: Sequence[Entry]) -> list[int]:
    """Return the bytes saved per sample, by the row that made the tensor; see `Row.memory`."""
    memory: list[int] = []
    # For the output of each row: the row that made the tensor, since some return their input; and
    # whether it depends on weights, since otherwise nothing is saved. The network's input, number
    # -1, has the last place.
    makers = [*range(len(entries)), INPUT_SOURCE]
    learned = [False] * (len(entries) + 1)
    # The rows whose output is saved already: a tensor counts once.
    counted: set[int] = set()
    for row, (_, _, layer, sources, shapes, output, params, _, _) in enumerate(entries):
        source = sources[0]
        inputs: tuple[int, ...] = ()
        extra = 0
        if type(layer) in COMBINATORS:
            depend = tuple([learned[each] for each in sources])
            inputs, extra = layer.joined_saved(shapes, depend)
            learned[row] = any(depend)
            # A join of a single tensor returns it.
            if len(sources) == 1 and layer.how != "concat":
                makers[row] = makers[source]
        else:
            saves_input, saves_output, more, same, learned_input = layer.saved(shapes[0], output)
            if same:
                makers[row] = makers[source]
            input_learned = learned[source]
            learned[row] = depends = input_learned or params > 0
            if depends:
                if saves_input or (input_learned and learned_input):
                    inputs = FIRST
                extra = more
                if saves_output:
                    counted.add(row)
                    extra += FLOAT_BYTES * prod(output)
        memory.append(extra)
        for each in inputs:
            maker = makers[sources[each]]
            if maker not in counted:
                counted.add(maker)
                # The network's input, number -1, counts with the current row, the last so far.
                memory[maker] += FLOAT_BYTES * prod(shapes[each])
    return memory
