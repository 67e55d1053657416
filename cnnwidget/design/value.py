"""Immutable, validated values: the base of every layer and every design.

A value holds tuples, numbers and names, so it hashes, compares and can be a key of a cache.
It changes only through its constructor (`replace` calls it), so a value that exists is valid.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from cnnwidget.design.errors import DesignError

# A value in an error message is cut here: a sentence must stay one.
LONGEST_SHOWN = 60


class Value(BaseModel):
    """A frozen record with strict fields; constructors raise `DesignError`, nothing else."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            sentence = describe(type(self), error.errors(include_url=False)[0])
            raise DesignError(sentence) from None

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed, checked anew.

        Raises:
            DesignError: where the constructor would.
        """
        return type(self)(**{name: getattr(self, name) for name in self.model_fields_set} | changes)

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """As `replace`: pydantic's own would let an unchecked value through."""
        return self.replace(**(update or {}))

    def __replace__(self, **changes: Any) -> Self:  # what copy.replace of Python 3.13 calls
        return self.replace(**changes)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Fields that differ from their defaults: what one would have to write."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value != field.get_default():
                yield name, value

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__repr_args__())
        return f"{type(self).__name__}({fields})"

    __str__ = __repr__


# The kinds of pydantic's findings that have a sentence of their own here.
REASONS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be True or False",
}


def describe(cls: type[BaseModel], error: ErrorDetails) -> str:
    """One sentence for one of pydantic's findings: field, value, reason and hint."""
    kind, context = error["type"], error.get("ctx", {})
    if not error["loc"]:  # several fields do not go together; the message names them
        return f"{cls.__name__}: {context['error']}"
    field = str(error["loc"][0])
    where = f"{cls.__name__}: {field}"
    if kind == "missing":
        return f"{where} is missing; give it a value."
    if kind == "extra_forbidden":
        return f"{where} is none of its fields{closest(field, cls.model_fields)}."
    shown = repr(error["input"])
    if len(shown) > LONGEST_SHOWN:
        shown = shown[:LONGEST_SHOWN] + "..."
    if kind == "value_error":
        return f"{where} is {shown}, but {context['error']}"
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ").replace("'", "")
        hint = closest(str(error["input"]), names.split(", "))
        return f"{where} is {shown}, but must be one of {names}{hint}."
    reason = REASONS.get(kind, "does not fit: " + error["msg"].lower())
    return f"{where} is {shown}, but {reason.format(**context)}."


def closest(word: str, known: Any) -> str:
    """A hint at the known name that was probably meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
