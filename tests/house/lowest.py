"""Print the lowest version of each dependency that pyproject.toml admits, as constraints.

torch stays at its pin: its oldest admitted build is not to be had everywhere.
"""

import re
import tomllib
from itertools import chain
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *chain.from_iterable(extras.values())]:
    name, lowest = re.match(r"([\w-]+)[>=]=([\d.]+)", requirement).groups()
    if name != "torch":
        print(f"{name}=={lowest}")
pins = Path("constraints.txt").read_text(encoding="utf-8").splitlines()
print(next(line for line in pins if line.startswith("torch==")))
