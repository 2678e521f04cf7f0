# The one entry. On a fresh clone `make serve` and `make check` need Python 3.11 and nothing else.

PYTHON ?=
WORKERS ?= 2
BIN := .venv/bin
ROOMS := emulator handlers specs state
LINKS := $(ROOMS:%=.links/greenroom/%)
SETUP := .venv/.installed
LINTERS := .lint/node_modules/.installed
PAGE := .page/node_modules/.installed
TYPED := .typed/node_modules/.installed
CHROMIUM ?=
PICTURES ?=
# A dot in the name of a spec: it changes or accompanies another, and is no OpenAPI by itself.
SPECS := $(filter-out $(wildcard specs/*.*.yaml), $(wildcard specs/*.yaml emulator/control/*.yaml))
TALKS := $(wildcard specs/*.asyncapi.yaml)
PATCHED := .cache/specs
NODE_FITS := const [a, b] = process.versions.node.split(".").map(Number); \
  process.exit(+!(a > 21 || (a === 20 && b > 18)))

.PHONY: setup serve check fmt lint lint-python lint-specs lint-npm types test contract typed clients bench sockets soak page wheel tinydb-suite
.NOTPARALLEL:
.SHELLFLAGS := -euc

setup: $(SETUP) $(LINKS)

$(SETUP): pyproject.toml setup.py
	@python="$(PYTHON)"; \
	if [ ! -x $(BIN)/python ]; then \
	  for candidate in $$python python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	      2> /dev/null; then python=$$candidate; break; fi; python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Greenroom needs Python 3.11 or newer with its venv module:" \
	      "install it, or say where it is with make PYTHON=/path/to/python3." >&2; exit 1; \
	  fi; \
	  echo "making .venv with $$($$python --version)"; $$python -m venv .venv; \
	fi
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(LINKS): .links/greenroom/%:
	@mkdir -p .links/greenroom && ln -sfn ../../$* $@

serve: setup
	$(BIN)/greenroom serve

check: setup lint types test contract typed

fmt: setup
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: lint-python lint-specs lint-npm

lint-python: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check

lint-specs: setup
	@rm -rf $(PATCHED)
	$(BIN)/greenroom check --patched $(PATCHED)
	$(BIN)/openapi-spec-validator --validation-errors all $(SPECS) $$(find $(PATCHED) -name '*.yaml')

# Redocly and Spectral need Node.js; nothing else does.
lint-npm: lint-specs
	@if ! node -e '$(NODE_FITS)' 2> /dev/null || ! command -v npm > /dev/null; then \
	  echo "Redocly and Spectral were skipped: they need npm and Node.js 20.19 or newer."; \
	elif ! $(MAKE) --no-print-directory $(LINTERS); then \
	  echo "Redocly and Spectral were skipped: npm could not install them."; \
	else \
	  export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true; \
	  specs="$(SPECS) $$(find $(PATCHED) -name '*.yaml')"; \
	  .lint/node_modules/.bin/redocly lint --config .lint/redocly.yaml --format stylish $$specs; \
	  .lint/node_modules/.bin/spectral lint --ruleset .lint/spectral.yaml --fail-severity warn $$specs; \
	  .lint/node_modules/.bin/spectral lint --ruleset .lint/asyncapi.yaml --fail-severity warn $(TALKS); \
	fi

$(LINTERS): .lint/package.json .lint/package-lock.json
	@npm ci --prefix .lint --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

types: setup
	$(BIN)/mypy

test: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest tests -n $(WORKERS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

contract: setup
	$(BIN)/pytest contract-tests -n $(WORKERS) --dist loadscope

# A TypeScript client of every spec, generated and compiled; it needs Node.js like the linters.
typed: setup
	@if ! node -e '$(NODE_FITS)' 2> /dev/null || ! command -v npm > /dev/null; then \
	  echo "Typed clients were skipped: they need npm and Node.js 20.19 or newer."; \
	elif ! $(MAKE) --no-print-directory $(TYPED); then \
	  echo "Typed clients were skipped: npm could not install what makes them."; \
	else \
	  node .typed/check.mjs $(SPECS); \
	fi

$(TYPED): .typed/package.json .typed/package-lock.json
	@npm ci --prefix .typed --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Published clients, each in an environment of its own, against a served emulator.
clients: setup
	$(BIN)/python contract-tests/clients/run.py

bench: setup
	$(BIN)/python bench/run.py

# What sockets cost and whether they keep their promises.
sockets: setup
	$(BIN)/python bench/sockets.py

# Ten minutes of load with faults, resets and forks; `make soak FOR=60` for a minute.
soak: setup
	$(BIN)/python bench/soak.py $(FOR)

# The console in a browser; PICTURES=DIR keeps what it looks like.
page: setup
	@browser=; \
	for candidate in $(CHROMIUM) chromium chromium-browser google-chrome; do \
	  if browser=$$(command -v $$candidate); then break; fi; \
	done; \
	if [ -z "$$browser" ]; then \
	  echo "The page was not opened: it needs Chromium, or make page CHROMIUM=/path/to/it."; \
	elif ! node -e '$(NODE_FITS)' 2> /dev/null || ! command -v npm > /dev/null; then \
	  echo "The page was not opened: it needs npm and Node.js 20.19 or newer."; \
	elif ! $(MAKE) --no-print-directory $(PAGE); then \
	  echo "The page was not opened: npm could not install what opens it."; \
	else \
	  node .page/check.mjs $(BIN)/greenroom "$$browser" $(PICTURES); \
	fi

$(PAGE): .page/package.json .page/package-lock.json
	@npm ci --prefix .page --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

wheel: setup
	rm -rf dist .cache/wheel
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m venv .cache/wheel
	.cache/wheel/bin/python -m pip install --quiet --quiet --disable-pip-version-check dist/greenroom-*.whl
	cd .cache/wheel && bin/greenroom providers

tinydb-suite: setup
	$(BIN)/python tests/state/tinydb_suite.py
