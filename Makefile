# Winnow on one machine. Needs Python 3.11 or newer and make, nothing else.
#   make run     the demonstration city, web and worker        PORT=8000 HOST=127.0.0.1
#   make venv    only the locked packages, in .venv
#   make test    the tests that this machine can run, but for the walks
#   make walks   the long ones: in a browser, every page for every role, backups, a real city from end to end
#   make audit   the locked packages: pinned, hashed, licences; ADVISORIES=path adds known weaknesses
#   make check   what every change must pass: style, types, layers, tests, walks, and again on PostgreSQL
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VAR := $(or $(WINNOW_VAR),var)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/*.po)
WORKERS ?= auto
# Where the results go as files as well, for whoever adds them up.
RESULTS = $(if $(WINNOW_TEST_RESULTS),--junit-xml=$(WINNOW_TEST_RESULTS)/$@.xml)
# A city that has its own settings is not a demonstration, unless it says so.
CITY = $(or $(WINNOW_CITY_NAME),City of Rowanbridge)
CITY_FR = $(or $(WINNOW_CITY_NAME_FR),Ville de Pont-aux-Sorbiers)
DEMONSTRATION := $(if $(wildcard .env)$(WINNOW_ENV_FILE),,WINNOW_DEMONSTRATION=$(or $(WINNOW_DEMONSTRATION),on) \
	WINNOW_CITY_NAME="$(CITY)" WINNOW_CITY_NAME_FR="$(CITY_FR)")

.PHONY: run venv test walks check postgresql port audit
.DELETE_ON_ERROR:

run: port $(VAR)/static/staticfiles.json $(CATALOGUES:.po=.mo)
	@exec env $(DEMONSTRATION) HOST=$(HOST) PORT=$(PORT) $(BIN)/python manage.py run

port:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Winnow needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which: make run PYTHON=python3.12")'
	@$(PYTHON) config/supervisor.py $(HOST) $(PORT)

venv: .venv/.base $(CATALOGUES:.po=.mo)

test: .venv/.dev $(CATALOGUES:.po=.mo)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not walk and not browser" $(RESULTS) $(TESTS)

walks: .venv/.dev $(CATALOGUES:.po=.mo)
	$(BIN)/python -m pytest -n $(WORKERS) -m "walk or browser" $(RESULTS) $(TESTS)

audit: .venv/.dev
	@$(BIN)/python tests/audit.py

# Goes on after a failure, so that one run tells everything that is wrong.
check: .venv/.dev $(CATALOGUES:.po=.mo)
	@wrong=0; sh tests/check.sh || wrong=1; \
	$(MAKE) --no-print-directory test || wrong=1; \
	$(MAKE) --no-print-directory walks || wrong=1; \
	$(MAKE) --no-print-directory postgresql || wrong=1; \
	exit $$wrong

# The part of the tests that touches the database, again as a city runs it: PostgreSQL, Redis, a worker.
postgresql: .venv/.dev $(CATALOGUES:.po=.mo)
	WINNOW_TEST_ON=postgresql $(BIN)/python -m pytest -n $(WORKERS) $(RESULTS) $(TESTS)

.venv/bin/python:
	@echo "Python: making .venv"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing here (on Debian and Ubuntu: apt install python3-venv)."; rm -rf .venv; exit 1; }

.venv/.base: requirements/base.txt | .venv/bin/python
	@echo "Packages: installing what requirements/base.txt locks"
	@$(PIP) -r requirements/base.txt
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/bin/python
	@echo "Packages: installing what requirements/dev.txt locks"
	@$(PIP) -r requirements/dev.txt
	@touch $@ .venv/.base

$(VAR)/static/staticfiles.json: .venv/.base $(shell find static -type f)
	@echo "Static files: collecting"
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0 --ignore 'redoc*'
	@touch $@

%.mo: %.po | .venv/.base
	@$(BIN)/python manage.py compile_catalogues
