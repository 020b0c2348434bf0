# Two commands on a bare machine (Python 3.11+, make): `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV = $(BIN)/uv $(shell [ -w "$$HOME" ] || echo --no-cache)
PERSONS ?= 2000
SEED ?= 1
KILLS ?= 30
EMBEDDED ?= 20
PARTS := libs/common libs/contracts libs/city services/registry services/training services/certification services/matching services/awards
# Two processes of tests, each with a PostgreSQL and a Kafka of its own. A broker that is given to us would be one for both: then there is one.
TWO_UNLESS_SHARED = $(if $(KAFKA_BOOTSTRAP_SERVERS),0,2)
SOURCES := $(addsuffix /src,$(PARTS))

# Compiled modules are kept, whatever the caller's shell says: every process that a test starts would compile a thousand of them anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset advance verify test fuzz chaos quick lint types architecture bench openapi up down setup system-packages kafka clean requirements

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .stamps/runtime ## the whole city in one process: PERSONS=2000 SEED=1 PORT=8000
	@$(BIN)/python -m city --persons $(PERSONS) --seed $(SEED)

demo-reset: .stamps/runtime ## forget the demo's data
	@$(BIN)/python -m city --reset

advance: .stamps/runtime ## move the day of all services of a running demo: DAY=2019-06-01
	@$(BIN)/python -m city.advancing $(DAY)

verify: .stamps/runtime ## check whether a running demo has lost, doubled or changed anything: PORT=8000
	@$(BIN)/python -m city.verifying

test: .stamps/dev system-packages kafka ## everything, real Kafka included
	$(BIN)/python -m pytest -q -n $(TWO_UNLESS_SHARED) --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/python -m pytest -q -m alone

MINUTES ?= 30
fuzz: .stamps/dev ## requests, files and events at random, for as long as you like: SEED=1 MINUTES=30
	FUZZ_SEED=$(SEED) FUZZ_MINUTES=$(MINUTES) $(BIN)/python -m pytest -q -s tests/fuzz

chaos: .stamps/dev system-packages kafka ## all services under fire for long; writes docs/reliability.md: SEED=1 KILLS=30 EMBEDDED=20 (KILLS=0: each fault once)
	$(BIN)/python tests/chaos/run.py --seed $(SEED) --kills $(KILLS) --embedded $(EMBEDDED)

quick: .stamps/dev lint types architecture ## the inner loop: lint, types, architecture, pure and service tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --hypothesis-profile=quick -m "not kafka and not browser and not slow" \
		libs services tests/architecture tests/contracts

lint: .stamps/dev ## ruff, formatting included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .stamps/dev ## mypy, strict
	$(BIN)/mypy $(SOURCES)

architecture: .stamps/dev ## import rules and declared dependencies
	$(BIN)/lint-imports
	@for part in $(PARTS); do echo "$$part"; (cd $$part && "$(CURDIR)/$(BIN)/deptry" src --config pyproject.toml --no-ansi \
		--package-module-name-map "craftport-common=common,craftport-contracts=contracts,python-stdnum=stdnum,pyyaml=yaml" 2>&1) || exit 1; done

bench: .stamps/dev ## measure; writes bench/results.md (QUICK=1: three minutes, writes nothing)
	$(BIN)/python bench/run.py $(if $(QUICK),--quick)

openapi: .stamps/dev ## write services/*/openapi.json anew; refused when a client would break
	@$(BIN)/python -m common.web.committed write $(wildcard services/*)

up: ## the same city by docker compose, with Apache Kafka
	@docker compose version >/dev/null 2>&1 || { echo "docker compose is needed: an engine and its compose plugin"; exit 1; }
	@$(PYTHON) deploy/compose_secrets.py .craftport/compose.env
	docker compose --env-file .craftport/compose.env up --build --detach --wait

down: ## stop it
	docker compose --env-file .craftport/compose.env down

setup: .stamps/dev ## the virtual environment for development

system-packages: ## what tests need from the system: a JDK, Maven, Chromium (installed where we may, else named)
	@sh deploy/system-packages.sh

kafka: ## Apache Kafka's jars for the tests (nothing to do when they are there)
	@sh deploy/kafka/fetch.sh

clean: ## remove everything that was set up
	rm -rf $(VENV) .stamps .craftport

requirements: ## pin anew after a change of requirements/*.in
	for set in bootstrap runtime dev; do $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 requirements/$$set.in -o requirements/$$set.txt; done

$(BIN)/uv: requirements/bootstrap.txt
	@echo "[1/3] virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# uv is quick, and keeps what it fetched where it may; where it cannot reach the index that pip is set up for, pip itself does the same.
define install
	@echo "[3/3] packages ($(1))"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/$(1).txt || \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements/$(1).txt
endef

.stamps/parts: $(BIN)/uv $(addsuffix /pyproject.toml,$(PARTS))
	@echo "[2/3] our own parts"
	@# Relative paths: right in any directory, whatever its name is written in.
	@$(BIN)/python -c 'import os, pathlib, site; there = site.getsitepackages()[0]; pathlib.Path(there, "craftport.pth").write_text("".join(os.path.relpath(part, there) + "\n" for part in "$(SOURCES)".split()))'
	@mkdir -p .stamps && touch $@

.stamps/runtime: requirements/runtime.txt .stamps/parts
	$(call install,runtime)
	@touch $@

.stamps/dev: requirements/dev.txt .stamps/parts
	$(call install,dev)
	@touch .stamps/runtime $@

migration: .stamps/dev ## write a service's next migration: SERVICE=awards WHY="…"
	@$(BIN)/python -m common.database.revision $(SERVICE) "$(WHY)"
