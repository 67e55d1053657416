# The public names, each once, in the file that defines it: type checkers and editors read this
# stub, and `__init__.py` reads it to look names up and to list them in `__all__`.

from cnnwidget import layers as layers
from cnnwidget.data.data_error import DataError as DataError
from cnnwidget.data.load import load as load
from cnnwidget.data.samples.library import sample as sample
from cnnwidget.data.windows.torchcnnbuilder_windows import (
    multi_output_tensor as multi_output_tensor,
)
from cnnwidget.data.windows.torchcnnbuilder_windows import (
    single_output_tensor as single_output_tensor,
)
from cnnwidget.data.windows.windows import windows as windows
from cnnwidget.design.errors import CnnwidgetError as CnnwidgetError
from cnnwidget.design.errors import DesignError as DesignError
from cnnwidget.design.families.classifier import Classifier as Classifier
from cnnwidget.design.families.encoder_decoder import EncoderDecoder as EncoderDecoder
from cnnwidget.design.families.generator import Generator as Generator
from cnnwidget.design.families.torchcnnbuilder import forecaster_base as forecaster_base
from cnnwidget.design.json_format import from_json as from_json
from cnnwidget.design.json_format import to_json as to_json
from cnnwidget.design.network import Network as Network
from cnnwidget.design.presets.presets import presets as presets
from cnnwidget.model.audit import audit as audit
from cnnwidget.model.build import build as build
from cnnwidget.panel.designer import Designer as Designer
from cnnwidget.show.diagram import diagram as diagram
from cnnwidget.show.source import source as source
from cnnwidget.show.table import plan as plan
from cnnwidget.training.checkpoints.resume import resume as resume
from cnnwidget.training.checks.check import check as check
from cnnwidget.training.checks.find_lr import find_lr as find_lr
from cnnwidget.training.checks.overfit import overfit as overfit
from cnnwidget.training.checks.sweep import sweep as sweep
from cnnwidget.training.fit import fit as fit
from cnnwidget.training.fit import train as train
from cnnwidget.training.runs.collection import Runs as Runs
from cnnwidget.training.runs.load_run import load_run as load_run

__version__: str
