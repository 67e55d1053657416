"""Files that are damaged in many ways, and what may come out of them."""

import os

import numpy as np

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load, read_bytes
from cnnwidget.data.reading import guarded
from tests import tally

# How many damaged files of each kind are read; `make fuzz` asks for more.
DAMAGED = int(os.environ.get("CNNWIDGET_EXAMPLES", "300"))


def mutations(content, random, count):
    """The content with bytes changed, cut out, doubled, or cut off; mostly where files begin."""
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(random.integers(1, 4)):
            most = min(len(changed), 160) if random.random() < 0.5 else len(changed)
            place = int(random.integers(0, most))
            few = int(random.integers(1, 9))
            match random.integers(0, 4):
                case 0:
                    changed[place] = random.integers(0, 256)
                case 1:
                    changed[place] ^= 1 << int(random.integers(0, 8))
                case 2 if len(changed) > few:
                    del changed[place : place + few]
                case _:
                    changed[place:place] = changed[place : place + few]
        if random.random() < 0.1:
            del changed[int(random.integers(1, len(changed))) :]
        yield bytes(changed)


def refusal_of(read, name):
    """The sentence that reading ends with; None where there are frames to be had."""
    try:
        assert isinstance(read(), Frames)
    except DataError as error:
        sentence = str(error)
        assert name in sentence
        assert sentence.endswith((".", "?"))
        assert "\n" not in sentence
        return sentence
    return None


def refusals(name, content, folder, **options):
    """What is said of an upload; a file with the same content must be refused, or not, as well."""
    (folder / name).write_bytes(content)
    upload = refusal_of(lambda: read_bytes(name, content, **options), name)
    file = refusal_of(lambda: load(folder / name, **options), name)
    assert (file is None) == (upload is None)
    return upload


def check_damaged(name, content, folder, count, **options):
    """Only sentences come of so many damaged files, and of some of these there is one."""
    random = np.random.default_rng(0)
    said = []
    for each in mutations(content, random, count):
        said.append(refusals(name, each, folder, **options))
        tally.also("damaged files read")
    assert refusals(name, content, folder, **options) is None
    assert any(said)


def at_most(monkeypatch, size):
    """Files may unpack to so many bytes, wherever they are from."""
    monkeypatch.setattr(guarded, "LARGEST_UPLOAD", size)
    monkeypatch.setattr(guarded, "available", lambda: size)
