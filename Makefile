# Every duty is one word. `make demo` and `make test` work from a fresh clone with Python 3.11, git and make.
PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: demo test test-all test-year check format bench bench-extraction clean

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "citynews needs Python 3.11 or newer"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)  ## crawl the bundled sample portals into output/
	$(BIN)/citynews demo

test: $(STAMP)  ## what must pass in under five minutes
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not year"

test-all: $(STAMP)  ## the slow ones too
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not year"

test-year: $(STAMP)  ## 365 days against the sample portals; prints the ledger against the truth; ~20 minutes
	$(BIN)/python -m pytest -s -m year tests/year

check: $(STAMP)  ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## real pages through the real command; CORPUS=folder of pages with truth.jsonl files
	$(BIN)/python benchmarks/real_pages.py $(if $(CORPUS),--corpus $(CORPUS))

bench-extraction: $(STAMP)  ## our extraction against its peers; CORPUS as above
	$(BIN)/python -m benchmarks.extraction $(if $(CORPUS),--corpus $(CORPUS))

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
