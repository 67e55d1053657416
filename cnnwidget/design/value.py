"""Immutable, validated values: the base of every layer and every design.

A value holds tuples, numbers and names, so it hashes, compares and can be a key of a cache.
It changes only through its constructor (`replace` calls it), so a value that exists is valid.
"""

from __future__ import annotations

import difflib
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from cnnwidget.design.errors import CnnwidgetError, DesignError

if TYPE_CHECKING:  # pydantic keeps it in a private module
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

# A value in an error message is cut here: a sentence must stay one.
LONGEST_SHOWN = 60

# Sets the place where a pydantic model keeps its fields; see `Value.unchecked`.
SET_FIELDS = BaseModel.__dict__["__dict__"].__set__


class Bare(BaseModel):
    """A model without fields: all its attributes come from pydantic or Python."""


# `dir` and `help` leave these out.
HIDDEN = frozenset(type.__dir__(Bare)) - {"__class__", "__doc__", "__module__"}


class ValueType(ModelMetaclass):
    """The type of `Value`, which lists only attributes of this package."""

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in HIDDEN]


class Value(BaseModel, metaclass=ValueType):
    """A frozen record with strict fields; its constructor raises one kind of error."""

    # The error that the constructor raises; records that are no designs have another.
    _error: ClassVar[type[CnnwidgetError]] = DesignError

    # The prefix of the class name in a repr: the public module of the class.
    _prefix: ClassVar[str] = ""

    # The defaults of all fields, in their order; those of required fields are never used.
    _defaults: ClassVar[dict[str, Any]] = {}

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Give the class a readable signature: fields, types and defaults without the checks."""
        cls._defaults = {name: field.default for name, field in cls.model_fields.items()}
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
            raise self._error(
                f"{type(self).__name__}: {shortened(unnamed[0])} has no name; write "
                f"{type(self).__name__}({first}=...), and so on for every field."
            )
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise self._error(describe(type(self), error.errors(include_url=False))) from None

    @classmethod
    def unchecked(cls, **fields: Any) -> Self:
        """Return a value whose fields follow from a checked design and are not checked again.

        A plan of 5 + 5 layers takes 0.11 ms with this and `replace_unchecked`. It takes 0.22 ms
        with the constructor in place of this one, and 0.19 ms with `replace` in place of
        `replace_unchecked`; `tests/benchmarks` allows 0.16. `tests/design/test_unchecked.py` makes
        such values of random designs with the constructors, too, and compares them.
        """
        value = object.__new__(cls)
        SET_FIELDS(value, cls._defaults | fields)
        return value

    def replace_unchecked(self, **changes: Any) -> Self:
        """Return the same value with some fields changed, without checks as in `unchecked`."""
        value = object.__new__(type(self))
        SET_FIELDS(value, self.__dict__ | changes)
        return value

    if not TYPE_CHECKING:  # attributes are known to a type checker without this

        def __getattr__(self, name: str) -> Any:
            """Return pydantic's own attributes for a value made by `unchecked`."""
            if name == "__pydantic_fields_set__":
                return set(self.__dict__)
            if name in {"__pydantic_extra__", "__pydantic_private__"}:
                return None
            return super().__getattr__(name)

    def replace(self, **changes: Any) -> Self:
        """Return the same value with some fields changed, checked like a new one.

        Raises:
            DesignError: where the constructor would.
        """
        return type(self)(**(self.changed_fields() | changes))

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """Return `replace`: pydantic's own method would skip the checks."""
        return self.replace(**(update or {}))

    def copy(self, *, update: Any = None, **_: Any) -> Self:
        """Return `replace`: pydantic's older name for `model_copy`."""
        return self.replace(**(update or {}))

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in HIDDEN]

    def __setattr__(self, name: str, value: Any) -> None:
        raise self._error(
            f"{type(self).__name__} does not change; replace({name}={shortened(value)}) makes "
            "another one."
        )

    def __delattr__(self, name: str) -> None:
        raise self._error(f"{type(self).__name__} does not change; {name} cannot be taken away.")

    def __replace__(self, **changes: Any) -> Self:  # what copy.replace of Python 3.13 calls
        return self.replace(**changes)

    def changed_fields(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, and the required ones."""
        fields = type(self).model_fields.items()
        return {
            name: getattr(self, name)
            for name, field in fields
            if field.is_required() or getattr(self, name) != field.default
        }

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.changed_fields().items())
        return f"{self._prefix}{type(self).__name__}({fields})"

    __str__ = __repr__


# Arguments of torch's layers that a layer here takes from the shape of its input.
FROM_INPUT = {"in_channels", "in_features", "num_features"}
FROM_INPUT_HINT = "; it follows from what comes in."

# Names that have less in common than this are different words, not one misspelt.
ALIKE = 0.7

# The reasons for some of pydantic's kinds of errors.
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
    """Return a sentence for the first of pydantic's errors: field, value, reason and hint."""
    # A misspelt name leaves the right one missing: the misspelt one is reported first.
    error = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    kind, context = error["type"], error.get("ctx", {})
    if not error["loc"]:  # several fields do not go together; the message names them
        return f"{cls.__name__}: {context['error']}"
    field = str(error["loc"][0])
    where = f"{cls.__name__}: {field}"
    if kind == "missing":
        return f"{where} is missing; give it a value."
    if kind == "extra_forbidden":
        follows = field in FROM_INPUT and hasattr(cls, "output_shape")
        hint = FROM_INPUT_HINT if follows else closest(field, cls.model_fields)
        return f"{where} is none of its fields{hint or '.'}"
    shown = shortened(error["input"])
    if kind == "value_error":
        return f"{where} is {shown}, but {context['error']}"
    if kind == "literal_error":
        # A union of names gives several errors, one for each member.
        names = [
            name
            for each in errors
            if each["loc"][:1] == error["loc"][:1]
            for name in accepted_names(each)
        ]
        hint = closest(str(error["input"]), names)
        return f"{where} is {shown}, but must be one of {', '.join(names)}{hint or '.'}"
    reason = REASONS.get(kind, "does not fit: " + error["msg"].lower())
    return f"{where} is {shown}, but {reason.format(**context)}."


def accepted_names(error: ErrorDetails) -> list[str]:
    """Return the names that a field accepts."""
    expected: str = error.get("ctx", {}).get("expected", "")
    return expected.replace(" or ", ", ").replace("'", "").split(", ") if expected else []


def shortened(value: object) -> str:
    """Return the repr of a value, cut to the length that a sentence can hold."""
    try:
        shown = repr(value)
    except ValueError:  # Python spells no number of more than some thousand digits
        return "a number of thousands of digits"
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "..."


def closest(word: str, names: Any) -> str:
    """Return a hint at the most similar name; empty where none is similar."""
    by_lower_case = {name.lower(): name for name in names}
    word = word.lower()
    near = difflib.get_close_matches(word, list(by_lower_case), n=1, cutoff=ALIKE)
    # One word of several is meant, too: slope for negative_slope.
    near = near or [name for name in by_lower_case if word in name.split("_")]
    return f"; did you mean {by_lower_case[near[0]]!r}?" if near else ""
