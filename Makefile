# GNU make.  `make help` lists what there is; everything lands in .venv and build/, nothing elsewhere.
#
# Variables on the command line reach the program too: make demo LANG=zh_CN.UTF-8

PYTHON ?=
TESTS  ?= tests
PY      = .venv/bin/python
PIP     = $(PY) -m pip --disable-pip-version-check --quiet
# Unit tests of the rules run under coverage, and only once in `make test`.
RULES   = tests/unit/evidence tests/unit/custody tests/unit/ingest
ALL     = $(filter tests,$(TESTS))
LINTED  = api appliance bench custody drivers evidence ingest tests vault

# Where `make install` puts things (GNU names).
DESTDIR     =
prefix      = /usr/local
bindir      = $(prefix)/bin
libdir      = $(prefix)/lib
libexecdir  = $(prefix)/libexec
docdir      = $(prefix)/share/doc/dockseal
sysconfdir  = /etc
localstatedir = /var
unitdir     = $(libdir)/systemd/system
rulesdir    = $(libdir)/udev/rules.d
sysusersdir = $(libdir)/sysusers.d
tmpfilesdir = $(libdir)/tmpfiles.d
programdir  = $(libdir)/dockseal
INSTALL     = install

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help demo test check lint unit coverage bench fuzz lock install install-program clean

help:
	@echo 'make demo      set up and run the main job on simulated recorders'
	@echo 'make demo OPEN=1   and leave a bureau with a year behind it open on http://localhost'
	@echo 'make test      set up and run every test that this machine can run'
	@echo 'make check     format, lint, types, layers and unit tests: under a minute'
	@echo 'make coverage  unit tests of the rules: every branch is walked through'
	@echo 'make bench     measure against the limits of this machine'
	@echo 'make fuzz      millions of cases, for hours'
	@echo 'make lock      write requirements/*.lock anew'
	@echo 'make install   put units, rules and configuration below DESTDIR$(prefix) and $(sysconfdir)'
	@echo 'make install-program   put the program and its locked libraries into $(programdir)'
	@echo 'make clean     remove all that make has made here'

demo: .venv/.run
	@$(PY) -m tests.demo $(if $(OPEN),--open)

test: lint $(if $(ALL),coverage)
	@$(PY) -m tests.needs
	$(PY) -m pytest -n 2 --dist loadfile --timeout 300 -m 'not fuzz' \
	    $(if $(ALL),$(RULES:%=--ignore=%)) $(TESTS)

check: lint unit

lint: .venv/.dev
	$(PY) -m ruff format --check --quiet $(wildcard $(LINTED))
	$(PY) -m ruff check --quiet $(wildcard $(LINTED))
	$(PY) -m mypy --no-error-summary
	.venv/bin/lint-imports --no-logo > build/lint-imports.txt || { cat build/lint-imports.txt; exit 1; }

unit: .venv/.dev
	$(PY) -m pytest -q -n 2 --dist worksteal --timeout 60 -m 'not fuzz' tests/test_architecture.py tests/unit

coverage: .venv/.dev
	$(PY) -m tests.covered $(RULES)

bench: .venv/.dev
	$(PY) -m bench

fuzz: .venv/.dev
	$(PY) -m pytest -n 2 -m fuzz $(TESTS)

# --- setting up: each stamp is newer than what it was made from -------------------------------

# A virtual environment that was left half made is made again.
.venv/.made:
	@mkdir -p build; \
	new_enough='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if [ -x $(PY) ] && $(PY) -c "import pip; $$new_enough" > build/python.txt 2>&1; then touch $@; exit 0; fi; \
	python=; venv=; \
	for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	    if $$candidate -c "$$new_enough" > build/python.txt 2>&1; then \
	        python=$$candidate; \
	        if $$candidate -c 'import ensurepip, venv' > build/python.txt 2>&1; then venv=yes; break; fi; \
	    fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo >&2 'Dockseal needs Python 3.11 or newer, and none was found.'; \
	    echo >&2 'Install it (Debian, Ubuntu: apt-get install python3.11 python3.11-venv) and run make again,'; \
	    echo >&2 'or name it: make PYTHON=/path/to/python3.11 demo'; exit 1; fi; \
	if [ -z "$$venv" ]; then \
	    echo >&2 "$$python has no venv module."; \
	    echo >&2 'Install it (Debian, Ubuntu: apt-get install python3-venv, or python3.11-venv) and run make again.'; \
	    exit 1; fi; \
	echo "Setting up .venv with $$($$python --version): once, about a minute."; \
	rm -rf .venv; $$python -m venv .venv; touch $@

.venv/.run: requirements/run.lock pyproject.toml | .venv/.made
	@$(PIP) install --require-hashes --requirement requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.lock | .venv/.run
	@mkdir -p build
	@$(PIP) install --require-hashes --requirement requirements/dev.lock
	@touch $@

# A lock file names versions and hashes, and no host: it holds with every index.
COMPILE = build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
          --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: .venv/.made
	$(PY) -m venv --clear build/lock
	build/lock/bin/python -m pip --disable-pip-version-check --quiet install 'pip-tools>=7.4'
	$(COMPILE) -o requirements/run.lock pyproject.toml requirements/build.in
	$(COMPILE) -o requirements/dev.lock pyproject.toml requirements/build.in requirements/dev.in

# --- installing: nothing here starts, enables or formats anything ------------------------------

# In the files that are installed, @…@ stand for the directories above.
FILL = sed -e 's|@bindir@|$(bindir)|g' -e 's|@libexecdir@|$(libexecdir)|g' \
       -e 's|@docdir@|$(docdir)|g' -e 's|@programdir@|$(programdir)|g'
UNITS = $(wildcard systemd/*.service systemd/*.timer)
DROPINS = $(wildcard systemd/*.d/*.conf)
# The installed configuration says where the home is, so that services and people mean the same one.
HOME_LINE = sed -e 's|^path = ""$$|path = "$(localstatedir)/lib/dockseal"|'

install:
	$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(libexecdir) $(rulesdir) \
	    $(sort $(dir $(DROPINS:systemd/%=$(unitdir)/%))) $(sysusersdir) $(tmpfilesdir) $(docdir)/adr $(sysconfdir)/dockseal)
	for unit in $(UNITS); do $(FILL) $$unit > $(DESTDIR)$(unitdir)/$${unit##*/}; done
	for file in $(DROPINS); do $(INSTALL) -m 644 $$file $(DESTDIR)$(unitdir)/$${file#systemd/}; done
	$(INSTALL) -m 644 systemd/60-dockseal.rules $(DESTDIR)$(rulesdir)/60-dockseal.rules
	$(INSTALL) -m 644 systemd/sysusers.conf $(DESTDIR)$(sysusersdir)/dockseal.conf
	$(INSTALL) -m 644 systemd/tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/dockseal.conf
	$(FILL) systemd/dockseal.sh > $(DESTDIR)$(bindir)/dockseal
	$(FILL) systemd/dockseal-ledger.sh > $(DESTDIR)$(libexecdir)/dockseal-ledger
	chmod 755 $(DESTDIR)$(bindir)/dockseal $(DESTDIR)$(libexecdir)/dockseal-ledger
	for file in config/*.toml config/alerts.yml; do \
	    target=$(DESTDIR)$(sysconfdir)/dockseal/$${file##*/}; \
	    if [ -e $$target ]; then echo "$$target is there already and stays as it is"; \
	    else $(HOME_LINE) $$file > $$target; fi; done
	$(INSTALL) -m 644 LICENSE CHANGELOG.md $(wildcard docs/*.md) $(DESTDIR)$(docdir)
	$(INSTALL) -m 644 docs/adr/*.md $(DESTDIR)$(docdir)/adr
	$(INSTALL) -m 644 systemd/README.md $(DESTDIR)$(docdir)/README.md

install-program: .venv/.run
	$(PY) -m venv --clear $(DESTDIR)$(programdir)
	$(DESTDIR)$(programdir)/bin/python -m pip --disable-pip-version-check --quiet install \
	    --require-hashes --requirement requirements/run.lock
	$(DESTDIR)$(programdir)/bin/python -m pip --disable-pip-version-check --quiet install \
	    --no-deps --no-build-isolation .

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
