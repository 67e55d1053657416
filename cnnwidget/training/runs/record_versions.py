"""Where a run comes from, as JSON can hold it, and read again; what is read is not trusted."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from cnnwidget.data.fingerprint import ArrayFingerprint, Fingerprint


def in_form(form: re.Pattern[str], word: str) -> str:
    """A word, which is shown to a person.

    Raises:
        ValueError: if it is more than a word.
    """
    if not form.fullmatch(word):
        raise ValueError("must be a word, a version or a digest, as run.save writes it.")
    return word


Word = Annotated[str, AfterValidator(partial(in_form, re.compile(r"[\w.+!-]{1,100}")))]
Digest = Annotated[str, AfterValidator(partial(in_form, re.compile(r"[0-9a-f]{32}")))]
Length = Annotated[int, Field(ge=1, lt=2**53)]
# The fields of a `ArrayFingerprint`.
SavedPrint = tuple[
    Literal["frames", "valid", "past", "future"],
    Annotated[tuple[Length, ...], Field(min_length=1, max_length=5)],
    Word,
    Digest,
]


def saved_fingerprint(fingerprint: Fingerprint | None) -> tuple[SavedPrint, ...]:
    """A fingerprint as it is written; empty where there is none."""
    return tuple(tuple(each) for each in fingerprint or ())  # type: ignore[misc]


def read_fingerprint(saved: tuple[SavedPrint, ...]) -> Fingerprint:
    """A fingerprint as it was.

    Example:
        >>> read_fingerprint((("frames", (9, 1, 8), "float32", "ab" * 16),))[0].shape
        (9, 1, 8)
    """
    return tuple(ArrayFingerprint(*each) for each in saved)
