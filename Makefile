# make lab      set up and open the quickstart notebook in JupyterLab
# make test     set up and run every test
# make check    formatting, lint and types of Python and JavaScript, and the direction of imports
#
# PYTHON=...    the Python to make .venv from (3.11 or newer); to change it, `make clean` first
# ARGS=...      arguments for `jupyter lab` or, with `make test`, for pytest
# PIP_ARGS=...  arguments for every `pip install`
# WORKERS=...   processes for the tests that need no browser

PYTHON ?= python3
ARGS ?=
PIP_ARGS ?=
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS)

# The package with some extras under some constraints: $(call install,FILE,$(EXTRAS)). What
# builds it comes first, so that it is under the constraints, too.
define install
	$(INSTALL) --constraint $(1) hatchling editables
	$(INSTALL) --constraint $(1) --no-build-isolation --editable '.[$(2)]'
endef
ALL_EXTRAS := lab,dev,geo,sound,video

# The page of the panel, whose scripts Deno formats, lints and checks. It looks for no update.
PAGE := cnnwidget/panel/static/page.js
export DENO_NO_UPDATE_CHECK := 1

# An environment whose Python is gone is none.
ifneq ($(shell $(BIN)/python -c 'print("alive")' 2>/dev/null),alive)
$(shell rm -f $(VENV)/*.stamp)
endif

.DELETE_ON_ERROR:
.PHONY: lab test check format pins golden notebooks compat bench fuzz soak clean

# Threads of OpenMP that wait sleep soon, as the package has it, even where PyTorch is loaded first;
# among tests at once, for these share their cores.
lab: export GOMP_SPINCOUNT ?= 20000
test: export OMP_WAIT_POLICY ?= passive
lab: $(VENV)/lab.stamp
	$(BIN)/jupyter lab notebooks/01_quickstart.ipynb $(ARGS)

# The browser is looked for first, so that a missing one is known at once. Then from fast to slow, in
# as many processes as there are WORKERS; the tests of the browser follow in one, so that one
# JupyterLab serves all of them. Status 5: ARGS chose no test of the browser.
test: $(VENV)/browser check
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal cnnwidget tests/house \
		tests/design tests/show tests/model tests/data tests/training tests/panel tests/notebooks $(ARGS)
	$(BIN)/python -m pytest tests/browser $(ARGS) || [ $$? -eq 5 ]

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/deno fmt --check --quiet
	$(BIN)/deno lint --quiet
	$(BIN)/deno check --quiet $(PAGE)
	$(BIN)/python -m pytest --quiet tests/house/test_rooms.py

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/deno lint --fix --quiet
	$(BIN)/deno fmt --quiet

# Resolve constraints.txt for each Python and platform, and keep what was resolved for the tests.
pins: $(VENV)/dev.stamp
	$(BIN)/python -m tests.house.resolve_pins

# Write the golden files anew; the diff is then read by a person.
golden: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/show --rewrite-golden $(ARGS)

# Run the notebooks and keep what they show.
notebooks: $(VENV)/dev.stamp
	$(BIN)/python tests/notebooks/run.py notebooks/*.ipynb

bench: $(VENV)/bench.stamp
	$(BIN)/python -m pytest tests/benchmarks $(ARGS)

# The property tests with many more examples: make fuzz EXAMPLES=10000. The last lines say how many
# networks, layers, receptive fields and memories were held against PyTorch.
fuzz: export CNNWIDGET_EXAMPLES := $(or $(EXAMPLES),10000)
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/data -k "damaged or random_bytes" $(ARGS)
	$(BIN)/python -m pytest tests/model/test_truth.py tests/model/test_receptive_fields.py \
		tests/model/test_memory.py tests/design/test_unchecked.py tests/design/test_problem_mends.py \
		tests/design/test_cautions.py $(ARGS)

# Two hundred fits in one kernel: neither memory nor threads grow.
soak: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/soak $(ARGS)

# The lowest versions that pyproject.toml admits, torch aside, in an environment of their own.
compat .venv-compat/dev.stamp: BIN := .venv-compat/bin
compat: .venv-compat/dev.stamp .venv-compat/browser
	$(BIN)/python -m pytest cnnwidget tests/design tests/show tests/model tests/data \
		tests/training tests/panel tests/notebooks tests/browser $(ARGS)

.venv-compat/dev.stamp: pyproject.toml tests/house/lowest.py
	$(PYTHON) -m venv --clear .venv-compat
	$(PYTHON) tests/house/lowest.py > .venv-compat/lowest.txt
	$(call install,.venv-compat/lowest.txt,$(ALL_EXTRAS))
	touch $@

# New pins start from an empty environment, so that nothing is left over from the old ones.
$(VENV)/made.stamp: constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"cnnwidget needs Python 3.11 or newer, and this is " + sys.version.split()[0] + \
		"; name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

$(VENV)/lab.stamp: $(VENV)/made.stamp pyproject.toml
	$(call install,constraints.txt,lab)
	touch $@

$(VENV)/dev.stamp: $(VENV)/made.stamp pyproject.toml
	$(call install,constraints.txt,$(ALL_EXTRAS))
	touch $(VENV)/lab.stamp $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	$(call install,constraints.txt,bench)
	touch $@

# The path of a browser that starts; looked for anew when it no longer does.
%/browser: %/dev.stamp FORCE
	@$(BIN)/python tests/browser/find_browser.py $@
.PHONY: FORCE
FORCE:

clean:
	rm -rf $(VENV) .venv-compat build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
