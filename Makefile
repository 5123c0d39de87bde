# `make find` and `make test` set everything up on a machine with python3, venv, pip
# and make. What is installed once is not installed again.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# `make find ARGS="prices.csv --target price"`
ARGS ?=
# Two at once, each with whole files, whose models are then made once; each needs up to
# 2 GB. `make test WORKERS=` runs one after the other.
WORKERS ?= -n 2 --dist loadfile

PROJECT := setup.cfg pyproject.toml requirements.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: docs find test test-core test-documents test-training test-telling \
  test-backends test-browser test-slow benchmarks figures notebooks lint dist clean

find: $(VENV)/installed
	$(BIN)/lr_finder find $(ARGS)

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not browser" --doctest-modules \
	  lr_finder time_series tests

# The part that needs NumPy and SciPy alone, in an environment that has nothing else.
test-core: $(VENV)-core/installed
	$(VENV)-core/bin/python -m pytest tests/analysis tests/schedules tests/reference \
	  tests/test_errors.py tests/test_exports.py tests/test_files.py tests/test_text.py \
	  tests/results/test_sweep.py

# What the documents show: the Python of README and pages, the notebooks in small size, the
# quick start of the series. `make test-slow` types every command of the pages too.
test-documents: $(VENV)/installed-test
	$(BIN)/python -m pytest $(WORKERS) tests/test_docs.py tests/docs tests/notebooks \
	  tests/time_series/test_quick_start.py --ignore tests/docs/test_console_runs.py

# The tests that train, under one backend: make test-training BACKEND=jax; those of some
# folders or files alone: make test-training BACKEND=jax TESTS=tests/training. The threads
# of torch wait for each other on busy processors: each worker has one.
BACKEND ?= jax
TESTS ?=
THREADS_OF_torch := OMP_NUM_THREADS=1
test-training: $(VENV)/installed-$(BACKEND)
	KERAS_BACKEND=$(BACKEND) $(THREADS_OF_$(BACKEND)) $(BIN)/python -m pytest $(WORKERS) \
	  -m "training and not slow" $(TESTS)

# Those that tell most of a backend, for each change; `make test-backends` runs all.
TELLING := $(addprefix tests/training/, test_sweep.py test_lr_sweep.py test_fitting.py \
  test_verification.py preserving/test_traced_functions.py stepping/test_own_step.py \
  watching/test_gradients.py)
test-telling:
	$(MAKE) test-training BACKEND=jax TESTS="$(TELLING)"
	$(MAKE) test-training BACKEND=torch TESTS="$(TELLING)"

test-backends:
	$(MAKE) test-training BACKEND=jax
	$(MAKE) test-training BACKEND=torch

# The playground in Chromium: apt install chromium.
test-browser: $(VENV)/installed-browser
	$(BIN)/python -m pytest -m browser tests/playground

test-slow: $(VENV)/installed-test
	$(BIN)/python -m pytest $(WORKERS) -m slow

# The figures that README.md quotes; LR_FINDER_DATA names the folder of real tables.
benchmarks: $(VENV)/installed
	for name in first_example costs/sweep_cost costs/validation_cost costs/dynamics_cost \
	  costs/sweep_memory costs/analysis_speed agreement example_suggestions fuzz_sources; do \
	  $(BIN)/python benchmarks/$$name.py || exit 1; done

figures: $(VENV)/installed
	$(BIN)/python benchmarks/first_example.py --draw
	$(BIN)/lr_finder find --out benchmarks/figures
	cd benchmarks/figures && mv sweep.png built_in_series.png && \
	  rm sweep.npz sweep.csv suggestion.json

# Executes the notebooks and saves their outputs.
notebooks: $(VENV)/installed-test
	$(BIN)/python notebooks/execute.py

# The documentation, into docs/_build/html: a warning is an error.
docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html \
	  -d docs/_build/doctrees docs docs/_build/html
	@echo "The documentation is in docs/_build/html/index.html"

SCHEMA := $(BIN)/check-jsonschema --builtin-schema
FORMS := $(filter-out %/config.yml, $(wildcard .github/ISSUE_TEMPLATE/*.yml))
lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/biome check --config-path=.ci lr_finder/playground
	$(BIN)/mypy lr_finder time_series
	$(BIN)/hadolint Dockerfile
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) custom.github-workflows-require-timeout .github/workflows/*.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.github-issue-forms $(FORMS)
	$(SCHEMA) vendor.citation-file-format CITATION.cff

# What is published: that which is committed, and nothing that lies about here.
dist: $(VENV)/installed-release
	rm -rf dist build
	mkdir -p build/committed
	git archive HEAD | tar -x -C build/committed
	$(BIN)/python -m build --outdir dist build/committed
	$(BIN)/twine check --strict dist/*

$(VENV)/installed: $(PROJECT)
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --editable .
	touch $@

$(VENV)/installed-%: $(VENV)/installed
	$(PIP) --constraint requirements.txt --editable ".[$*]"
	touch $@

$(VENV)/installed-docs: $(VENV)/installed docs/requirements.txt
	$(PIP) --constraint requirements.txt --constraint docs/requirements.txt \
	  --editable ".[docs]"
	touch $@

$(VENV)/installed-jax $(VENV)/installed-torch: $(VENV)/installed-%: $(VENV)/installed-test
	$(PIP) --constraint requirements.txt --editable ".[$*]"
	touch $@

$(VENV)-core/installed: $(PROJECT)
	$(PYTHON) -m venv $(VENV)-core
	$(VENV)-core/bin/python -m pip --disable-pip-version-check install --quiet \
	  --constraint requirements.txt numpy scipy pytest pytest-timeout hypothesis
	$(VENV)-core/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-deps --editable .
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-core *.egg-info .pytest_cache .ruff_cache .hypothesis \
	  build dist docs/_build docs/_figures docs/reference/api/generated
