# Everything a person or a build does here. `make help` lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test test-browser check lint types imports rules coverage whole fuzz mutation format hooks migrate migration \
	clean

VENV := .venv
INSTALLED := $(VENV)/.installed
BIN := $(VENV)/bin

# The first one that is new enough; say `make PYTHON=/path/to/python3` to choose another.
PYTHON ?= $(shell for one in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; \
	done)

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: $(INSTALLED) ## start everything; Ctrl-C stops it
	@$(BIN)/python -m ops run

test: $(INSTALLED) ## all tests, or those of one context: make test context=reservation
	@$(BIN)/python -m pytest $(if $(context),-m '$(context)') $(PYTEST_ARGS)

test-browser: $(INSTALLED) ## the pages in Debian's Chromium; without one they are skipped
	@$(BIN)/python -m pytest tests/browser $(PYTEST_ARGS)

check: lint types imports rules coverage whole ## what has to hold before a change is handed in

lint: $(INSTALLED) ## style and likely mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(INSTALLED) ## mypy, strict
	@$(BIN)/mypy

imports: $(INSTALLED) ## which room may know which
	@$(BIN)/lint-imports --no-logo

rules: $(INSTALLED) ## what neither imports nor types can hold
	@$(BIN)/python -m tests.rules

# A whole installation is six processes that are busy all the time: measuring makes them half as fast
# again, and what they run the other tests have run.
WHOLE := tests/e2e tests/faults tests/fuzz tests/browser
PROFILE := HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci}

coverage: $(INSTALLED) ## the tests of parts, measured; the report is htmlcov/index.html
	@$(BIN)/coverage erase
	@$(PROFILE) $(BIN)/coverage run -m pytest $(WHOLE:%=--ignore=%) $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage html --quiet
	@$(BIN)/coverage report

whole: $(INSTALLED) ## the tests of whole installations
	@$(PROFILE) $(BIN)/python -m pytest $(WHOLE) $(PYTEST_ARGS)

# `check` asks a tenth of it, the same in every build; this asks something else each time.
fuzz: $(INSTALLED) ## ten thousand requests drawn from the OpenAPI documents: make fuzz cases=50000
	@FUZZ_CASES='$(or $(cases),10000)' $(BIN)/python -m pytest tests/fuzz $(PYTEST_ARGS)

# Not part of `check`: it takes a quarter of an hour. What is known already is not tried again;
# `rm -rf mutants` begins anew.
mutation: $(INSTALLED) ## which changes to the domain no test would notice (docs/quality.md)
	@HYPOTHESIS_PROFILE=mutation nice -n 19 $(BIN)/mutmut run --max-children 2
	@$(BIN)/python -m tests.mutation

format: $(INSTALLED) ## put the code into its one shape
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

hooks: $(INSTALLED) ## hold every commit to what takes seconds (.pre-commit-config.yaml)
	@$(BIN)/pre-commit install

migrate: $(INSTALLED) ## bring every context's database to its newest revision
	@$(BIN)/python -m ops migrate

migration: $(INSTALLED) ## write a revision: make migration context=reservation message="what it does"
	@$(BIN)/python -m ops migration --context '$(context)' --message '$(message)'

clean: ## remove what can be made again; the data under DATA_DIR stays
	@rm -rf $(VENV) htmlcov mutants .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian keeps ensurepip in a package of its own: without it the environment is made bare, and the
# system's pip, if there is one, fills it.
$(INSTALLED): requirements.lock
	@set -e; \
	test -n '$(PYTHON)' || { echo 'slotstream: Python 3.11 or newer is needed (make PYTHON=…).' >&2; exit 1; }; \
	install='install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock'; \
	$(BIN)/python -c '' 2>/dev/null || { \
		rm -rf $(VENV); \
		echo "making the virtual environment ($$($(PYTHON) -V))"; \
		$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
			rm -rf $(VENV); \
			$(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --without-pip $(VENV); \
		} || { \
			rm -rf $(VENV); \
			echo 'slotstream: this Python cannot make virtual environments: install python3-venv.' >&2; \
			exit 1; \
		}; \
	}; \
	echo 'installing the dependencies'; \
	if $(BIN)/python -m pip --version >/dev/null 2>&1; then $(BIN)/python -m pip $$install; \
	else $(PYTHON) -m pip --python $(BIN)/python $$install; fi
	@touch $@
