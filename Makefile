# Evenhand: `make run` and `make test` each work alone on a machine with Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_INSTALL := VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
DIR ?= evenhand-demo
PAGES := src/evenhand/web/static/govuk.css

# uv and npm trust what the system trusts, as pip does: a proxy on the way may have a certificate of its own.
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev browser run test coverage lint bench bench-quick reliability lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(BIN)/evenhand: requirements/build.txt requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Evenhand needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing (on Debian or Ubuntu: apt install python3-venv)."; rm -rf $(VENV); exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(UV_INSTALL) -r requirements/runtime.txt
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/evenhand requirements/dev.txt
	$(UV_INSTALL) -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(BIN)/evenhand requirements/bench.txt
	test -x $(VENV)-bench/bin/python || $(PYTHON) -m venv $(VENV)-bench
	VIRTUAL_ENV=$(VENV)-bench $(UV) pip install --quiet --require-hashes -r requirements/bench.txt
	VIRTUAL_ENV=$(VENV)-bench $(UV) pip install --quiet --require-hashes -r requirements/build.txt
	VIRTUAL_ENV=$(VENV)-bench $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(PAGES): pages/package-lock.json pages/fetch.py | $(BIN)/evenhand
	$(BIN)/python pages/fetch.py
	@touch $@

browser:
	@test -n "$$EVENHAND_CHROMIUM" || command -v chromium chromium-browser >/dev/null || \
		{ command -v apt-get >/dev/null && test "$$(id -u)" = 0 && apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
		echo "No Chromium is here, and none could be installed: the browser tests are not run."

setup: $(BIN)/evenhand $(PAGES)  ## Make .venv with the evenhand command in it
setup-dev: $(VENV)/.dev $(PAGES)

run: setup  ## Real answers in, a measured scale and a report out (into evenhand-demo/)
	$(BIN)/evenhand demo --dir $(DIR) $(if $(NO_SERVE),--no-serve)

test: setup-dev browser  ## Every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

coverage: setup-dev browser  ## Every test, and which lines none of them reaches (half as long again)
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

lint: setup-dev  ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench setup-dev  ## Time, memory and log-likelihood beside named peers (long)
	$(VENV)-bench/bin/python benchmarks/marginal.py
	$(VENV)-bench/bin/python benchmarks/polytomous.py
	$(VENV)-bench/bin/python benchmarks/profile.py
	$(VENV)-bench/bin/python benchmarks/adaptive.py
	$(VENV)-bench/bin/python benchmarks/round.py
	$(BIN)/python benchmarks/service.py --minutes 0.5

bench-quick: $(VENV)/.bench  ## The same on small data, in a minute
	$(VENV)-bench/bin/python benchmarks/marginal.py --quick

reliability: setup-dev  ## The slow proofs: recovery with every seed, power of item-bias tests
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow tests

lock: setup  ## Resolve the requirement files anew
	@for name in build runtime dev bench; do $(LOCK) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean:  ## Remove the environments and caches
	rm -rf $(VENV) $(VENV)-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .import_linter_cache
