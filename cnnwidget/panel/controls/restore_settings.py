"""The settings of a run back in the controls, and what there is no control for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnwidget.data.windows.split import split_by_time
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.controls.training_controls import AUTO, TrainingControls
from cnnwidget.training.recipe import loss_in_words, usual_batch_size, usual_weight_decay

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run


def recall(settings: TrainingControls, run: Run) -> list[str]:
    """Set the controls of the training to what a run was trained with.

    Returns:
        What they cannot say, in words.
    """
    from cnnwidget.training.tasks.transform import usual_residual

    recipe, plan = run.recipe, plan_of(run.design)
    settings.unit.value = "seconds" if recipe.epochs is None else "epochs"
    settings.amount.value = recipe.seconds if recipe.epochs is None else recipe.epochs
    # What would be chosen anyway goes on following the design.
    usual = usual_batch_size(plan, len(run.split.train))
    batch = AUTO if recipe.batch_size == usual else recipe.batch_size
    choose(settings.batch_size, str(batch), batch)
    if not isinstance(recipe.lr, tuple):
        choose(settings.lr, f"{recipe.lr:g}", recipe.lr)
    choose(settings.loss, loss_in_words(recipe.loss), recipe.loss)
    settings.device.value = recipe.device
    settings.precision.value = recipe.precision
    settings.optimizer.value = recipe.optimizer
    decay: float | str | None = recipe.weight_decay
    if decay is None or decay == usual_weight_decay(recipe.optimizer):
        decay = AUTO
    choose(settings.weight_decay, f"{decay:g}" if isinstance(decay, float) else decay, decay)
    settings.schedule.value = recipe.schedule
    settings.clip.value = recipe.clip_grad_norm or 0.0
    settings.patience.value = recipe.patience or 0
    settings.augment.value = recipe.augment
    usual_way = recipe.residual == usual_residual(plan, run.make_up)
    settings.residual.value = None if usual_way else recipe.residual
    settings.period.value = recipe.period or 0
    settings.seed.value = recipe.seed
    return left_out(run)


def choose(control: Any, label: str, value: Any) -> None:
    """Choose a value, which code may have set to one that there is no option for."""
    options = [each if isinstance(each, tuple) else (str(each), each) for each in control.options]
    if value not in [each for _, each in options]:
        options.append((label, value))
        if isinstance(value, float):
            options.sort(key=lambda option: option[1])
        control.options = options
    control.value = value


def left_out(run: Run) -> list[str]:
    """What a run has that the panel has no control for."""
    recipe, windows = run.recipe, run.windows
    lengths = (recipe.pre_history_len, recipe.forecast_len)
    own_cut = recipe.stride != 1 or recipe.gap != 0
    found = {
        f"stride {recipe.stride}": recipe.stride != 1,
        f"gap {recipe.gap}": recipe.gap != 0,
        "its scaling": recipe.scaling != "minmax",
        "a learning rate for each epoch": isinstance(recipe.lr, tuple),
        "its choice of channels, or its series": not run.make_up.is_plain(run.last.shape[1]),
        "its split": windows is not None
        and not own_cut
        and run.split != split_by_time(windows.frames.steps, WindowCut(*lengths)),
    }
    return [name for name, holds in found.items() if holds]


def restored(name: str, left: list[str], *, data: bool) -> str:
    """What came back of a run, and what did not.

    Example:
        >>> restored("run 1", ["gap 2"], data=True)
        'run 1 is back: design, data, settings; the panel has no control for gap 2.'
    """
    back = "design, data, settings" if data else "design, settings; its data are not here any more"
    return f"{name} is back: {back}" + (
        f"; the panel has no control for {', '.join(left)}." if left else "."
    )
