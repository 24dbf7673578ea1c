# khcn: `make run` starts everything, `make test` tests everything. `make help` lists the rest.
PY := .venv/bin/python
PORT ?= 8000
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-slow check format ci bench bench-library bench-markets bench-energy bench-plan bench-programmes docs clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 16

setup: ## make this machine ready to run (environment, packages, assets)
	@python3 tools/bootstrap.py

setup-dev: ## make this machine ready to test, LibreOffice and Chromium included
	@python3 tools/bootstrap.py --dev --wait-big

run: setup ## start the web site and the worker, with demo content the first time
	@.venv/bin/khcn up --port $(PORT)

test: setup-dev ## unit, integration, architecture and browser tests on SQLite and PostgreSQL
	@$(PY) tools/run_tests.py fast

test-slow: setup-dev ## long tests (load, scale, failure)
	@$(PY) tools/run_tests.py slow

check: setup-dev ## layers, types, style, migrations, messages
	@$(PY) tools/check.py

format: ## put the code into the house style
	@$(PY) -m ruff format src tests tools benchmarks && $(PY) -m ruff check --fix src tests tools benchmarks

ci: ## check, test and test-slow with the time of each
	@python3 tools/ci.py

bench: bench-library bench-markets bench-energy bench-plan bench-programmes ## every benchmark

bench-library: setup-dev ## figures of the library beside their peers
	@$(PY) -m benchmarks.library

bench-markets: ## figures of the market halls beside their peers (installs the peers)
	@python3 tools/bootstrap.py --bench
	@$(PY) -m benchmarks.markets

bench-plan: setup-dev ## figures of plans, reports and consolidation beside their limits, on SQLite and PostgreSQL
	@$(PY) -m benchmarks.plan

bench-programmes: setup-dev ## figures of programmes (opening rush, certificates, calendar) beside their limits, on SQLite and PostgreSQL
	@$(PY) -m benchmarks.programmes

bench-energy: ## figures of the energy programme beside their peers (installs the peers)
	@python3 tools/bootstrap.py --bench
	@$(PY) -m benchmarks.energy

docs: setup ## write the generated pages of docs/ anew
	@.venv/bin/khcn config --markdown > docs/operator/settings.md

clean: ## remove built files, keep data
	@rm -rf build src/*.egg-info src/khcn/ui/static/ui/built .mypy_cache .ruff_cache .pytest_cache
