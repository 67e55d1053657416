"""The settings of a run, back in the controls, and a sentence on those without a control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.controls.training_controls import TrainingControls
from cnnwidget.training.fit_arguments import automatic_settings
from cnnwidget.training.recipe import SETTINGS, Recipe
from cnnwidget.training.setting import settings_for

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run


def restore_settings(controls: TrainingControls, run: Run) -> list[str]:
    """Set the controls of the training to the settings of a run.

    A value that would be worked out anyway is left to follow from the design.

    Returns:
        The settings that no control can show, in words.
    """
    recipe = run.recipe
    controls.budget.show(recipe)
    automatic = automatic_of(run)
    for name in controls.widgets:
        value = getattr(recipe, name)
        if name == "lr" and isinstance(value, tuple):
            continue
        controls.show(name, None if name in automatic and value == automatic[name] else value)
    return without_control(run)


def automatic_of(run: Run) -> dict[str, Any]:
    """Return the values that settings of a run would have if they were left out."""
    return automatic_settings(plan_of(run.design), len(run.split.train), run.recipe.optimizer)


def without_control(run: Run) -> list[str]:
    """Return the settings of a run that no control can show, in words."""
    recipe, automatic = run.recipe, automatic_of(run)
    found = [
        setting_in_words(name, getattr(recipe, name))
        for name, setting in settings_for(SETTINGS, run.task.settings).items()
        if setting.control is None
        and name not in run.task.follows.values()  # the design says them
        and getattr(recipe, name) not in (default_of(name, recipe), automatic.get(name))
    ]
    if isinstance(recipe.lr, tuple):
        found.append("a learning rate for each epoch")
    return [*found, *run.torch_task.without_control(run)]


def default_of(name: str, recipe: Recipe) -> Any:
    """Return the default of a setting; of one that has none, its value in the recipe."""
    field = Recipe.model_fields[name]
    return getattr(recipe, name) if field.is_required() else field.default


def setting_in_words(name: str, value: Any) -> str:
    """Return a setting in words: a number with its value.

    Example:
        >>> setting_in_words("gap", 2), setting_in_words("scaling", "standard")
        ('gap 2', 'its scaling')
    """
    return f"{name} {value}" if isinstance(value, int) else f"its {name}"


def restored(name: str, missing: list[str], *, data: bool) -> str:
    """Return a sentence on what came back of a run, and what did not.

    Example:
        >>> restored("run 1", ["gap 2"], data=True)
        'run 1 is back: design, data, settings; the panel has no control for gap 2.'
    """
    back = "design, data, settings" if data else "design, settings; its data are not here any more"
    return f"{name} is back: {back}" + (
        f"; the panel has no control for {', '.join(missing)}." if missing else "."
    )
