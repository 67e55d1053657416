"""`Caution`: what PyTorch accepts but is doubtful, and the mends that remove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from cnnwidget.design.advice.caution_candidates import (
    Alternatives,
    CautionCandidate,
    CautionKind,
    Change,
)
from cnnwidget.design.advice.kernel_cautions import checkerboards, cropped_inputs, skipped_inputs
from cnnwidget.design.advice.mend import Mend, changed, with_nodes
from cnnwidget.design.advice.receptive_field_cautions import (
    padded_borders,
    small_fields,
    unpadded_borders,
)
from cnnwidget.design.advice.size_cautions import odd_sizes, off_targets, resizes
from cnnwidget.design.advice.weight_cautions import (
    dominant_layers,
    full_dropouts,
    heavy_layers,
    latent_blocks,
    single_values,
)
from cnnwidget.design.advice.wiring_cautions import unknown_overrides, unmerged
from cnnwidget.design.design_types import Design
from cnnwidget.design.network import Network
from cnnwidget.design.planning.row import Row
from cnnwidget.design.planning.walk import walk

# The function that finds each kind of caution that follows from a design alone.
FINDERS: dict[CautionKind, Callable[[Design, tuple[Row, ...]], Iterator[CautionCandidate]]] = {
    "resize": resizes,
    "checkerboard": checkerboards,
    "cropped": cropped_inputs,
    "skipped": skipped_inputs,
    "single_value": single_values,
    "dropout": full_dropouts,
    "odd": odd_sizes,
    "unmerged": unmerged,
    "heavy": heavy_layers,
    "latent": latent_blocks,
    "dominant": dominant_layers,
    "off_target": off_targets,
    "unpadded": unpadded_borders,
    "padded": padded_borders,
    "reach": small_fields,
    "override": unknown_overrides,
}

# These are about the output, and so not found where a layer before it does not fit.
NEEDS_OUTPUT = {"off_target", "unpadded", "padded", "reach"}


@dataclass(frozen=True)
class Caution:
    """Something about a design that builds but is doubtful.

    Attributes:
        kind: `off_target` (ends at another size than the target), `resize` (resizes or blends),
            `checkerboard` (unequal contributions), `cropped` (padding cuts off inputs), `skipped`
            (inputs that no kernel covers), `single_value` (nothing to normalise over), `dropout`
            (of everything), `heavy` (more weights than most machines can train), `latent` (the
            same in a latent block), `dominant` (most of the weights in one layer), `reach` (a
            receptive field smaller than the image), `padded` (zeros reach across the whole image),
            `unpadded` (borders are lost), `odd` (a size that a pool rounds down beside a long
            skip), `unmerged` (kept but never merged), `override` (of no layer); of the machine
            `memory` (more than there is); of a design and data `frames` (that do not fit) and
            `motion` (a receptive field smaller than the motion); of data `missing` (values),
            `length` (few windows are held out), `times` (out of order, or with gaps), `constant`
            (nothing changes, or nothing is known) and `repetition` (the last frame is a near
            perfect forecast).
        layer: the name of the layer; of data, the name of the frames.
        reason: one clause.
        design: the design that has the caution.
        changes: alternatives of changes that may remove it.
        known_mends: changes that do, where that depends on more than the design.
    """

    kind: CautionKind
    layer: str
    reason: str
    design: Design
    changes: tuple[Alternatives, ...] = ()
    known_mends: tuple[Mend, ...] = ()

    @property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs that have no problem and no caution of this kind; there may be none."""
        return self.known_mends or mends_of_caution(self.design, self.kind, self.changes)

    @property
    def sentence(self) -> str:
        """The reason and the mends in words, without the layer."""
        changes = ", or ".join(mend.change for mend in self.mends)
        return f"{self.reason}." + (f" Try {changes}." if changes else "")

    def __str__(self) -> str:
        return f"{self.layer}: {self.sentence}"


def find_cautions(design: Design, rows: tuple[Row, ...]) -> tuple[Caution, ...]:
    """Return the cautions of all rows that fit, in the order of the rows."""
    fitting = tuple(row for row in rows if row.output_shape is not None)
    places = {row.name: number for number, row in enumerate(fitting)}
    found = []
    for kind, find in FINDERS.items():
        if len(fitting) < len(rows) and kind in NEEDS_OUTPUT:
            continue
        candidates = tuple(find(design, fitting if kind != "unmerged" else rows))
        together = changes_of_all_layers(candidates) if isinstance(design, Network) else ()
        found += [
            Caution(kind, candidate.layer, candidate.reason, design, together or candidate.changes)
            for candidate in candidates
        ]
    return tuple(sorted(found, key=lambda caution: places.get(caution.layer, len(fitting))))


def changes_of_all_layers(candidates: tuple[CautionCandidate, ...]) -> tuple[Alternatives, ...]:
    """Return changes of a network that change all layers with one kind of caution together."""
    columns = zip_longest(*(candidate.nodes for candidate in candidates if candidate.nodes))
    names = [candidate.layer for candidate in candidates if candidate.nodes]
    return tuple((tuple(zip(names, nodes, strict=True)),) for nodes in columns)


def mend_after(design: Design, change: Change) -> Mend | None:
    """Return the mend by a change; None where the design has no such fields."""
    if isinstance(design, Network):
        return with_nodes(design, change)
    if any(name not in type(design).model_fields for name, _ in change):
        return None
    return changed(design, **dict(change))


@lru_cache(maxsize=256)
def mends_of_caution(
    design: Design, kind: CautionKind, changes: tuple[Alternatives, ...]
) -> tuple[Mend, ...]:
    """Return the first change of each alternatives that removes all cautions of a kind.

    Cached, so that all layers with the caution share the result.
    """
    return working_mends(design, changes, lambda other: is_free_of(other, kind))


def working_mends(
    design: Design, changes: tuple[Alternatives, ...], works: Callable[[Design], bool]
) -> tuple[Mend, ...]:
    """Return the first change of each alternatives that works, without redundant ones.

    A change that contains all fields of one found before is redundant.
    """
    found: dict[Mend, set[tuple[str, object]]] = {}
    for alternatives in changes:
        for change in alternatives:
            if any(shorter <= set(change) for shorter in found.values()):
                break
            mend = mend_after(design, change)
            if mend is not None and mend not in found and works(mend.design):
                found[mend] = set(change)
                break
    return tuple(found)


def is_free_of(design: Design, kind: CautionKind) -> bool:
    """Whether a design has neither a problem nor a caution of this kind."""
    walked = walk(design.network())
    if walked.misfit is not None:
        return False
    return kind not in FINDERS or next(FINDERS[kind](design, walked.rows), None) is None
