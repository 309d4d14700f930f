# Works on a fresh machine with Python 3.11+ and make; as root or not.
PORT ?= 8000
TESTERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
ASSETS := src/linbao/shell/assets
# What the build reads: scripts, styles, and every file that may name a class or an icon.
SOURCES := $(shell find src/linbao -type f \( -name '*.html' -o -name '*.py' -o -name '*.js' -o -name '*.mjs' -o -name '*.css' \) -not -path '*/node_modules/*' -not -path '*/static/dist*' -not -path '*/assets/tests/*' -not -path '*/migrations/*')
PACKAGES := $(ASSETS)/node_modules/.package-lock.json

.PHONY: setup run test test-host guards lint types notices er states regulation figures messages fmt bench harden audit-dependencies lock clean
.DELETE_ON_ERROR:

setup: $(VENV)/installed src/linbao/shell/static/dist/manifest.json $(VENV)/messages $(VENV)/fonts src/linbao/shell/notices.txt ## install everything, run nothing

$(VENV)/installed: pyproject.toml requirements.lock deploy/bootstrap.py
	python3 deploy/bootstrap.py
	touch $@

$(PACKAGES): $(VENV)/installed $(ASSETS)/package-lock.json
	$(BIN)/python deploy/assets.py install
	touch $@

src/linbao/shell/static/dist/manifest.json: $(PACKAGES) $(SOURCES)
	$(BIN)/python deploy/assets.py build
	touch $@

$(VENV)/messages: $(VENV)/installed deploy/messages.py $(wildcard src/linbao/locale/*/LC_MESSAGES/*.po src/linbao/*/locale/*/LC_MESSAGES/*.po)
	$(BIN)/python deploy/messages.py
	touch $@

$(VENV)/fonts: $(PACKAGES) deploy/fonts.py
	python3 deploy/fonts.py
	touch $@

src/linbao/shell/notices.txt: $(VENV)/installed src/linbao/shell/static/dist/manifest.json $(VENV)/fonts deploy/notices.py deploy/licences.py $(wildcard deploy/licences/*)
	$(BIN)/python deploy/notices.py

notices: src/linbao/shell/notices.txt ## whose work is carried, under which licences: served at /licences

run: setup ## the demo community on http://127.0.0.1:$(PORT)
	$(BIN)/linbao serve --demo --port $(PORT)

# As root also the tests that run tools of the machine; else `make test` leaves these (mark `host`) out and installs nothing outside the checkout.
ifeq ($(shell id -u),0)
HOSTED := guards
else
HOSTED :=
UNHOSTED := -m "not host"
endif
PYTEST = PATH="$$(python3 deploy/testing.py --bin):$$PATH" LINBAO_TEST_CHROMIUM="$$(python3 deploy/testing.py --path)" $(BIN)/pytest

test: setup $(HOSTED) ## everything that the tests need, then lint and all tests
	python3 deploy/testing.py
	$(MAKE) -s lint
	$(BIN)/python deploy/assets.py test
	$(PYTEST) tests -n $(TESTERS) $(UNHOSTED)

test-host: setup guards ## the tests that run nginx, nftables, fail2ban, Suricata, rsyslog, ClamAV (as root on Debian)
	$(PYTEST) tests/intrusion -m host

guards:
	python3 deploy/guards.py

lint: setup ## style, directions of imports, licences, scripts and styles, types
	$(BIN)/ruff check -q src tests deploy
	$(BIN)/ruff format -q --check src tests deploy
	$(BIN)/lint-imports
	$(BIN)/python deploy/licences.py
	$(BIN)/python deploy/templates.py --check
	$(BIN)/python deploy/assets.py lint
	$(MAKE) -s types

types: setup
	$(BIN)/mypy src/linbao tests

regulation: setup ## renew docs/regulation.md from the tests
	$(BIN)/pytest tests --collect-only --regulation -q > /dev/null

schema: setup ## renew src/linbao/platform/schema.sql, the tables of a new database, from the migrations
	$(BIN)/python deploy/schema.py

er: setup ## renew docs/er.md, the picture of the tables, from the models
	$(BIN)/python deploy/er.py

states: setup ## renew docs/states.md, the lives of things, from their tables
	$(BIN)/python deploy/states.py

figures: setup ## renew docs/figures.md from the code that computes the figures
	$(BIN)/python deploy/figures.py

messages: setup ## gather the words on screen into locale/en (needs GNU gettext); tells which lack English
	$(BIN)/python deploy/messages.py --extract

fmt: setup
	$(BIN)/ruff check --fix src tests deploy
	$(BIN)/ruff format src tests deploy
	$(BIN)/python deploy/templates.py
	$(BIN)/python deploy/assets.py format

bench: setup
	$(BIN)/linbao bench

harden: ## the guards around Linbao on this Debian: nginx, nftables, fail2ban, Suricata (ARGS="--name linbao.example.cn --dry-run")
	deploy/harden.sh $(ARGS)

audit-dependencies: setup ## the locked libraries against the advisories known to the package index
	$(BIN)/python deploy/advisories.py

lock: ## renew requirements.lock from pyproject.toml
	$(BIN)/uv lock -q
	$(BIN)/uv export -q --frozen --no-emit-project --all-groups --format requirements-txt -o requirements.lock
	sed -i '/^#/d' requirements.lock

clean:
	rm -rf $(VENV) $(ASSETS)/node_modules src/linbao/shell/static/dist
