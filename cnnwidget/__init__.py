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
    from cnnwidget.data.load import load
    from cnnwidget.data.samples.library import labelled, sample
    from cnnwidget.data.samples.noisy import noisy
    from cnnwidget.data.windows.examples import examples
    from cnnwidget.data.windows.torchcnnbuilder_windows import (
        multi_output_tensor,
        single_output_tensor,
    )
    from cnnwidget.data.windows.windows import windows
    from cnnwidget.design.errors import CnnwidgetError, DesignError
    from cnnwidget.design.families.classifier import Classifier
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder
    from cnnwidget.design.families.generator import Generator
    from cnnwidget.design.families.torchcnnbuilder import forecaster_base
    from cnnwidget.design.json_format import from_json, to_json
    from cnnwidget.design.layers.activation import Activation
    from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
    from cnnwidget.design.layers.convolution import Conv, ConvTranspose
    from cnnwidget.design.layers.dense import Dropout, Linear
    from cnnwidget.design.layers.norm import Norm
    from cnnwidget.design.layers.normalize import Normalize
    from cnnwidget.design.layers.pooling import GlobalPool, Pool
    from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
    from cnnwidget.design.layers.resizing import Resize, Upsample
    from cnnwidget.design.network import Aux, Branches, Keep, Merge, Network, Sequence, Skip
    from cnnwidget.design.presets.presets import presets
    from cnnwidget.model.audit import audit
    from cnnwidget.model.build import build
    from cnnwidget.panel.designer import Designer
    from cnnwidget.show.diagram import diagram
    from cnnwidget.show.source import source
    from cnnwidget.show.table import plan
    from cnnwidget.training.checks.check import check
    from cnnwidget.training.checks.learning_rate import find_lr
    from cnnwidget.training.checks.overfit import overfit
    from cnnwidget.training.checks.sweep import sweep
    from cnnwidget.training.fit import fit, train
    from cnnwidget.training.runs.collection import Runs
    from cnnwidget.training.runs.resume import resume
    from cnnwidget.training.runs.run_file import load_run

# Where each public name is defined.
HOME = {
    "EncoderDecoder": "design.families.encoder_decoder",
    "Classifier": "design.families.classifier",
    "Generator": "design.families.generator",
    "presets": "design.presets.presets",
    "forecaster_base": "design.families.torchcnnbuilder",
    "plan": "show.table",
    "diagram": "show.diagram",
    "source": "show.source",
    "build": "model.build",
    "audit": "model.audit",
    "load": "data.load",
    "sample": "data.samples.library",
    "labelled": "data.samples.library",
    "noisy": "data.samples.noisy",
    "examples": "data.windows.examples",
    "windows": "data.windows.windows",
    "train": "training.fit",
    "fit": "training.fit",
    "find_lr": "training.checks.learning_rate",
    "overfit": "training.checks.overfit",
    "resume": "training.runs.resume",
    "sweep": "training.checks.sweep",
    "Runs": "training.runs.collection",
    "load_run": "training.runs.run_file",
    "Designer": "panel.designer",
    "multi_output_tensor": "data.windows.torchcnnbuilder_windows",
    "single_output_tensor": "data.windows.torchcnnbuilder_windows",
    "to_json": "design.json_format",
    "from_json": "design.json_format",
    "CnnwidgetError": "design.errors",
    "DesignError": "design.errors",
    "DataError": "data.errors",
    "Network": "design.network",
    "Sequence": "design.network",
    "Conv": "design.layers.convolution",
    "ConvTranspose": "design.layers.convolution",
    "Norm": "design.layers.norm",
    "Activation": "design.layers.activation",
    "Dropout": "design.layers.dense",
    "Linear": "design.layers.dense",
    "Flatten": "design.layers.reshaping",
    "Unflatten": "design.layers.reshaping",
    "Resize": "design.layers.resizing",
    "squeeze_excitation": "design.layers.attention",
    "spatial_attention": "design.layers.attention",
    "Pool": "design.layers.pooling",
    "GlobalPool": "design.layers.pooling",
    "PixelShuffle": "design.layers.reshaping",
    "PixelUnshuffle": "design.layers.reshaping",
    "Upsample": "design.layers.resizing",
    "Normalize": "design.layers.normalize",
    "Skip": "design.network",
    "Branches": "design.network",
    "Keep": "design.network",
    "Merge": "design.network",
    "Aux": "design.network",
    "check": "training.checks.check",
}

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Aux",
    "Branches",
    "Classifier",
    "CnnwidgetError",
    "Conv",
    "ConvTranspose",
    "DataError",
    "DesignError",
    "Designer",
    "Dropout",
    "EncoderDecoder",
    "Flatten",
    "Generator",
    "GlobalPool",
    "Keep",
    "Linear",
    "Merge",
    "Network",
    "Norm",
    "Normalize",
    "PixelShuffle",
    "PixelUnshuffle",
    "Pool",
    "Resize",
    "Runs",
    "Sequence",
    "Skip",
    "Unflatten",
    "Upsample",
    "audit",
    "build",
    "check",
    "diagram",
    "examples",
    "find_lr",
    "fit",
    "forecaster_base",
    "from_json",
    "labelled",
    "load",
    "load_run",
    "multi_output_tensor",
    "noisy",
    "overfit",
    "plan",
    "presets",
    "resume",
    "sample",
    "single_output_tensor",
    "source",
    "spatial_attention",
    "squeeze_excitation",
    "sweep",
    "to_json",
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
