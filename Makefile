# `make help` lists what there is. Everything that is installed or made stands below .local.

PYTHON ?= python3
VENV := .local/venv/bin
RUN := $(VENV)/python -m
PYTEST := $(RUN) pytest --numprocesses 2
STAGE ?=
REGION ?=
MAIL_SENDER ?=
ALARM_EMAIL ?=
TRACES ?= off
DRY_RUN ?=
SEED ?=
SCALE ?=
PARTS ?=

export PYTHONDONTWRITEBYTECODE := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help run demo verify bench torture test unit lint format types contracts lint-template package openapi console test-console chromium screenshots deploy costs clean install

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: install ## Run everything on this machine until Ctrl-C (KEEP=1 keeps the data; PORT and PAYMENTS_PORT move it)
	@$(RUN) infra.local

demo: install ## Play the whole story against the stack that `make run` started
	@$(RUN) infra.local.demo

verify: install ## Fold the whole ledger again and name each difference, here or of STAGE=… REGION=… (REPAIR=1 mends what a restore tore)
	@$(RUN) infra.verify $(if $(STAGE),--stack "seans-$(STAGE)" --region "$(REGION)") $(if $(REPAIR),--repair)

bench: install ## Measure calls, write units, cold and warm starts and requests a second, into docs/bench.md
	@$(RUN) infra.bench

torture: install ## Try to break it: SEED=… SCALE=quick|small|full (PARTS="crashes storm" only some), into docs/torture.md
	@SEED="$(SEED)" SCALE="$(SCALE)" PARTS="$(PARTS)" $(RUN) tests.torture

test: lint types contracts lint-template test-console chromium ## Run every check
	@$(PYTEST)

unit: install ## Run the tests that need no stack
	@$(PYTEST) --ignore=tests/deployed --ignore=tests/browser

lint: install ## Look for faults of style and form
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check

format: install ## Lay the code out
	@$(VENV)/ruff check --fix
	@$(VENV)/ruff format

types: install ## Check the types, strictly
	@$(VENV)/mypy

contracts: install ## Check who imports whom
	@$(VENV)/lint-imports

lint-template: package ## Check the packaged template with cfn-lint
	@$(VENV)/cfn-lint --regions eu-central-1 us-east-1 --template .local/package/sam.json

package: install ## Make the template and the zip that are deployed, in .local/package
	@$(RUN) infra.package

console: install ## Build the admin console into .local/console
	@$(RUN) infra.console

test-console: install ## Check the console's types, its size and its own tests
	@$(RUN) infra.console --test

chromium: install ## Install Debian's Chromium for the browser tests, where there is no browser
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "Installing Chromium"; \
	  { apt-get update && apt-get install --yes --no-install-recommends chromium fonts-noto-core; } >.local/chromium.log 2>&1 \
	  || { cat .local/chromium.log; echo "The browser tests need Chromium, and it cannot be installed here."; exit 1; }; rm -f .local/chromium.log; }

screenshots: install chromium ## Take the console's pictures from the running stack, into .local/screenshots
	@$(RUN) tests.browser.screenshots

openapi: install ## Write openapi.json anew
	@$(RUN) infra.openapi

deploy: console ## Deploy to AWS: STAGE=prod REGION=eu-central-1 MAIL_SENDER=… ALARM_EMAIL=… (TRACES=on, DRY_RUN=1 only shows)
	@$(RUN) infra.to_aws --stage "$(STAGE)" --region "$(REGION)" --mail-sender "$(MAIL_SENDER)" \
		--alarm-email "$(ALARM_EMAIL)" --traces "$(TRACES)" $(if $(DRY_RUN),--dry-run)

costs: install ## Compute what a month costs on AWS, into docs/costs.md
	@$(RUN) infra.costs

clean: ## Remove all that was installed and made
	rm -rf .local .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

install:
	@command -v $(PYTHON) >/dev/null || { echo "Seans needs Python 3.11 or newer; $(PYTHON) is not there (make PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seans needs Python 3.11 or newer, and this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.11")'
	@$(PYTHON) -m infra.local.environments
