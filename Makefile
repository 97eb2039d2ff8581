# Two commands set everything up on a machine that has Python 3.11 or newer, and make:
#   make publish   installs Feedmill into .venv and publishes the shipped site into feeds/
#   make test      installs what the tests need and runs them all

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: publish test lint check month bench bench-peers fuzz growth screenshots clean

publish: $(VENV)/installed
	$(BIN)/feedmill publish

test: $(VENV)/installed-test
	$(BIN)/pytest -n auto $(PYTEST_ARGS)

# What continuous integration also asks for: style and types.
lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: lint test

# A simulated month of looks at feeds of every rhythm: requests, delays, politeness. A few minutes.
month: $(VENV)/installed
	$(BIN)/python benchmarks/month.py

# Feedmill beside its peers, on the same input in one run: prints the tables, and puts them into docs/benchmarks.md. An hour
# or less; `make bench-parse`, `bench-collect`, `bench-articles`, `bench-startup`, `bench-growth` are parts. FEEDMILL_CORPUS is
# a folder of real feeds to take instead of generated ones, BENCH_ARGS more options, as in `make bench BENCH_ARGS='--rounds 3'`.
BENCH_PYTHON := .venv-bench/bin/python
BENCH = $(BIN)/python -m benchmarks --peers $(BENCH_PYTHON) --write docs/benchmarks.md $(BENCH_ARGS)

bench: $(VENV)/installed-bench bench-peers
	$(BENCH)

# One part. That of growth takes five minutes, and ten gigabytes of disk meanwhile.
bench-%: $(VENV)/installed-bench bench-peers
	$(BENCH) $*

# The peers from PyPI, each by itself: one that cannot be installed is left out of the tables, which say so.
bench-peers: $(BENCH_PYTHON)
	@grep '^[^\#]' benchmarks/peers.txt | while read -r peer; do \
	  $(BENCH_PYTHON) -m pip install --quiet --disable-pip-version-check "$$peer" || echo "$$peer is left out" >&2; \
	done

# Each normalizer is fed with what nobody would write, for FUZZ_SECONDS (600); FUZZ_TARGET names some of them,
# FUZZ_JOBS is how many run at once, FEEDMILL_CORPUS a folder of real feeds to begin with.
fuzz: $(VENV)/installed-fuzz
	cd tests && ../$(BIN)/python -m fuzz

# Megabytes of one fragment at every place of a document: does time grow with size alone? An hour or two.
growth: $(VENV)/installed-test
	cd tests && ../$(BIN)/python -m fuzz.growth

# The pictures in docs/screenshots, taken again. Needs Debian's chromium, and fonts-noto-core to look the same.
screenshots: $(VENV)/installed-dev
	$(BIN)/python tests/screenshots.py

clean:
	rm -rf $(VENV) .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Feedmill needs Python 3.11 or newer; set PYTHON to one, as in: make publish PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(BENCH_PYTHON):
	$(PYTHON) -m venv .venv-bench

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[serve]'
	touch $@

$(VENV)/installed-test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ $(VENV)/installed

$(VENV)/installed-fuzz: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	touch $@ $(VENV)/installed $(VENV)/installed-test

$(VENV)/installed-bench: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@ $(VENV)/installed

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/installed $(VENV)/installed-test
