"""`Runs`: the runs of a notebook side by side, as a table, as curves, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, Self
from weakref import WeakMethod

from tabulate import tabulate

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.data_error import reason_of
from cnnwidget.data.paths import expand_user
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.value import closest, shortened
from cnnwidget.training.runs.run_differences import checked_name
from cnnwidget.training.runs.run_table import (
    COLUMNS,
    HEADINGS,
    Column,
    Line,
    cells_of,
    csv_cells,
    line_of,
    sorted_lines,
)

if TYPE_CHECKING:  # torch comes with these
    from cnnwidget.training.runs.plot import Picture
    from cnnwidget.training.runs.run import Run

# A run holds its weights and the data: at most so many of those that nobody keeps are held.
MOST_PASSING = 20


class Entry(NamedTuple):
    """A run in the collection.

    Attributes:
        number: fixed, whatever the name becomes.
        run: the run.
        keep: whether it stays until somebody deletes it.
    """

    number: int
    run: Run
    keep: bool


class Removed(NamedTuple):
    """A run that was removed, with all that puts it back.

    Attributes:
        name: that it had.
        place: in the order of runs.
        held: the run.
    """

    name: str
    place: int
    held: Entry


class Runs:
    """Runs with names, in the order in which they came; safe from any thread.

    Args:
        **runs: to begin with.

    Attributes:
        entries: the runs by their names, with their numbers; a mapping that does not change.
        dropped: how many runs that came by themselves have made room for newer ones.

    Raises:
        CnnwidgetError: if a name is not valid.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> runs = Runs()
        >>> runs.add(cw.fit(design, frames, epochs=1, progress=False), "plain")
        'plain'
        >>> runs.add(cw.fit(design, frames, epochs=1, lr=1e-3, progress=False), "plain")
        'plain 2'
        >>> runs.rename("plain 2", "slower")
        >>> runs.names, runs["slower"].recipe.lr
        (('plain', 'slower'), 0.001)
        >>> runs.delete("plain")
        >>> len(runs), [line.params for line in runs.lines()] == [cw.plan(design).params]
        (1, True)
    """

    def __init__(self, **runs: Run) -> None:
        self.entries: dict[str, Entry] = {}  # never changed: another takes its place
        self.dropped = 0
        self._changing = RLock()
        self._count = 0  # of all that ever came
        self._watchers: list[WeakMethod[Callable[[], None]]] = []
        for name, run in runs.items():
            self.add(run, name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all runs, in their order."""
        return tuple(self.entries)

    def add(self, run: Run, name: str | None = None, *, keep: bool = True) -> str:
        """Add a run; a name that is there already gets a number.

        Args:
            run: the run.
            name: what to call it; None is `run` with a number.
            keep: False for one that may be let go when 20 newer ones of its kind have come;
                whoever renames it keeps it.

        Returns:
            The name that it has now.

        Raises:
            CnnwidgetError: if it is not a run, or the name is not valid.
        """
        from cnnwidget.training.runs.run import Run  # brings torch

        if not isinstance(run, Run):
            raise CnnwidgetError(
                f"A run to add is {shortened(run)}; give what cw.fit or cw.load_run returns."
            )
        wanted = None if name is None else checked_name(name)
        with self._changing:
            self._count += 1
            found = self._free(wanted)
            held = {**self.entries, found: Entry(self._count, run, keep)}
            passing = [each for each, has in held.items() if not has.keep]
            for oldest in passing[: max(0, len(passing) - MOST_PASSING)]:
                del held[oldest]
                self.dropped += 1
            self.entries = held
        self._tell()
        return found

    def replace(self, name: str, run: Run) -> None:
        """Put a run in another's place, which goes on in it: name and number stay.

        Raises:
            CnnwidgetError: if there is none of this name.
        """
        with self._changing:
            former = self._known(name)
            self.entries = {**self.entries, name: former._replace(run=run)}
        self._tell()

    def rename(self, name: str, new: str) -> None:
        """Give a run another name; its place stays.

        Raises:
            CnnwidgetError: if there is no such run, or the new name is another's.
        """
        with self._changing:
            self._known(name)
            new = checked_name(new)
            if new != name and new in self.entries:
                raise CnnwidgetError(f"There is a run {new!r} already; give {name!r} another name.")
            self.entries = {
                new if each == name else each: has._replace(keep=True) if each == name else has
                for each, has in self.entries.items()
            }
        self._tell()

    def delete(self, name: str) -> None:
        """Delete a run.

        Raises:
            CnnwidgetError: if there is none of this name.
        """
        self.remove(name)

    def remove(self, name: str) -> Removed:
        """Delete a run, and return it with its place.

        Returns:
            What `put_back` brings back.

        Raises:
            CnnwidgetError: if there is none of this name.
        """
        with self._changing:
            held = self._known(name)
            place = self.names.index(name)
            self.entries = {each: has for each, has in self.entries.items() if each != name}
        self._tell()
        return Removed(name, place, held)

    def put_back(self, taken: Removed) -> str:
        """Undo `remove`; the run has a number behind its name if that is another's by now.

        Returns:
            The name that it has now.
        """
        with self._changing:
            name = self._free(taken.name)
            others = list(self.entries.items())
            others.insert(taken.place, (name, taken.held))
            self.entries = dict(others)
        self._tell()
        return name

    def watch(self, on_change: Callable[[], None]) -> None:
        """Have a method called after each change, in the thread that made it, at once.

        Args:
            on_change: a bound method; it is forgotten when its object is.
        """
        with self._changing:
            self._watchers.append(WeakMethod(on_change))

    def unwatch(self, on_change: Callable[[], None]) -> None:
        """Call a method no more."""
        with self._changing:
            self._watchers = [each for each in self._watchers if each() not in (None, on_change)]

    def _tell(self) -> None:
        for each in tuple(self._watchers):
            on_change = each()
            if on_change is not None:
                on_change()

    def _free(self, name: str | None) -> str:
        """Return a name that no run has: the one asked for, or that with a number."""
        base, number = ("run", self._count) if name is None else (name, 2)
        found = f"run {number}" if name is None else name
        while found in self.entries:
            found, number = f"{base} {number}", number + 1
        return found

    def _known(self, name: str) -> Entry:
        if name not in self.entries:
            known = ", ".join(map(repr, self.entries)) or "none at all"
            hint = closest(str(name), self.entries) or f"; there are {known}."
            raise CnnwidgetError(f"There is no run {shortened(name)}{hint}")
        return self.entries[name]

    def __getitem__(self, name: str) -> Run:
        return self._known(name).run

    def __iter__(self) -> Iterator[Run]:
        return iter([held.run for held in self.entries.values()])

    def __len__(self) -> int:
        return len(self.entries)

    def lines(self, sort: Column | None = None) -> list[Line]:
        """Return the table, a line for each run; runs are measured for it, which may take seconds.

        Args:
            sort: the column to sort by, the best first; None leaves the order.

        Raises:
            CnnwidgetError: if there is no such column.
        """
        found = [line_of(name, held.run) for name, held in self.entries.items()]
        return found if sort is None else sorted_lines(found, sort)

    def sorted(self, column: Column) -> Self:
        """Return the same runs, the best in a column first."""
        return type(self)(**{line.name: self[line.name] for line in self.lines(column)})

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as a file that any spreadsheet reads.

        Raises:
            CnnwidgetError: if it cannot be written.
        """
        target = Path(expand_user(path))
        try:
            with (
                atomic_write(target) as partial,
                partial.open("w", newline="", encoding="utf-8") as file,
            ):
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows(map(csv_cells, self.lines()))
        except (OSError, ValueError) as error:
            raise CnnwidgetError(
                f"The table cannot be written to {target}: {reason_of(error)}; give another path."
            ) from error
        return target

    def plot(self) -> Picture:
        """Draw the curves of all runs in one picture, by epochs and by seconds."""
        from cnnwidget.training.runs.plot import curves_of

        return curves_of({name: held.run.curve for name, held in self.entries.items()})

    def __str__(self) -> str:
        if not self.entries:
            return "No runs yet."
        lines = [cells_of(line) for line in self.lines()]
        return tabulate(lines, HEADINGS, tablefmt="simple", disable_numparse=True)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = [[escape(cell) for cell in cells_of(line)] for line in self.lines()]
        return str(tabulate(lines, HEADINGS, tablefmt="unsafehtml", disable_numparse=True))
