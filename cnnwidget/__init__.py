"""A designer for convolutional networks that lives in a notebook cell.

    >>> import cnnwidget as cw
    >>> design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
    >>> cw.plan(design).output_shape
    (5, 64, 64)

Design   EncoderDecoder, Classifier, Generator, presets, forecaster_base, Network, layers
Look     plan, check, diagram, source, build, audit, to_json, from_json
Data     load, sample, windows, multi_output_tensor, single_output_tensor
Train    fit, train, find_lr, overfit, sweep, Runs, load_run, resume
Panel    Designer
Errors   CnnwidgetError, DesignError, DataError

`help(cw.fit)` explains one of them.
"""

import ast
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from cnnwidget.training.loop.threads import let_waiting_threads_sleep

__version__ = "0.2.0"

# The stub beside this file lists the public names, each once, with the file that defines it. Type
# checkers and editors read it, and so does this file: importing the package loads none of them, and
# designing a network needs no torch.
_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_MODULES = {
    alias.name: statement.module
    for statement in _STUB.body
    if isinstance(statement, ast.ImportFrom)
    for alias in statement.names
}
__all__ = sorted(_MODULES)  # noqa: PLE0605  (type checkers read the stub)

let_waiting_threads_sleep()  # before anything loads PyTorch


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _MODULES[name] == __name__:  # a module of the package itself
        return import_module(f"{__name__}.{name}")
    value = getattr(import_module(str(_MODULES[name])), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    # `help` prints all that a module lists, and would load torch to do so: to it the summary above
    # is enough. Nothing but the stack says that it is `help` who asks.
    frame = sys._getframe()  # noqa: SLF001
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__") == "pydoc":
            return []
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
