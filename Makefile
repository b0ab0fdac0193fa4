# One entry for everything. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
# A package index behind a company's own certificate is trusted as the machine trusts it.
export UV_SYSTEM_CERTS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup run check format test test-all simulate chaos examples-table oracle conformance test-providers providers-table bench docs ddl lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Make .venv with everything the product and its tests need

$(VENV)/.ready: requirements.lock pyproject.toml packages/tradewind-airflow/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tradewind needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	@# uv is faster; pip does the same where uv cannot be had.
	if $(BIN)/python -m uv --version >/dev/null 2>&1; then \
	  install="$(BIN)/python -m uv pip install --quiet --python $(BIN)/python"; \
	else \
	  install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	fi; \
	$$install --no-deps --require-hashes -r requirements.lock && \
	$$install --no-deps --no-build-isolation -e . -e packages/tradewind-airflow
	$(BIN)/python -m compileall -q -j $(JOBS) $(VENV)/lib src packages >/dev/null || true
	@touch $@

run: export TRADEWIND_HOME ?= $(CURDIR)/.home
run: export TRADEWIND__CORE__DAGS_FOLDER ?= $(CURDIR)/examples
run: setup ## Start the product with the example DAGs on http://127.0.0.1:8080
	@exec $(BIN)/tradewind standalone

check: setup ## Format, lint, types, floors
	$(BIN)/ruff format --check src packages tests examples benchmarks
	$(BIN)/ruff check src packages tests examples benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/tidy.py

format: setup ## Format the code
	$(BIN)/ruff format src packages tests examples benchmarks
	$(BIN)/ruff check --fix src packages tests examples benchmarks

test: setup ## Pure, SQLite, PostgreSQL and real-process tests
	$(BIN)/ruff check src packages tests examples benchmarks
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(JOBS) --dist loadgroup -m "not slow" tests tests/tidy.py

test-all: setup ## The same, and types, examples and everything slow
	$(BIN)/ruff format --check src packages tests examples benchmarks
	$(BIN)/ruff check src packages tests examples benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(JOBS) --dist loadgroup tests tests/tidy.py

simulate: SEEDS = 1000
simulate: setup ## Play the scheduler through random worlds: SEEDS=1000 FROM=0
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(or $(FROM),0)

SEEDS ?= 3
TASKS ?= 2000
chaos: setup ## Kill real processes in the middle of a run: SEEDS=3 TASKS=2000
	$(BIN)/python -m tests.chaos --seeds 1-$(SEEDS) --tasks $(TASKS)

oracle: setup ## Ask real Airflow 2.11.2 and 3.3.2 what DAG files mean, and compare (downloads them)
	$(BIN)/python -m tests.oracle $(FLAGS)
	$(BIN)/python -m tests.oracle.outcomes $(FLAGS)
	$(BIN)/python -m tests.oracle.outcomes.examples $(FLAGS)

# ONLY=2.11.2 for one release; FLAGS='--ours --errors' shows what is missing and why.
# FLAGS='--control .oracle/airflow-2.11.2/bin/python' compares with a real Airflow (`make oracle` makes it).
examples-table: setup ## Read all example DAG files of Airflow 1.10.15, 2.5.1, 2.11.2, 3.3.2 (downloads their wheels)
	$(BIN)/python -m tests.example_table $(if $(ONLY),--release $(ONLY)) $(FLAGS)

# FLAGS='--failures --suite http' shows what differs; '--control' runs Airflow again, too.
conformance: setup ## Run Airflow's and seven providers' own unit tests on us and on Airflow (downloads)
	$(BIN)/python -m tests.airflow_suites $(FLAGS)

test-providers: setup ## Install provider packages and use them: files, servers of our own (downloads them)
	test -x .providers/bin/python || $(PYTHON) -m venv .providers
	.providers/bin/python -m pip install --quiet --disable-pip-version-check -e . -e packages/tradewind-airflow pytest
	.providers/bin/tradewind providers install common.sql http sqlite ssh slack smtp standard
	.providers/bin/tradewind providers check
	.providers/bin/python -m pytest -q --confcutdir=tests/with_providers -W ignore::DeprecationWarning tests/with_providers

# What `providers check` fails for want of is written in docs/compatibility.md.
providers-table: PROVIDERS ?= airbyte alibaba amazon apache.beam apache.cassandra apache.drill apache.druid \
  apache.flink apache.hive apache.iceberg apache.impala apache.kafka apache.kylin apache.livy apache.pig \
  apache.pinot apache.spark apache.tinkerpop apprise arangodb asana atlassian.jira celery cloudant \
  cncf.kubernetes cohere common.ai common.compat common.io common.messaging common.sql databricks datadog \
  dbt.cloud dingding discord docker edge3 elasticsearch exasol fab facebook ftp git github google grpc \
  hashicorp http imap influxdb informatica jdbc jenkins keycloak microsoft.azure microsoft.fabric \
  microsoft.mssql microsoft.psrp microsoft.winrm mongo neo4j odbc openai openfaas openlineage opensearch \
  opsgenie oracle pagerduty papermill pgvector pinecone postgres presto qdrant redis salesforce samba segment \
  sendgrid sftp singularity slack smtp snowflake sqlite ssh standard tableau tabular telegram teradata trino \
  vertica vespa weaviate yandex ydb zendesk
providers-table: setup ## Install 100 provider packages and import all their modules (downloads them)
	test -x .providers-table/bin/python || $(PYTHON) -m venv .providers-table
	.providers-table/bin/python -m pip install --quiet --disable-pip-version-check -e . -e packages/tradewind-airflow 'celery<5.6'
	for name in $(PROVIDERS); do .providers-table/bin/tradewind providers install "$$name" >/dev/null || echo "left out: $$name"; done
	-.providers-table/bin/tradewind providers check

# What to leave to the command itself: RUNS=3 ONLY=chain40,latency AGAINST=airflow BENCH='--databases sqlite'
bench: setup ## Measure this machine: benchmarks/RESULTS.md says how to read it
	$(BIN)/python -m benchmarks $(if $(RUNS),--runs $(RUNS)) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(AGAINST),--against $(AGAINST)) $(BENCH)

docs: setup ## Write the generated pages of docs/reference anew
	$(BIN)/python -m tests.generated_docs --write

ddl: setup ## Write the schema snapshots anew from storage/tables.py
	$(BIN)/python -m tradewind.storage.ddl

lock: setup ## Resolve the dependencies anew into requirements.lock
	$(BIN)/python -m uv pip compile --quiet pyproject.toml --extra postgres --extra examples \
	  --group dev --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  -o requirements.lock

clean: ## Remove the environment and the home of `make run`
	rm -rf $(VENV) .home
