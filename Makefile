# make            what there is
# make run        open the application
# make test       everything a change must pass
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench screenshots icons clean
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

BIN := .venv/bin
# The oldest Python the application runs on; the peer, Guild 0.9.0, fails on later ones.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Tests beside each other: one more than cores, since many wait for other programs; four at most.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN || echo 2); echo $$((n < 4 ? n + 1 : 4)))

help:  ## What there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: .venv/.ready .peer/bin/guild  ## Make .venv (application and tools) and .peer (real Guild AI)
	@.ci/install-packages

run: .venv/.application  ## Open the application
	@.ci/install-packages window
	@$(BIN)/rundesk-gui $(ARGS)

test: setup check  ## Format, lint, types, layers, then every test
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile $(ARGS)

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 -p core -p remote -p cli
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin -p core -p remote -p cli
	$(BIN)/lint-imports

bench: setup  ## Print every figure beside the peer's (ARGS='--sizes 1000 --only index')
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: setup  ## Take the pictures of the readme again
	$(BIN)/python -m tests.support.screenshots

icons: .venv/.application  ## Render the icon in all sizes again
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m resources.render_icons

clean:  ## Remove what `make setup` made
	rm -rf .venv .peer build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@echo "Setting up Rundesk in .venv; this takes a minute or two…"
	.ci/install-packages window
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rundesk needs Python 3.11 or newer: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'

.venv/.application: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q -e .
	$(BIN)/python -m compileall -q core remote gui cli resources
	@touch $@

.venv/.ready: .venv/.application
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install -q --group dev
	@touch $@

# Only tests and benchmarks use it. NumPy 2 and newer scikit-learn break its optimisers, newer
# setuptools its start.
.peer/bin/guild:
	$(PYTHON) -m venv .peer
	.peer/bin/python -m pip install -q guildai==0.9.0 'numpy<2' 'scikit-learn<1.6' tensorboard tensorboardX 'setuptools<81'
