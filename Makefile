# `make demo` and `make test` work from a fresh clone with Python 3.11 to 3.13, git and make.
#
# PYTHON names another Python, by name or path, and gets an environment of its own:
#     make test PYTHON=~/.pyenv/versions/3.13.0/bin/python     uses .venv-3.13
ifeq ($(origin PYTHON),undefined)
  PYTHON := $(shell command -v python3.11 || command -v python3)
  VENV ?= .venv
else
  VENV ?= .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
TOOLS_PYTHON := $(shell command -v python3.11 || command -v python3)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
FAST := -m "not ci and not slow and not year"

.PHONY: install compiled demo test test-ci test-all test-year test-pywb test-cluster coverage browser screenshot check docs format clean \
  bench bench-analysis bench-damage bench-extraction bench-guards bench-kills bench-memory bench-pages

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "citynews needs Python 3.11 or newer"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)  ## crawl the bundled sample portals into output/
	$(BIN)/citynews demo

compiled: $(STAMP)  # tests start hundreds of commands: none compiles the package, also with PYTHONDONTWRITEBYTECODE
	$(BIN)/python -m compileall -q crawler

test: compiled  ## what must pass before a commit is shared; 4 minutes on two cores
	$(PYTEST) $(FAST)

test-ci: compiled browser .tools/ots/bin/ots  ## what takes longer: browser, pywb, crashes, kills, failing disks, hostile portals; under 40 minutes
	CITYNEWS_NEEDS_BROWSER=1 $(PYTEST) -m ci

coverage: compiled  ## branch coverage of make test, commands that tests start included
	$(BIN)/python -m coverage erase
	$(PYTEST) $(FAST) --cov --cov-report=
	$(BIN)/python -m coverage report

# pywb pulls packages that must not meet ours: an environment of its own
.tools/pywb/bin/wayback:
	$(TOOLS_PYTHON) -m venv .tools/pywb
	.tools/pywb/bin/python -m pip install --quiet --disable-pip-version-check 'pywb==2.10.*'

.tools/ots/bin/ots:
	$(TOOLS_PYTHON) -m venv .tools/ots
	.tools/ots/bin/python -m pip install --quiet --disable-pip-version-check 'opentimestamps-client==0.7.*'

test-pywb: $(STAMP) .tools/pywb/bin/wayback  ## pywb replays every stored page and both kinds of revisits
	$(BIN)/python -m pytest -s tests/archive/test_pywb.py tests/browser/test_players.py -k pywb

test-cluster: $(STAMP)  ## stores and clusters: 20 kills, faults at every request, dying workers, cut networks; 12 minutes; CITYNEWS_TEST_S3=http://... for another server
	$(BIN)/python -m pytest tests/store tests/cluster

test-all: browser  ## everything but the year: crashes at every single step, hundreds of damages; hours
	$(PYTEST) -m "not year"

test-year: $(STAMP)  ## 365 days against the sample portals; prints the ledger against the truth; ~11 minutes
	$(BIN)/python -m pytest -s -m year tests/year

browser: $(STAMP) .tools/pywb/bin/wayback  ## a browser and the players for tests/browser, into .tools/; apt-get where this is root
	command -v chromium-headless-shell >/dev/null || { test "$$(id -u)" = 0 \
	  && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-wqy-zenhei; } \
	  || { echo "install chromium-headless-shell (Debian), then run this again" >&2; exit 1; }
	test -x .tools/wacz/bin/wacz || { $(TOOLS_PYTHON) -m venv .tools/wacz \
	  && .tools/wacz/bin/python -m pip install --quiet --disable-pip-version-check 'wacz==0.6.*'; }
	test -f .tools/replaywebpage/sw.js || { mkdir -p .tools/replaywebpage && cd .tools \
	  && npm pack --silent replaywebpage@2.4.6 >/dev/null \
	  && tar -xzf replaywebpage-2.4.6.tgz -C replaywebpage --strip-components 1 package/ui.js package/sw.js; }
	test -f .tools/axe/axe.min.js || { mkdir -p .tools/axe && cd .tools && npm pack --silent axe-core@4.14.1 >/dev/null \
	  && tar -xzf axe-core-4.14.1.tgz -C axe --strip-components 1 package/axe.min.js; }

screenshot: browser  ## docs/replayed-article.png, made by the test of ReplayWeb.page
	CITYNEWS_SCREENSHOT=docs/replayed-article.png $(BIN)/python -m pytest -q tests/browser -k replay_web_page

check: $(STAMP)  ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)  ## docs/commands.md from the command line's own help, docs/portals.md from the definitions
	$(BIN)/python -m harness.command_reference
	$(BIN)/python -m harness.portal_catalogue

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## CPU beside others as ratios, against recorded floors; PARTS="crawl replay hour start"; needs nginx, CITYNEWS_PEERS_PYTHON for trafilatura
	$(BIN)/python -m benchmarks.speed $(PARTS)

bench-pages: $(STAMP)  ## real pages through the real command; CORPUS=folder of pages with truth.jsonl files
	$(BIN)/python benchmarks/real_pages.py $(if $(CORPUS),--corpus $(CORPUS))

bench-extraction: $(STAMP)  ## our extraction against its peers; CORPUS as above; LINES=file of header lines with their values
	$(BIN)/python -m benchmarks.extraction $(if $(CORPUS),--corpus $(CORPUS))
	$(if $(LINES),$(BIN)/python -m benchmarks.extraction.header_lines $(LINES))

bench-kills: $(STAMP)  ## kill -9 at random moments of crawls, then one more run; COUNT=200
	$(BIN)/python benchmarks/kills.py --count $(or $(COUNT),200)

bench-damage: $(STAMP)  ## random damages: detected, repaired, every untouched record kept; COUNT=2000
	$(BIN)/python benchmarks/damages.py --count $(or $(COUNT),2000)

bench-analysis: $(STAMP)  ## exports and searches of a generated archive, and the same by hand; PAGES=200000 FOLDER=bench-analysis
	$(BIN)/python -m pip install --quiet --disable-pip-version-check sqlite-utils
	$(BIN)/python -m benchmarks.analysis --pages $(or $(PAGES),200000) --folder $(or $(FOLDER),bench-analysis)

bench-memory: $(STAMP)  ## peak memory of verify, replay, pack and others over archives of 10 MiB and 1 GiB; 15 minutes
	$(BIN)/python -m benchmarks.memory

bench-guards: $(STAMP)  ## attacks, what became of them, memory and time; writes docs/guards.md
	$(BIN)/python -m benchmarks.guards --write

mutants: $(STAMP)  ## faults in the logic of extraction, put in on purpose: do the fast tests notice? SAMPLE=60 SEED=1, THRESHOLDS=1
	$(BIN)/python -m benchmarks.mutants --sample $(or $(SAMPLE),60) --seed $(or $(SEED),1) $(if $(THRESHOLDS),--thresholds)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
