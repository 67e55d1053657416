"""All samples by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from types import MappingProxyType
from typing import Any, TypeVar

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.labelled import Labelled, shapes_to_classify, shapes_to_segment
from cnnwidget.data.samples.noisy import noisy_shapes
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.data.samples.series.circling_shape import circling_shape
from cnnwidget.data.samples.series.detector_waveforms import detector_waveforms
from cnnwidget.data.samples.series.drifting_blobs import drifting_blobs
from cnnwidget.data.samples.series.drifting_volumes import drifting_volumes
from cnnwidget.data.samples.series.ice_and_coast import ice_and_coast
from cnnwidget.data.samples.series.noisy_sound import noisy_sound
from cnnwidget.data.samples.series.reaction_diffusion import reaction_diffusion
from cnnwidget.data.samples.series.rotating_vortex import rotating_vortex
from cnnwidget.data.samples.series.seasonal_ice import seasonal_ice
from cnnwidget.data.samples.series.seasonal_sine import seasonal_sine
from cnnwidget.data.samples.series.shallow_water import shallow_water
from cnnwidget.design.value import closest, shortened

Made = TypeVar("Made")

# The series, in the order of the panel's menu.
SAMPLES: Mapping[str, Callable[..., Frames]] = MappingProxyType(
    {
        "circling shape": circling_shape,
        "drifting blobs": drifting_blobs,
        "seasonal ice": seasonal_ice,
        "ice and coast": ice_and_coast,
        "bouncing shapes": bouncing_shapes,
        "noisy shapes": noisy_shapes,
        "rotating vortex": rotating_vortex,
        "reaction-diffusion": reaction_diffusion,
        "shallow water": shallow_water,
        "detector waveforms": detector_waveforms,
        "sine with trend and season": seasonal_sine,
        "noisy sound": noisy_sound,
        "drifting volumes": drifting_volumes,
    }
)

# Images with their classes; they are no series.
LABELLED: Mapping[str, Callable[..., Labelled]] = MappingProxyType(
    {"shapes to segment": shapes_to_segment, "shapes to classify": shapes_to_classify}
)


def sample(name: str, **settings: Any) -> Frames:
    """Make a synthetic series to try things out on.

    Args:
        name: of images: "circling shape", "drifting blobs", "seasonal ice", "ice and coast",
            "bouncing shapes", "noisy shapes", "rotating vortex", "reaction-diffusion" or "shallow
            water"; along a line: "detector waveforms", "sine with trend and season" or "noisy
            sound"; of volumes: "drifting volumes".
        **settings: `steps`, `size`, `seed`, and further settings of that series.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1] (noise may go beyond); of several channels if
        the series has `variables` and several are chosen.

    Raises:
        DataError: if there is no such series, or it does not have these settings.

    Example:
        >>> sample("seasonal ice", steps=104)
        Frames('seasonal ice', 104 × 1 × 64 × 64 as T C H W, float32)
    """
    if name in list(LABELLED):
        raise DataError(
            f"{name} is no series, but images with their classes; choose one of "
            f"{', '.join(map(repr, SAMPLES))}."
        )
    return made(SAMPLES, name, settings)


def labelled(name: str, **settings: Any) -> Labelled:
    """Make synthetic images with their classes.

    Args:
        name: "shapes to segment" or "shapes to classify".
        **settings: `count`, `size`, `noise`, `seed`, and `shapes` for those to segment.

    Returns:
        Images of one channel, 32-bit floats in [0, 1], with a class for each pixel or image.

    Raises:
        DataError: if there are no such images, or they do not have these settings.

    Example:
        >>> labelled("shapes to classify", count=50).frames
        Frames('shapes to classify', 50 × 1 × 32 × 32 as T C H W, float32)
    """
    return made(LABELLED, name, settings)


def made(known: Mapping[str, Callable[..., Made]], name: str, settings: Mapping[str, Any]) -> Made:
    """Call the generator with this name.

    Raises:
        DataError: if there is none, or it does not have these settings.
    """
    if name not in list(known):  # a list, since the name may be unhashable
        raise DataError(
            f"There is no sample {shortened(name)}, but {', '.join(map(repr, known))}"
            f"{closest(str(name), known) or '.'}"
        )
    possible = signature(known[name]).parameters
    for setting in settings:
        if setting not in possible:
            raise DataError(
                f"{name} has no setting {setting!r}, but {', '.join(possible)}"
                f"{closest(setting, possible) or '.'}"
            )
    return known[name](**settings)
