"""Graphviz: DOT to SVG, by pygraphviz or by the program `dot`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import NamedTuple

# Graphviz keeps global state; two threads in it at once can crash the process.
ONE_AT_A_TIME = Lock()
LONGEST_SECONDS = 60
STANDARD_ERROR = 2

HOW_TO_GET_A_PICTURE = (
    "No picture: neither the Python package pygraphviz nor the program dot was found; "
    "`pip install pygraphviz` brings all that is needed."
)


class Rendering(NamedTuple):
    """SVG, or the reason why there is none.

    Attributes:
        svg: the picture from its `<svg` tag on; None where nothing here can draw.
        dot: the text it was drawn from.
        reason: why there is no picture, in one sentence; empty if there is one.
    """

    svg: str | None
    dot: str
    reason: str


def render(dot: str) -> Rendering:
    """Draw DOT text as SVG: by pygraphviz in this process, else by the program `dot`.

    Where there is neither, or both fail, the picture holds the DOT text and one sentence.
    """
    failure = ""
    for draw in (in_process, by_program):
        try:
            svg = draw(dot)
        except DrawingFailed as failed:
            failure = f"No picture: Graphviz refused the diagram ({failed})."
        else:
            if svg is not None:
                return Rendering(svg[svg.index("<svg") :], dot, "")
    return Rendering(None, dot, failure or HOW_TO_GET_A_PICTURE)


class DrawingFailed(Exception):  # noqa: N818  (caught here, shown as a sentence)
    """Graphviz is installed but failed."""


def in_process(dot: str) -> str | None:
    """Return SVG by pygraphviz, which includes Graphviz; None where it is not installed."""
    try:
        import pygraphviz
    except ImportError:  # not there, or without its libraries
        return None
    with ONE_AT_A_TIME, quiet_first_time():
        try:
            graph = pygraphviz.AGraph(string=dot)
            try:
                drawn: bytes = graph.draw(format="svg", prog="dot")
            finally:
                graph.close()
        except (pygraphviz.DotError, ValueError, OSError) as error:
            raise DrawingFailed(error) from error
    return drawn.decode()


# Whether Graphviz has read the machine's list of fonts in this process.
fonts_are_known = Event()


@contextmanager
def quiet_first_time() -> Iterator[None]:
    """Keep Graphviz's own standard error out of the notebook, the first time.

    The first drawing reads the configuration of the machine's fonts, and the Fontconfig inside
    pygraphviz writes remarks about newer or older files there, which no user can act on.
    """
    if fonts_are_known.is_set():
        yield
        return
    try:
        kept = os.dup(STANDARD_ERROR)
    except OSError:  # a process without standard error
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  (a device, not a path)
        os.dup2(nowhere.fileno(), STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        fonts_are_known.set()


def by_program(dot: str) -> str | None:
    """Return SVG by the program `dot`; None where it is not on the path."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  (no shell; the text goes in by standard input)
            [program, "-Tsvg"],
            input=dot.encode(),
            capture_output=True,
            check=True,
            timeout=LONGEST_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise DrawingFailed(error.stderr.decode(errors="replace").strip() or error) from error
    except (subprocess.SubprocessError, OSError) as error:
        raise DrawingFailed(error) from error
    return done.stdout.decode()
