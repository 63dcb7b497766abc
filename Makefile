# The two commands of the README: `make run` opens the app on this machine, `make test` runs everything.
PYTHON ?= python3
VENV := .venv
# Hundreds of processes begin while the tests run: none is to compile what another has.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
# Where pip finds packages is the machine's own affair; the versions are ours.
PIP := $(BIN)/python -m pip --disable-pip-version-check
LAB_PACKAGES := $(shell sed 's/\#.*//' tests/lab/packages.txt 2>/dev/null)

.PHONY: run install dev s3-server test check checks soak test-spark test-postgres format lint types layers rules tests docs lab-packages clean test-kql-oracles

run: install
	@$(BIN)/patchdeck

# Makes the environment where there is none, and says what is missing where it cannot.
MAKE_VENV = @test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo 'Patchdeck needs Python 3.11 or newer with venv: on Debian and Ubuntu, apt install python3-venv.' >&2; exit 1; }; \
	$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Patchdeck needs Python 3.11 or newer.' >&2; exit 1; }

install: $(VENV)/.installed
$(VENV)/.installed: pyproject.toml constraints.txt
	$(MAKE_VENV)
	@echo 'Installing Patchdeck into $(VENV)/ (once; half a minute) …'
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

# All at once, what the product needs included; modules are compiled when they are first needed, which most never are.
dev: $(VENV)/.dev
$(VENV)/.dev: pyproject.toml constraints.txt
	$(MAKE_VENV)
	@echo 'Installing Patchdeck and what the tests need into $(VENV)/ …'
	@$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/.installed $@

# Debian packages for the lab and the screen tests: installed where we are root on Debian, otherwise those tests say so.
lab-packages:
	@tests/lab/install-packages $(LAB_PACKAGES)

# The S3 server that tables in object storage are tested against: boto3, which it needs, cannot share our environment.
S3_SERVER := .cache/s3-server
s3-server: $(S3_SERVER)/.installed
$(S3_SERVER)/.installed: tests/s3-server.txt
	@test -x $(S3_SERVER)/bin/python || { mkdir -p .cache && $(PYTHON) -m venv $(S3_SERVER); }
	@echo 'Installing an S3 server for the tests into $(S3_SERVER)/ …'
	@$(S3_SERVER)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --requirement tests/s3-server.txt
	@touch $@

# What waits for the network, and what has a core to itself, goes on beside the rest.
test:
	@$(MAKE) --no-print-directory -j3 dev s3-server lab-packages
	@$(MAKE) --no-print-directory -j2 checks tests

check: checks tests

checks: format lint types layers docs

format:
	$(BIN)/ruff format --check .
lint:
	$(BIN)/ruff check .
	@if command -v shellcheck >/dev/null; then shellcheck --shell=sh collectors/probes/*.sh collectors/jobs/*.sh; else echo 'shellcheck is not installed: skipped'; fi
types:
	$(BIN)/mypy
layers:
	$(BIN)/lint-imports
rules:
	$(BIN)/pytest tests/rules
tests:
	@tests/run-all $(BIN)
docs:
	$(BIN)/python docs/make_all.py --check
# Spark runs its own forms of the predefined queries: PySpark, and Java from Debian where we are root there.
test-spark: dev
	@command -v java >/dev/null || { test "$$(id -u)" = 0 && apt-get install -y --no-install-recommends openjdk-17-jre-headless; } \
	  || { echo 'Spark needs Java 17: apt install openjdk-17-jre-headless.' >&2; exit 1; }
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[spark]'
	$(BIN)/pytest tests/spark -n 0
# The same on PostgreSQL, in a cluster that is thrown away afterwards.
test-postgres: dev
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { test "$$(id -u)" = 0 && apt-get install -y --no-install-recommends postgresql; } \
	  || { echo 'PostgreSQL is not installed: apt install postgresql.' >&2; exit 1; }
	$(BIN)/pytest tests/postgres -n 0
soak: dev
	$(BIN)/pytest -m soak
clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
# Other front ends of KQL, to compare ours with: development only, never needed by the product or by `make test`.
ORACLES := .cache/kql-oracles
test-kql-oracles: dev
	@command -v npm >/dev/null || { echo "npm is not installed: Microsoft's parser is not compared"; exit 1; }
	@npm install --silent --no-fund --no-audit --prefix $(ORACLES) @kusto/language-service-next@12.4.1
	@test -x $(ORACLES)/venv/bin/python || $(PYTHON) -m venv $(ORACLES)/venv
	@$(ORACLES)/venv/bin/pip install --quiet --disable-pip-version-check duckdb-kql==1.1.2
	$(BIN)/pytest tests/query/kql/oracles -n 0
