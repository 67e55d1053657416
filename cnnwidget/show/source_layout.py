"""Python expressions laid out on lines of bounded length, the way formatters do it."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 100
STEP = "    "


@dataclass(frozen=True, slots=True)
class Item:
    """One argument: `prefix` such as `stage1=`, what follows, and a remark behind it."""

    code: Expression
    prefix: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Bracketed:
    """Something in brackets: a call, a list, a tuple."""

    opening: str
    items: tuple[Item, ...]
    closing: str


Expression = str | Bracketed


def flat(code: Expression) -> str | None:
    """Return the expression on one line; None if a remark needs its own line end."""
    if isinstance(code, str):
        return code
    parts = []
    for item in code.items:
        inner = flat(item.code)
        if inner is None or item.remark:
            return None
        parts.append(item.prefix + inner)
    return f"{code.opening}{', '.join(parts)}{code.closing}"


def laid_out(code: Expression, indent: str, before: str = "", after: str = "") -> str:
    """Return the lines of an expression, the first with `indent` and `before`.

    On one line if it fits with `after`; else its arguments together on the next; else one a line.
    """
    single = flat(code)
    if single is not None and len(indent + before + single + after) <= WIDTH:
        return f"{indent}{before}{single}{after}"
    if isinstance(code, str):
        return f"{indent}{before}{code}{after}"
    inner = indent + STEP
    joined = None if single is None else single[len(code.opening) : len(single) - len(code.closing)]
    # Formatters keep the arguments of a call together, but not the members of a list or tuple.
    is_call = code.opening not in ("(", "[", "{")
    if is_call and joined is not None and len(inner + joined) <= WIDTH:
        lines = [inner + joined]
    else:
        comma = "," if len(code.items) > 1 else ""
        lines = [
            laid_out(item.code, inner, item.prefix, comma + (item.remark and f"  # {item.remark}"))
            for item in code.items
        ]
    return "\n".join([f"{indent}{before}{code.opening}", *lines, f"{indent}{code.closing}{after}"])
