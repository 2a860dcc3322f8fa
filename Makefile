# Everything a person types. `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARCHIVE ?= data/archive.db
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
export ARCHIVE
# Where this is set, every program would compile the project anew at each start, a fifth of what a poll takes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo run serve test fuzz lint check chromium docs hostile bench lock clean gcc soak

help: ## list what can be done
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

install: $(VENV)/.installed ## make the environment in .venv, nothing else

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Dauys needs Python 3.11 or newer as $(PYTHON); name another one: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv" >&2; exit 2; }

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "installing into $(VENV) (about a minute, once)"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing what the tests need"
	@$(PIP) -r requirements-dev.lock
	@touch $@

# The site is tested on the coming line of Datasette too; a folder of its own keeps it out of everybody's way.
$(VENV)/next/.installed: requirements-next.lock $(VENV)/.installed-dev
	@echo "installing the coming line of Datasette for its tests"
	@rm -rf $(VENV)/next && $(PIP) --target $(VENV)/next -r requirements-next.lock \
	  && touch $@ || echo "it cannot be had here: its tests are skipped" >&2

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing Chromium for the tests of the site" \
	    && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null; } \
	  || echo "no Chromium: the browser tests are skipped; on Debian: apt-get install chromium" >&2

# Power cuts are recorded by a small library that the tests compile.
gcc:
	@command -v gcc >/dev/null \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing gcc for the tests of power cuts" \
	    && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y gcc libc6-dev >/dev/null; } \
	  || echo "no gcc: the tests of power cuts are skipped; on Debian: apt-get install gcc libc6-dev" >&2

demo: $(VENV)/.installed ## crawl a local press for several rounds and show what comes of it
	@$(BIN)/python -m tests.newsroom.demo

run: $(VENV)/.installed ## crawl the outlets of sources.toml until Ctrl-C; CONTACT=you@example.org says who you are
	@test -n "$(CONTACT)" || { echo "Say who crawls, so that an outlet can write to you: make run CONTACT=you@example.org" >&2; exit 2; }
	@CONTACT="$(CONTACT)" $(BIN)/python scheduler.py --archive "$(ARCHIVE)"

serve: $(VENV)/.installed ## browse and search the archive on http://127.0.0.1:8001
	@$(BIN)/python -m archive serve --archive "$(ARCHIVE)"

lint: $(VENV)/.installed-dev ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy archive pipelines crawler scheduler.py
	@$(BIN)/lint-imports

check: $(VENV)/.installed-dev $(VENV)/next/.installed chromium gcc ## the tests alone
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations 15

soak: $(VENV)/.installed-dev gcc ## hundreds of kills, thousands of power cuts, ten crawls beside fifty readers
	@SOAK=1 $(BIN)/python -m pytest -n auto --dist loadfile tests/crashes tests/quality/test_reprints.py

fuzz: $(VENV)/.installed-dev ## every parser under thousands of broken inputs: make fuzz FUZZ=5000
	@FUZZ=$(or $(FUZZ),2000) $(BIN)/python -m pytest -n auto --dist load tests/fuzz

test: lint check ## lints, types and every test

docs: $(VENV)/.installed-dev ## write the generated pages of docs/ anew
	@$(BIN)/python docs/generate.py

hostile: $(VENV)/.installed-dev ## the stock tools before each misbehaving server (half an hour, those not measured yet); writes docs/hostile.md
	@$(BIN)/python -m benchmarks.hostile

bench: $(VENV)/.installed-dev ## all benchmarks; writes the tables of docs/performance.md
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.installed-dev ## pin the newest versions that requirements*.in allow
	@for part in requirements requirements-dev requirements-next; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    $$part.in -o $$part.lock; done

clean: ## remove the environment and caches, never data
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
