# From a clean checkout: `make site` builds the site, `make test` runs the tests. `make help` lists the rest.
# Everything is installed into .venv. Targets are relative paths, so the checkout may stand in a path with spaces.

PYTHON ?= python3
VENV := .venv
PARITY := .venv-parity
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help site serve test lint parity bench clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

site: $(VENV)/.site ## derive and check every formula, build the site into public/
	$(BIN)/derive build --out public

serve: $(VENV)/.site ## the site on http://127.0.0.1:8000, built anew at each change
	$(BIN)/derive build --serve

test: $(VENV)/.dev ## run the tests, on all cores
	$(BIN)/python -m pytest -n auto --dist loadscope

lint: $(VENV)/.dev ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

parity: $(PARITY)/.parity ## our gradients beside those of PyTorch and JAX, in .venv-parity
	$(PARITY)/bin/python -m pytest -q -p no:cacheprovider tests/code/test_torch.py
	$(PARITY)/bin/python -m benchmarks.parity

bench: $(VENV)/.bench ## each figure that the README or a page quotes
	$(BIN)/python -m compileall -q derive
	$(BIN)/python -m benchmarks.run

clean: ## remove everything that was made here, the environments too
	rm -rf $(VENV) $(PARITY) public dist build .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A stamp says which extras are installed; a newer pyproject.toml makes them again.
$(VENV)/.site: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing derive into $(VENV) (about a minute the first time)"
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.site
	$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.site
	$(PIP) --editable '.[bench]'
	@touch $@

$(PARITY)/.parity: pyproject.toml | $(PARITY)/pyvenv.cfg
	@echo "Installing PyTorch and JAX into $(PARITY) (some minutes, 1.5 gigabytes)"
	$(PARITY)/bin/python -m pip --disable-pip-version-check -qq install --editable '.[parity]'
	@touch $@

$(VENV)/pyvenv.cfg $(PARITY)/pyvenv.cfg:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'derive needs Python 3.11 or newer. Name one: make PYTHON=python3.12 site' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo '$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv' >&2; exit 1; }
	"$(PYTHON)" -m venv $(@D)
