"""`run.json`: a run without its tensors, written and read; a record that is read is not trusted."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from cnnwidget.data.data_error import DataError, reason_of
from cnnwidget.data.fingerprint import ArrayFingerprint, Fingerprint
from cnnwidget.data.windows.split import Split, SplitKind
from cnnwidget.design.axes import is_whole
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.json_format import from_json, to_json
from cnnwidget.design.value import Value
from cnnwidget.training.loop.events import Ending, Epoch
from cnnwidget.training.recipe import Recipe

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run
    from cnnwidget.training.tasks.task_protocol import TaskRecord

# Of the format. Version 1 knew no reference but the last frame.
VERSION: Final = 2
# A record of a thousand epochs has a tenth of this, in bytes.
LARGEST_RECORD = 100_000_000

# JSON has no infinity and no NaN: they are text.
LossValue = float | Literal["nan", "inf", "-inf"]
Count = Annotated[int, Field(ge=0, lt=2**53)]
NotNegative = Annotated[float, Field(ge=0)]
Part = tuple[Count, Count]
EpochRecord = tuple[Count, LossValue, LossValue | None, NotNegative, NotNegative]


def check_form(form: re.Pattern[str], word: str) -> str:
    """Return a word of a record, which is shown to a person.

    Raises:
        ValueError: if it is more than a word.
    """
    if not form.fullmatch(word):
        raise ValueError("must be a word, a version or a digest, as run.save writes it.")
    return word


WORD = re.compile(r"[\w.+!-]{1,100}")
Word = Annotated[str, AfterValidator(partial(check_form, WORD))]
Digest = Annotated[str, AfterValidator(partial(check_form, re.compile(r"[0-9a-f]{32}")))]
Length = Annotated[int, Field(ge=1, lt=2**53)]
# The fields of an `ArrayFingerprint`.
FingerprintRecord = tuple[
    Word, Annotated[tuple[Length, ...], Field(min_length=1, max_length=5)], Word, Digest
]


class RunRecord(Value):
    """The record of a run: names, numbers and tuples of them.

    Attributes:
        version: of the format.
        versions: of what it was trained with.
        fingerprint: of the data; see `ArrayFingerprint`.
        design: as JSON.
        recipe: its fields; the task among them.
        predictor: what its task writes beside the tensors.
        metrics: what its task writes of them; None if they were never measured.
        split: start and stop of training, validation and test.
        split_kind: see `Split`.
        start: the fields of epoch 0; None if there is none.
        history: the fields of each `Epoch`.
        best: the number of the best epoch, which may be 0.
        baselines: name and loss of each.
        ending: see `Run`.
        device: where it was trained.
        data_name: the name of the data.
    """

    version: Literal[2]  # VERSION
    versions: dict[Word, Word]
    fingerprint: tuple[FingerprintRecord, ...]
    design: dict[str, Any]
    recipe: dict[str, Any]
    predictor: dict[str, Any]
    metrics: dict[str, Any] | None
    split: tuple[Part, Part, Part]
    split_kind: SplitKind
    start: EpochRecord | None
    history: tuple[EpochRecord, ...]
    best: Count | None
    baselines: tuple[tuple[str, LossValue], ...]
    ending: Ending
    device: str
    data_name: str

    @model_validator(mode="after")
    def _parts_in_order(self) -> Self:
        edges = [edge for part in self.split for edge in part]
        held_out = [first < stop for first, stop in self.split[1:]]
        if edges != sorted(edges) or held_out != [self.split_kind != "none"] * 2:
            raise ValueError(
                f"split is {self.split} and split_kind {self.split_kind!r}, but parts must follow "
                "each other, and hold windows unless the kind is 'none'."
            )
        return self

    @model_validator(mode="after")
    def _epochs_in_order(self) -> Self:
        check_history(self.start, self.history, self.best)
        return self


def check_history(
    start: EpochRecord | None, history: tuple[EpochRecord, ...], best: int | None
) -> None:
    """Refuse epochs that do not follow each other.

    Raises:
        ValueError: saying so.
    """
    before, numbers = [] if start is None else [start[0]], [number for number, *_ in history]
    in_order = before in ([], [0]) and numbers == list(range(1, len(numbers) + 1))
    if not in_order or best not in [None, *before, *numbers]:
        raise ValueError(
            "start must be epoch 0 or null, history count epochs from 1, and best be one of these "
            "or null."
        )


def record_of(run: Run, of_task: TaskRecord) -> RunRecord:
    """Return what is written of a run."""
    parts = (run.split.train, run.split.validation, run.split.test)
    return RunRecord(
        version=VERSION,
        versions=dict(run.versions),
        fingerprint=tuple(tuple(each) for each in run.fingerprint or ()),  # type: ignore[misc]
        design=to_json(run.design),
        recipe=run.recipe.model_dump(),
        predictor=of_task.predictor,
        metrics=of_task.metrics,
        split=tuple((part.start, part.stop) for part in parts),  # type: ignore[arg-type]
        split_kind=run.split.kind,
        start=None if run.start is None else epoch_record(run.start),
        history=tuple(epoch_record(each) for each in run.history),
        best=None if run.best is None else run.best.epoch,
        baselines=tuple((name, loss_value(loss)) for name, loss in run.baselines),
        ending=run.ending,
        device=run.device,
        # The name of a file may hold bytes that are no text.
        data_name=run.data_name.encode("utf-8", "replace").decode(),
    )


def epoch_record(epoch: Epoch) -> EpochRecord:
    """Return an epoch as it is written."""
    validation = None if epoch.validation is None else loss_value(epoch.validation)
    return (epoch.epoch, loss_value(epoch.train), validation, epoch.lr, epoch.seconds)


def loss_value(loss: float) -> LossValue:
    """Return a loss as it is written: as text, if it is not finite."""
    return loss if np.isfinite(loss) else str(float(loss))  # type: ignore[return-value]


def read_record(path: Path) -> tuple[RunRecord, Design, Recipe]:
    """Return a record with its design and its recipe, each checked by its own constructor.

    Raises:
        DataError: if the file is missing, damaged or no record of a run.
    """
    fields = read_json(path)
    if not isinstance(fields, dict) or fields.get("version") != VERSION:
        raise DataError(f"{path} is {what_it_is(fields)}.")
    # What others read is left as it is.
    as_read = {"design", "predictor", "metrics"}
    try:
        record = RunRecord(
            **{name: each if name in as_read else tupled(each) for name, each in fields.items()}
        )
        return record, from_json(record.design), Recipe(**record.recipe)
    except CnnwidgetError as error:
        raise DataError(f"{path} is no record of a run: {error}") from None
    except RecursionError:
        raise DataError(f"{path} is no record of a run: it has lists in lists in lists.") from None


def what_it_is(fields: object) -> str:
    """Return what JSON is that is no record of this version, with the version that wrote it."""
    if isinstance(fields, dict) and is_whole(version := fields.get("version"), 1):
        versions = fields.get("versions")
        writer = versions.get("cnnwidget") if isinstance(versions, dict) else None
        if isinstance(writer, str) and WORD.fullmatch(writer):
            return (
                f"the record of a run of version {version}, written by cnnwidget {writer}, but "
                f"version {VERSION} is read here; load it with that version, or train anew"
            )
    return f"no record of a run of version {VERSION}, which is the one known here"


def read_json(path: Path) -> Any:
    """Return what a file of JSON says, if it is not absurdly large.

    Raises:
        DataError: if it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_RECORD:
            raise DataError(f"{path} is too large for the record of a run.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error)
        raise DataError(f"{path} cannot be read as the record of a run: {reason}.") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON: {error}.") from None


def tupled(value: Any) -> Any:
    """Return a value whose lists, which is all that JSON has, are tuples."""
    if isinstance(value, dict):
        return {name: tupled(each) for name, each in value.items()}
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def read_split(record: RunRecord) -> Split:
    """Return the split of a record."""
    train, validation, test = (range(*part) for part in record.split)
    return Split(train=train, validation=validation, test=test, kind=record.split_kind)


def read_epoch(saved: EpochRecord) -> Epoch:
    """Return an epoch of a record."""
    number, train, validation, lr, seconds = saved
    held_out = None if validation is None else float(validation)
    return Epoch(number, float(train), held_out, lr, seconds)


def read_fingerprint(saved: tuple[FingerprintRecord, ...]) -> Fingerprint:
    """Return a fingerprint of a record.

    Example:
        >>> read_fingerprint((("frames", (9, 1, 8), "float32", "ab" * 16),))[0].shape
        (9, 1, 8)
    """
    return tuple(ArrayFingerprint(*each) for each in saved)
