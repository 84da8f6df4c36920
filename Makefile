# Two commands for everybody (`make demo`, `make test`); the rest is for those who work on archcheck itself.
# Everything runs in its own environment in .venv, made from nothing.

PYTHON ?= python3
BIN := .venv/bin
DEMO := fixtures/shop-fastapi

.PHONY: demo test check lint types arrows self docs bench clean

demo: .venv/installed
	@$(BIN)/archcheck check --root $(DEMO) --fail-on never --output terminal --output sarif:demo.sarif
	@echo "SARIF written to demo.sarif"

test: check
	$(BIN)/python -m pytest -n auto -rs

check: lint types arrows self

lint: .venv/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/developed
	$(BIN)/mypy

arrows: .venv/developed
	$(BIN)/lint-imports --no-cache

self: .venv/developed
	$(BIN)/archcheck check --fail-on note

docs: .venv/developed
	$(BIN)/python docs/pages.py

bench: .venv/developed
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv demo.sarif

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("archcheck needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Say PYTHON=python3.12, for example.") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/developed: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
