"""`presets`: networks of the literature by name, as designs to show and to change.

Figures are those of the papers or of the variants in general use; `tests/design/test_presets.py`
holds every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cnnwidget.design.design_types import Design
from cnnwidget.design.presets.published import PRESETS, Preset
from cnnwidget.design.value import closest, shortened


class Presets(Mapping[str, Design]):
    """Designs by name; `about` has the source of each and what it teaches.

    A design is made at first access.

    Example:
        >>> import cnnwidget as cw
        >>> presets = Presets()
        >>> cw.plan(presets["vgg16"]).params
        138357544
        >>> presets.about("vgg16").year
        2014
    """

    def __init__(self) -> None:
        self._made: dict[str, Design] = {}

    def __getitem__(self, name: str) -> Design:
        preset = self.about(name)
        if name not in self._made:
            self._made[name] = preset.make()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PRESETS)

    def __len__(self) -> int:
        return len(PRESETS)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in PRESETS

    def about(self, name: str) -> Preset:
        """Return the source of a preset, what it teaches, and its published figures.

        Raises:
            KeyError: if there is no preset of this name.
        """
        if name not in self:
            hint = closest(str(name), PRESETS) or f"; there are {', '.join(self)}."
            raise KeyError(f"there is no preset {shortened(name)}{hint}")
        return PRESETS[name]

    def __repr__(self) -> str:
        return "\n".join(
            f"{name}: {preset.title}, {preset.params:,} parameters. {preset.teaches}"
            for name, preset in PRESETS.items()
        )


presets = Presets()
