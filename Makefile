# Two commands carry the project: `make run` and `make test`. Both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.set-up
MINUTES ?= 10

.PHONY: run test lint types unit fuzz soak conformance bench format clean

run: $(SET_UP) ## serve the Polytomic capability against the built-in sandbox
	$(BIN)/python examples/run_with_sandbox.py

test: lint types unit ## every gate

lint: $(SET_UP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(SET_UP)
	$(BIN)/mypy

unit: $(SET_UP)
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --cov --cov-report=
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='*/naftiko_runtime/plan/*' --fail-under=100

fuzz: $(SET_UP) ## the property tests, with many more examples each
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest --numprocesses=auto --timeout=0 -m hypothesis

conformance: $(SET_UP) ## the official MCP conformance suite, and clients of others; needs npm
	$(BIN)/python -m pytest --timeout=0 tests/conformance/suite.py tests/conformance/clients.py

bench: $(SET_UP) ## measure, with nginx and wrk; write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.run

soak: $(SET_UP) ## minutes of mixed load, faults, reloads and restarts: make soak MINUTES=10
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

format: $(SET_UP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(SET_UP): pyproject.toml requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

clean:
	rm -rf $(VENV) dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
