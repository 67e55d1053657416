"""Immutable, validated values: the base of every layer and every design.

A value holds tuples, numbers and names, so it hashes, compares and can be a key of a cache.
It changes only through its constructor (`replace` calls it), so a value that exists is valid.
"""

from __future__ import annotations

import difflib
from inspect import Parameter, Signature
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from cnnwidget.design.errors import DesignError

# A value in an error message is cut here: a sentence must stay one.
LONGEST_SHOWN = 60


class Value(BaseModel):
    """A frozen record with strict fields; constructors raise `DesignError`, nothing else."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """A signature that a person can read: fields, types and defaults without the checks."""
        cls.__signature__ = Signature(
            [
                Parameter(
                    name,
                    Parameter.KEYWORD_ONLY,
                    default=Parameter.empty if field.is_required() else field.default,
                    annotation=field.annotation,
                )
                for name, field in cls.model_fields.items()
            ]
        )

    def __init__(self, /, *unnamed: Any, **fields: Any) -> None:
        if unnamed:
            first = next(iter(type(self).model_fields), "")
            raise DesignError(
                f"{type(self).__name__}: {shortened(unnamed[0])} has no name; write "
                f"{type(self).__name__}({first}=...), and so on for every field."
            )
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise DesignError(describe(type(self), error.errors(include_url=False))) from None

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed, checked anew.

        Raises:
            DesignError: where the constructor would.
        """
        return type(self)(**(self.written() | changes))

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """As `replace`: pydantic's own would let an unchecked value through."""
        return self.replace(**(update or {}))

    def copy(self, *, update: Any = None, **_: Any) -> Self:
        """As `replace`: the same for pydantic's older name."""
        return self.replace(**(update or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        raise DesignError(
            f"{type(self).__name__} does not change; replace({name}={shortened(value)}) makes "
            "another one."
        )

    def __delattr__(self, name: str) -> None:
        raise DesignError(f"{type(self).__name__} does not change; {name} cannot be taken away.")

    def __replace__(self, **changes: Any) -> Self:  # what copy.replace of Python 3.13 calls
        return self.replace(**changes)

    def written(self) -> dict[str, Any]:
        """The fields that differ from their defaults: what one would have to write."""
        fields = type(self).model_fields.items()
        return {
            name: getattr(self, name)
            for name, field in fields
            if field.is_required() or getattr(self, name) != field.default
        }

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.written().items())
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


def describe(cls: type[BaseModel], errors: list[ErrorDetails]) -> str:
    """One sentence for the first of pydantic's findings: field, value, reason and hint."""
    error = errors[0]
    kind, context = error["type"], error.get("ctx", {})
    if not error["loc"]:  # several fields do not go together; the message names them
        return f"{cls.__name__}: {context['error']}"
    field = str(error["loc"][0])
    where = f"{cls.__name__}: {field}"
    if kind == "missing":
        return f"{where} is missing; give it a value."
    if kind == "extra_forbidden":
        return f"{where} is none of its fields{closest(field, cls.model_fields) or '.'}"
    shown = shortened(error["input"])
    if kind == "value_error":
        return f"{where} is {shown}, but {context['error']}"
    if kind == "literal_error":
        # A union of names is several findings, each with its own.
        names = [
            name for each in errors if each["loc"][:1] == error["loc"][:1] for name in known(each)
        ]
        hint = closest(str(error["input"]), names)
        return f"{where} is {shown}, but must be one of {', '.join(names)}{hint or '.'}"
    reason = REASONS.get(kind, "does not fit: " + error["msg"].lower())
    return f"{where} is {shown}, but {reason.format(**context)}."


def known(error: ErrorDetails) -> list[str]:
    """The names that a field would have taken."""
    expected: str = error.get("ctx", {}).get("expected", "")
    return expected.replace(" or ", ", ").replace("'", "").split(", ") if expected else []


def shortened(value: object) -> str:
    """The value as Python would write it, cut to what a sentence can hold."""
    try:
        shown = repr(value)
    except ValueError:  # Python spells no number of more than some thousand digits
        return "a number of thousands of digits"
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "..."


def closest(word: str, known: Any) -> str:
    """A hint at the known name that was probably meant, or nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
