# make lab      set up and open the quickstart notebook in JupyterLab
# make test     set up and run every test
# make check    formatting, lint, types and the direction of imports
#
# PYTHON=...    the Python to start from (3.11 or newer)
# ARGS=...      arguments for `jupyter lab` or, with `make test`, for pytest
# PIP_ARGS=...  arguments for every `pip install`

PYTHON ?= python3
ARGS ?=
PIP_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PINS := constraints.txt pyproject.toml
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS)

.DELETE_ON_ERROR:
.PHONY: lab test check format golden notebooks compat bench fuzz clean

lab: $(VENV)/lab.stamp
	$(BIN)/jupyter lab notebooks/01_quickstart.ipynb $(ARGS)

# From fast to slow; one pytest, so that one JupyterLab serves all browser tests.
test: check $(VENV)/browser
	$(BIN)/python -m pytest cnnwidget tests/house tests/design tests/show tests/model \
		tests/notebooks tests/browser $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/house/test_rooms.py

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Write the golden files anew; the diff is then read by a person.
golden: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/show --rewrite-golden $(ARGS)

# Run the notebooks and keep what they show.
notebooks: $(VENV)/dev.stamp
	$(BIN)/python tests/notebooks/run.py notebooks/*.ipynb

bench: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/benchmarks $(ARGS)

# The property tests with many more examples: make fuzz EXAMPLES=10000
fuzz: export CNNWIDGET_EXAMPLES := $(or $(EXAMPLES),10000)
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/model/test_truth.py tests/design/test_mends.py $(ARGS)

# The lowest versions that pyproject.toml admits, torch aside.
compat .venv-compat/stamp: BIN := .venv-compat/bin
compat: .venv-compat/stamp
	$(BIN)/python -m pytest cnnwidget tests/design tests/show tests/model tests/notebooks $(ARGS)

.venv-compat/stamp: $(PINS) tests/house/lowest.py
	$(PYTHON) -m venv --clear .venv-compat
	$(PYTHON) tests/house/lowest.py > .venv-compat/lowest.txt
	$(INSTALL) --constraint .venv-compat/lowest.txt hatchling editables
	$(INSTALL) --constraint .venv-compat/lowest.txt --no-build-isolation --editable '.[lab,dev]'
	touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"cnnwidget needs Python 3.11 or newer, and this is " + sys.version.split()[0] + \
		"; name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/lab.stamp: $(PINS) | $(BIN)/python
	$(INSTALL) --constraint constraints.txt hatchling editables
	$(INSTALL) --constraint constraints.txt --no-build-isolation --editable '.[lab]'
	touch $@

$(VENV)/dev.stamp: $(PINS) | $(BIN)/python
	$(INSTALL) --constraint constraints.txt hatchling editables
	$(INSTALL) --constraint constraints.txt --no-build-isolation --editable '.[lab,dev]'
	touch $(VENV)/lab.stamp $@

# The path of a browser that starts; looked for again when it is gone.
$(VENV)/browser: $(VENV)/dev.stamp FORCE
	@$(BIN)/python tests/browser/find_browser.py $@
.PHONY: FORCE
FORCE:

clean:
	rm -rf $(VENV) .venv-compat build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
