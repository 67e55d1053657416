"""Two substances that react, diffuse and form patterns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.samples.sample_arguments import (
    check_series,
    names_among,
    number_between,
    random_generator,
)
from cnnwidget.data.samples.sample_frames import sample_frames

# Of u and v, in pixels² a step of the reaction.
DIFFUSION = (0.16, 0.08)
# The value of v that is shown as 1; v is larger only for moments, where waves meet.
MOST = 0.6


def reaction_diffusion(
    steps: int = 120,
    size: Sequence[int] = (64, 64),
    *,
    feed: float = 0.022,
    kill: float = 0.0545,
    substeps: int = 12,
    variables: Sequence[str] = ("v",),
    seed: int = 0,
) -> Frames:
    """Make patterns that grow out of a few spots, by the reaction of Gray and Scott.

    Good for showing a law that is local and the same everywhere: the future of a pixel depends on
    the few pixels around it, so that a small network can learn it completely. The change of v
    depends on u, too, which is not shown by default; several frames replace it.

    `∂u/∂t = 0.16 ∇²u - u v² + feed (1 - u)` and `∂v/∂t = 0.08 ∇²v + u v² - (feed + kill) v`, by
    Euler steps of 1 on pixels with periodic boundaries.

    Args:
        steps: the number of frames.
        size: (height, width), 32 at least, since the reaction dies out in smaller frames; the scale
            of the pattern does not depend on it.
        feed: how fast u is supplied, from 0 to 0.2.
        kill: how fast v is removed, from 0 to 0.2. With 0.0545 and a feed of 0.022 waves break and
            start again for long; 0.0649 with 0.0367 gives spots that divide until they fill the
            frame, 0.06 with 0.037 gives stripes that grow to a stationary maze.
        substeps: the steps of the reaction between two frames.
        variables: "v", or "u" and "v" as two channels, which are the complete state.
        seed: of the spots.

    Returns:
        Frames of 32-bit floats in [0, 1]: v / 0.6, of which one value in 10,000 is clipped to 1,
        and u.

    Raises:
        DataError: if an argument is out of bounds, or a variable is unknown.

    Source:
        J. E. Pearson, Complex patterns in a simple system, Science 261, 1993,
        https://arxiv.org/abs/patt-sol/9304003.

    Example:
        >>> reaction_diffusion(steps=20, size=(32, 32), variables=("u", "v"))
        Frames('reaction-diffusion', 20 × 2 × 32 × 32 as T C H W, float32)
    """
    size = check_series(steps, size, axes=(2,), least=32)
    names = names_among("variables", variables, ("u", "v"))
    rates = number_between("feed", feed, 0, 0.2), number_between("kill", kill, 0, 0.2)
    times = whole_number("substeps", substeps)
    state = spots(random_generator(seed), size)
    values = np.empty((steps, len(names), *size), np.float32)
    shown = [("u", "v").index(name) for name in names]
    for step in range(steps):
        values[step] = state[shown, 1:-1, 1:-1]
        if step < steps - 1:
            react(state, *rates, times)
    values[:, [name == "v" for name in names]] /= MOST
    if len(names) == 1:
        return sample_frames(values[:, 0], "reaction-diffusion")
    return sample_frames(values, "reaction-diffusion", labels=Labels(channels=names))


def spots(random: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the initial state (u, v) with a border of one pixel: (2, height + 2, width + 2)."""
    state = np.zeros((2, size[0] + 2, size[1] + 2), np.float32)
    inner = state[:, 1:-1, 1:-1]
    inner[0] = 1
    y, x = np.arange(size[0])[:, None], np.arange(size[1])
    # The density of spots does not depend on the size.
    for _ in range(max(2, size[0] * size[1] // 600)):
        middle = random.uniform(0, size)
        away = [
            np.minimum(np.abs(place - at), length - np.abs(place - at))
            for place, at, length in zip((y, x), middle, size, strict=True)
        ]
        spot = np.exp(-(((away[0] ** 2 + away[1] ** 2) / random.uniform(2, 4) ** 2) ** 2))
        inner[0] -= 0.5 * inner[0] * spot
        inner[1] += (0.25 + random.uniform(0, 0.1) - inner[1]) * spot
    return state


def react(state: NDArray[np.float32], feed: float, kill: float, times: int) -> None:
    """Do `times` steps of the reaction in place."""
    inner = state[:, 1:-1, 1:-1]
    diffusion = np.array(DIFFUSION, np.float32)[:, None, None]
    # The share of u and v that remains at a pixel after diffusion and removal.
    stays = 1 - 4 * diffusion - np.array([feed, feed + kill], np.float32)[:, None, None]
    change, reacted = np.empty_like(inner), np.empty_like(inner[0])
    for _ in range(times):
        state[:, 0], state[:, -1] = state[:, -2], state[:, 1]
        state[:, :, 0], state[:, :, -1] = state[:, :, -2], state[:, :, 1]
        np.add(state[:, :-2, 1:-1], state[:, 2:, 1:-1], out=change)
        change += state[:, 1:-1, :-2]
        change += state[:, 1:-1, 2:]
        change *= diffusion
        np.multiply(inner[1], inner[1], out=reacted)
        reacted *= inner[0]
        change[0] -= reacted
        change[0] += np.float32(feed)
        change[1] += reacted
        inner *= stays
        inner += change
