"""What the judges have judged, counted while they run and printed when all is over.

10,000 networks: 7,812 built, 2,188 refused; layers seen: Conv 12,345, ...; 0 disagreements
"""

from collections import Counter

from cnnwidget.design.network import nodes

# Networks judged by what became of them, layers by class, and what else was held against PyTorch.
networks: Counter[str] = Counter()
layers: Counter[str] = Counter()
others: Counter[str] = Counter()


def judged(plan):
    """A network on which plan and PyTorch agree."""
    networks["refused" if plan.problems else "built"] += 1
    layers.update(type(node).__name__ for _, node in nodes(plan.network.children))


def also(what):
    """One more of something else that was held against PyTorch: `also("receptive fields")`."""
    others[what] += 1


def summary(disagreements):
    """All counts, in one sentence; nothing if no network was judged."""
    if not networks and not others:
        return ""
    built, refused = networks["built"], networks["refused"]
    seen = ", ".join(f"{name} {number:,}" for name, number in sorted(layers.items()))
    judged_networks = [
        f"{networks.total():,} networks: {built:,} built, {refused:,} refused",
        f"layers seen: {seen or 'none'}",
    ]
    parts = [
        *(judged_networks if networks else ()),
        *(f"{what}: {number:,}" for what, number in sorted(others.items())),
        f"{disagreements:,} disagreements",
    ]
    return "; ".join(parts)
