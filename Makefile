# Every target works on a fresh clone: whatever needs the virtual environment makes it first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# A module's tests stay together, in the order of tests/conftest.py.
SPREAD := -n auto --dist loadgroup --no-loadscope-reorder

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.PHONY: install
install: $(STAMP) ## Make .venv with the pinned dependencies

.PHONY: templates
templates: $(STAMP) ## Write templates/, lint them, show what each holds
	$(BIN)/python generate.py
	$(BIN)/drctl lint

.PHONY: check-templates
check-templates: $(STAMP) ## Fail when a committed template is stale
	$(BIN)/python generate.py --check

.PHONY: schema
schema: $(STAMP) ## Write config/schema.json, the JSON Schema of the configuration
	$(BIN)/drctl schema > config/schema.json

.PHONY: rules
rules: $(STAMP) ## Write docs/rules.md from the rules
	$(BIN)/python -m dr_templates.rules._catalog > docs/rules.md

.PHONY: archives
archives: $(STAMP) ## Build the Lambda archives into build/
	$(BIN)/drctl archives --to build

.PHONY: test
test: $(STAMP) ## Run every test that takes no minutes
	$(BIN)/python -m pytest $(SPREAD)

.PHONY: coverage
coverage: $(STAMP) ## The same, and fail when they reach less than 95 % of the code (half an hour)
	$(BIN)/python -m pytest $(SPREAD) --cov --cov-report=term

.PHONY: nightly
nightly: coverage ## That; prove the brain with 10,000 examples a property; every slow test (an hour and a half)
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n auto tests/unit/failover
	$(BIN)/python -m pytest -n 2 -m slow tests/lab

.PHONY: fmt
fmt: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: fmt-check
fmt-check: $(STAMP) ## Check formatting and lint the code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(STAMP) ## Check the types
	$(BIN)/mypy

.PHONY: imports
imports: $(STAMP) ## Check the layers
	$(BIN)/lint-imports

.PHONY: demo
demo: $(STAMP) ## Deploy config/demo.yaml to a local emulator of AWS, show it, destroy it
	@set -e; trap '$(BIN)/drctl lab down --home build/demo' EXIT; trap 'exit 130' INT TERM; \
	variables="$$($(BIN)/drctl lab up --home build/demo --port 0)"; eval "$$variables"; \
	export DRCTL_CONFIG=config/demo.yaml; \
	$(BIN)/drctl deploy --first-deploy --yes; \
	$(BIN)/drctl status; \
	$(BIN)/drctl destroy --yes

.PHONY: drill
drill: $(STAMP) ## Break a pair in local labs in ten ways, and count what was lost (seven minutes)
	$(BIN)/drctl drill --config config/drill.yaml --report build/drill

.PHONY: drills
drills: $(STAMP) ## The same in all fifteen ways (ten minutes)
	$(BIN)/drctl drill --config config/drill.yaml --report build/drill --scenario all

.PHONY: soak
soak: $(STAMP) ## Fifty switchovers under load, and twenty times each of what must not move (an hour)
	$(BIN)/drctl drill --config config/drill.yaml --report build/soak --scenario switchover --times 50
	$(BIN)/drctl drill --config config/drill.yaml --report build/soak --times 20 \
		--scenario multi-az --scenario connection-storm --scenario one-way-partition

.PHONY: bench
bench: $(STAMP) ## Measure speed, as ratios within one run (five minutes)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/deploying.py

.PHONY: bench-drills
bench-drills: $(STAMP) ## Measure the tool's own part of an outage, and Patroni's (an hour, nothing else running)
	$(BIN)/python bench/drilling.py
	$(BIN)/python bench/patroni/run.py

.PHONY: check
check: fmt-check types imports check-templates test ## Everything CI checks

.PHONY: clean
clean: ## Remove what can be made again
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage*
