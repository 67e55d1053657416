"""What PyTorch keeps of a network for its backward pass, tensor by tensor."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.network import COMBINATORS
from cnnwidget.design.planning.row import INPUT_SOURCE, Entry

FIRST: tuple[int, ...] = (0,)


def saved_bytes(entries: Sequence[Entry]) -> list[int]:
    """The bytes kept with every sample, by the row that made the tensor; see `Row.memory`."""
    kept: list[int] = []
    # For the tensor of each row: the row that made it, for some only pass it on; and whether it
    # depends on weights, for else there is nothing to go back to and nothing is kept. The network's
    # input, number -1, has the last place.
    givers = [*range(len(entries)), INPUT_SOURCE]
    learns = [False] * (len(entries) + 1)
    # What is kept, by the row that made it: it counts once.
    held: set[int] = set()
    for row, (_, _, layer, sources, shapes, output, params, _, _) in enumerate(entries):
        source = sources[0]
        inputs: tuple[int, ...] = ()
        extra = 0
        if type(layer) in COMBINATORS:
            depend = tuple([learns[each] for each in sources])
            inputs, extra = layer.joined_saved(shapes, depend)
            learns[row] = any(depend)
            # One tensor by itself is not added to, nor multiplied.
            if len(sources) == 1 and layer.how != "concat":
                givers[row] = givers[source]
        else:
            keeps_input, keeps_output, more, same, learned_input = layer.saved(shapes[0], output)
            if same:
                givers[row] = givers[source]
            learned = learns[source]
            learns[row] = depends = learned or params > 0
            if depends:
                if keeps_input or (learned and learned_input):
                    inputs = FIRST
                extra = more
                if keeps_output:
                    held.add(row)
                    extra += FLOAT_BYTES * prod(output)
        kept.append(extra)
        for each in inputs:
            giver = givers[sources[each]]
            if giver not in held:
                held.add(giver)
                # The network's input, number -1, counts with the row that is the last so far.
                kept[giver] += FLOAT_BYTES * prod(shapes[each])
    return kept
