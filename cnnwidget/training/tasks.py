"""What a network is asked to do with frames: for now, to forecast them.

Nothing here needs torch: the panel asks before anything is trained.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnnwidget.data.frames import Frames
from cnnwidget.data.whole import whole
from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.designs import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan, plan_of


@dataclass(frozen=True)
class Forecast:
    """Frames that are given and frames that are wanted; time steps become channels.

    Attributes:
        pre_history_len: frames given, the history.
        forecast_len: frames wanted, the horizon.
        channels: variables in a frame.
        size: of a frame, per spatial axis.
    """

    pre_history_len: int
    forecast_len: int
    channels: int
    size: tuple[int, ...]

    @property
    def input_shape(self) -> Shape:
        """(steps x variables, *size) that goes into the network."""
        return (self.pre_history_len * self.channels, *self.size)

    @property
    def output_shape(self) -> Shape:
        """(steps x variables, *size) that comes out of it."""
        return (self.forecast_len * self.channels, *self.size)

    def misfit(self, plan: Plan) -> str:
        """Why a design cannot do this, in one sentence; empty if it can."""
        if plan.problems:
            return str(plan.problems[0])
        given, frames = (
            "frame" if number == 1 else "frames"
            for number in (self.pre_history_len, self.forecast_len)
        )
        steps = f"{self.pre_history_len} {given} of {spell((self.channels, *self.size))}"
        if plan.input_shape != self.input_shape:
            return (
                f"the design takes {spell(plan.input_shape)}, but {steps} "
                f"make{'s' * (self.pre_history_len == 1)} {spell(self.input_shape)}."
            )
        if plan.output_shape != self.output_shape:
            return (
                f"the design gives {spell(plan.output_shape or ())}, but a forecast of "
                f"{self.forecast_len} {frames} is {spell(self.output_shape)}."
            )
        for extra in plan.extras:
            if extra.shape != self.output_shape:
                return (
                    f"the auxiliary output {extra.name!r} is {spell(extra.shape)}, but is trained "
                    f"on the forecast, too, which is {spell(self.output_shape)}."
                )
        return ""

    def fitted(self, design: EncoderDecoder) -> EncoderDecoder:
        """The design with this task's sizes and channels; all else stays.

        Raises:
            DesignError: if settings per axis do not go with the number of axes.
        """
        target = None if design.target_size == design.input_size else self.size
        return design.replace(
            input_size=self.size,
            in_channels=self.input_shape[0],
            out_channels=self.output_shape[0],
            output_size=target,
        )


def forecast_of(
    design: Design | Plan,
    frames: Frames,
    pre_history_len: int | None = None,
    forecast_len: int | None = None,
) -> Forecast:
    """The forecast that a design makes of some frames; lengths not given follow from it.

    Raises:
        DesignError: if design, frames and lengths do not go together.
        DataError: if a length is no whole number of at least 1.
    """
    plan = plan_of(design)
    lengths = []
    for name, given, shape in (
        ("pre_history_len", pre_history_len, plan.input_shape),
        ("forecast_len", forecast_len, plan.output_shape or (1,)),
    ):
        # Where the channels are no whole number of frames, the nearest one is what is offered.
        likely = max(1, round(shape[0] / frames.channels))
        lengths.append(likely if given is None else whole(name, given))
    task = Forecast(lengths[0], lengths[1], frames.channels, frames.size)
    if reason := task.misfit(plan):
        # A problem begins with the name of a layer, which is written as it is.
        begun = reason if plan.problems else reason[0].upper() + reason[1:]
        raise DesignError(begun + hint(plan, task))
    return task


def hint(plan: Plan, task: Forecast) -> str:
    """What to write instead, where that is known."""
    if plan.problems or not isinstance(plan.design, EncoderDecoder):
        return ""
    try:
        fitted = task.fitted(plan.design)
    except DesignError:
        return ""
    if task.misfit(plan_of(fitted)):
        return ""
    before, after = plan.design, fitted
    changes = ", ".join(
        f"{name}={after.shown(name)!r}"
        for name in ("input_size", "output_size", "in_channels", "out_channels")
        if getattr(before, name) != getattr(after, name)
    )
    return f" Try design.replace({changes})."
