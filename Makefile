# Every target makes its own environment first: Python 3.11 to 3.13 and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

# TensorFlow tells much about itself; level 3 leaves what matters.
demo: .venv/.installed
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python examples/plot_digits.py

test: .venv/.installed
	$(BIN)/python -m pytest

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable . --group test --group lint
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
