# Needs Python 3.11 or newer, make and git. Everything is installed into .venv, pinned by constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DELETE_ON_ERROR:
.PHONY: demo test check stubs guide rules docs clean help

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

.venv/made: constraints.txt
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), f"Python 3.11 or newer is needed. Found {sys.version.split()[0]}. Try make PYTHON=python3.11"'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/made pyproject.toml
	$(PIP) -e .
	touch $@

.venv/dev: .venv/run
	$(PIP) -e '.[dev,integrations]'
	touch $@

demo: .venv/run  ## a verdict on California housing, in the terminal and as demo/report.html
	rm -rf demo
	$(BIN)/lossmith advise examples/california_housing.csv.gz --target median_house_value --metric mae --budget 2m --repeats 1 --out demo

test: .venv/dev  ## every test
	$(BIN)/python -m pytest

check: .venv/dev  ## lint, format, types, import contracts
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

stubs: .venv/dev  ## write src/lossmith/losses/__init__.pyi
	$(BIN)/python -m lossmith.stubs

guide: .venv/dev  ## write docs/guide.md and docs/guide.svg
	$(BIN)/python -m lossmith.report.guide_page docs

rules: .venv/run  ## write docs/rules.md and docs/gallery.md
	$(BIN)/python -m lossmith.report.rules_page docs
	$(BIN)/python -m lossmith.report.gallery_page docs examples/gallery.py

docs: .venv/run  ## a page for every loss, as docs/losses/NAME.html
	$(BIN)/python -m lossmith.pages docs/losses

clean:  ## remove what was made
	rm -rf .venv demo dist docs/losses
