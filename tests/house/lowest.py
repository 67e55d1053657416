"""Print the lowest version of each dependency that pyproject.toml admits, as constraints.

torch stays at its pin: its oldest admitted build is not to be had everywhere.
"""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
asked = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
for requirement in asked:
    name, lowest = re.match(r"([\w-]+)>=([\d.]+)", requirement).groups()
    if name != "torch":
        print(f"{name}=={lowest}.*" if lowest.count(".") < 2 else f"{name}=={lowest}")
pins = Path("constraints.txt").read_text(encoding="utf-8").splitlines()
print(next(line for line in pins if line.startswith("torch==")))
