# Every target makes its own environment first: Python 3.11 or later and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test coverage mutants bench lint docs clean

# TensorFlow tells much about itself; level 3 leaves what matters.
demo: .venv/.installed
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python examples/plot_digits.py

# A process a core, where a second thread of BLAS would only spin, and a file of tests in one process: each compiles
# networks of its own.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test: .venv/.installed
	$(PYTEST)

# The suite again, and which lines and branches it runs: a table, and line by line in htmlcov/index.html.
coverage: .venv/.installed
	$(PYTEST) --cov --cov-report=term --cov-report=html

# Small faults in the files where learning and statistics live, and whether the tests notice: SAMPLE a file, of about
# 1,200 in all, drawn by a fixed seed. Half an hour on 2 cores.
SAMPLE ?= 12
mutants: .venv/.mutants
	$(BIN)/python benchmarks/mutants.py --sample $(SAMPLE)

# How fast a step, a fit, a second class and an import are, as ratios to rivals in one run: ten minutes on 2 cores that do
# nothing else. DATA=mnist.npz and COLOUR=FILE.npz time whole fits too, and TABLES=FOLDER those of its CSV files; PyTorch is
# timed where .venv has it.
bench: .venv/.installed
	$(BIN)/python benchmarks/speed.py $(if $(DATA),--data $(DATA)) $(if $(COLOUR),--colour $(COLOUR))
	$(if $(TABLES),$(BIN)/python benchmarks/table_speed.py --data $(TABLES))

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python docs/prose.py
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/repo-review .

# The site, docs/_build/html/index.html: every example runs, every warning is an error, then every link and picture is
# looked up. Examples that have not changed do not run again.
docs: .venv/.docs
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	$(BIN)/python -m pytest -q tests/test_docs.py -k site

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --no-compile --editable . --group test --group lint
	touch $@

.venv/.mutants: .venv/.installed
	$(BIN)/pip install --quiet --group mutants
	touch $@

.venv/.docs: .venv/.installed
	$(BIN)/pip install --quiet --no-compile --group docs
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov dist
	rm -rf docs/_build docs/auto_examples docs/generated docs/benchmarks docs/changelog.md docs/contributing.md docs/release.md docs/security.md
