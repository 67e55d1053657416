"""The settings of a forecast that choose the contents of windows; they are no part of a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from cnnwidget.training.setting import Setting


class WindowSettings(BaseModel):
    """Channels, other series and thresholds; a run keeps them with its data.

    `cw.windows` takes them, too.
    """

    inputs: Annotated[
        Sequence[int | str] | None,
        Setting("numbers or names of the input channels; None is all"),
    ] = None
    targets: Annotated[
        Sequence[int | str] | None,
        Setting("numbers or names of the channels to forecast; None is all"),
    ] = None
    past: Annotated[
        Any, Setting("other series that are known up to the present, as `cw.windows` takes them")
    ] = None
    future: Annotated[
        Any,
        Setting(
            "other series that are known ahead, too; their values in the gap and in the frames to "
            "forecast are the last input channels"
        ),
    ] = None
    x_threshold: Annotated[
        float | None,
        Setting("input values become 1 above it and 0 below; None leaves them as they are"),
    ] = None
    y_threshold: Annotated[
        float | None,
        Setting("values to forecast become 1 above it and 0 below; None leaves them as they are"),
    ] = None
