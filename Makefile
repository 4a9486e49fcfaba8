# Every target makes its own environment first: Python 3.11 to 3.13 and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint docs clean

# TensorFlow tells much about itself; level 3 leaves what matters.
demo: .venv/.installed
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python examples/plot_digits.py

test: .venv/.installed
	$(BIN)/python -m pytest

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# The site, docs/_build/html/index.html: every example runs, every warning is an error, then every link and picture is
# looked up. Examples that have not changed do not run again.
docs: .venv/.docs
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	$(BIN)/python -m pytest -q tests/test_docs.py

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable . --group test --group lint
	touch $@

.venv/.docs: .venv/.installed
	$(BIN)/pip install --quiet --group docs
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	rm -rf docs/_build docs/auto_examples docs/generated docs/benchmarks docs/changelog.md docs/contributing.md
