# Two commands: `make serve` and `make test`. Each sets up what it needs inside the checkout, once.

PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
LOCKED := --quiet --python $(BIN)/python --constraint requirements.lock --build-constraint requirements.lock

# Python keeps what it has compiled: else each of the hundreds of processes of a test run compiles all libraries anew.
unexport PYTHONDONTWRITEBYTECODE

# The scripts of the pages are bundled by Node.js, which comes from the lock file as everything does.
BUNDLE := api/static/bundle/site.js
NPM := cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent

.PHONY: serve dataset build wheel test check pytest clean lock
.DELETE_ON_ERROR:

serve: .venv/serve
	@$(MAKE) --no-print-directory --jobs=2 dataset $(BUNDLE)
	@$(BIN)/kg serve --port $(PORT)

# The first dataset is built beside the scripts; from then on `kg serve` looks whether there is anything to build. It
# writes the exports, too, once it answers, and says why a build fails.
dataset: .venv/serve
	@test -e "$${KG_DATA:-build}/current" || $(BIN)/kg build --no-exports >/dev/null 2>&1 || true

build: .venv/serve $(BUNDLE)
	@$(BIN)/kg build --if-changed

# The packages of the service and of its client for `pip install`, in dist/.
wheel: .venv/serve $(BUNDLE)
	@$(BIN)/uv build --quiet --python $(BIN)/python --build-constraint requirements.lock --out-dir dist .
	@$(BIN)/uv build --quiet --python $(BIN)/python --build-constraint requirements.lock --out-dir dist client

check: .venv/test web/node_modules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(NPM) run check

# Checks beside the build and the tests.
test: .venv/test web/node_modules tests/comunica/node_modules $(BUNDLE)
	@$(MAKE) --no-print-directory --jobs=2 check pytest

pytest: .venv/test build
	$(BIN)/pytest -n auto --dist worksteal

# Every version and hash of the lock file anew, from setup.cfg.
lock: .venv/test
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-header setup.cfg --output-file requirements.lock

clean:
	rm -rf .venv build dist *.egg-info web/node_modules tests/comunica/node_modules api/static/bundle

.venv/uv: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("calcikg needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/uv.txt
	@touch $@

.venv/serve: .venv/uv setup.cfg
	@$(BIN)/uv pip install $(LOCKED) --editable '.[web]'
	@touch $@

.venv/test: .venv/serve
	@$(BIN)/uv pip install $(LOCKED) --editable '.[web,test]'
	@touch $@

web/node_modules: web/package-lock.json | .venv/serve
	@$(NPM) ci
	@touch $@

# An independent SPARQL engine, which a test has ask the service.
tests/comunica/node_modules: tests/comunica/package-lock.json | .venv/serve
	@cd $(@D) && PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent ci --ignore-scripts
	@touch $@

$(BUNDLE): web/node_modules web/build.mjs $(shell find web/src -type f)
	@$(NPM) run build
