"""A designer for convolutional networks that lives in a notebook cell.

    >>> import cnnwidget as cw
    >>> design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
    >>> cw.plan(design).output_shape
    (5, 64, 64)

Names are looked up when they are first used, so that importing the package costs nothing and
designing a network needs no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnwidget.data.errors import DataError
    from cnnwidget.data.frames import load
    from cnnwidget.data.seed_windows import multi_output_tensor, single_output_tensor
    from cnnwidget.data.synthetic import sample
    from cnnwidget.data.windows import windows
    from cnnwidget.design.convolution import Conv, ConvTranspose
    from cnnwidget.design.errors import DesignError
    from cnnwidget.design.families import EncoderDecoder
    from cnnwidget.design.layers import (
        Activation,
        Dropout,
        Flatten,
        Linear,
        Norm,
        Resize,
        Unflatten,
    )
    from cnnwidget.design.network import Network, Sequence
    from cnnwidget.design.seed import forecaster_base
    from cnnwidget.model.audit import audit
    from cnnwidget.model.build import build
    from cnnwidget.panel.designer import Designer
    from cnnwidget.show.diagram import diagram
    from cnnwidget.show.source import source
    from cnnwidget.show.table import plan
    from cnnwidget.training.fit import fit, train
    from cnnwidget.training.saving import load_run

# Where each public name is defined.
HOME = {
    "EncoderDecoder": "design.families",
    "forecaster_base": "design.seed",
    "plan": "show.table",
    "diagram": "show.diagram",
    "source": "show.source",
    "build": "model.build",
    "audit": "model.audit",
    "load": "data.frames",
    "sample": "data.synthetic",
    "windows": "data.windows",
    "train": "training.fit",
    "fit": "training.fit",
    "load_run": "training.saving",
    "Designer": "panel.designer",
    "multi_output_tensor": "data.seed_windows",
    "single_output_tensor": "data.seed_windows",
    "DesignError": "design.errors",
    "DataError": "data.errors",
    "Network": "design.network",
    "Sequence": "design.network",
    "Conv": "design.convolution",
    "ConvTranspose": "design.convolution",
    "Norm": "design.layers",
    "Activation": "design.layers",
    "Dropout": "design.layers",
    "Linear": "design.layers",
    "Flatten": "design.layers",
    "Unflatten": "design.layers",
    "Resize": "design.layers",
}

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Conv",
    "ConvTranspose",
    "DataError",
    "DesignError",
    "Designer",
    "Dropout",
    "EncoderDecoder",
    "Flatten",
    "Linear",
    "Network",
    "Norm",
    "Resize",
    "Sequence",
    "Unflatten",
    "audit",
    "build",
    "diagram",
    "fit",
    "forecaster_base",
    "load",
    "load_run",
    "multi_output_tensor",
    "plan",
    "sample",
    "single_output_tensor",
    "source",
    "train",
    "windows",
]


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{HOME[name]}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
