# Python 3.11 or newer, make and a package index are all that `make run` needs.
# N=1 runs `make faults` with full counts, SEED=7 by another schedule, ID=F21,F22 only those.
# `make soak` takes two hours; HOURS=24 a day.
# MODE=live or MODE=demo forces one; PORT=9000 listens there; PYTHON=… picks the interpreter.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))) python3)
age = import sys; v = sys.version_info; v >= (3, 11) or sys.exit("marketdash: needs Python 3.11 or newer, found %d.%d" % v[:2])
# Makes .venv, and installs the hash-locked file again only when its content changed.
have = { test -x .venv/bin/pip || { command -v $(PYTHON) >/dev/null || { echo 'marketdash: no Python found; install Python 3.11 or newer' >&2; exit 1; }; $(PYTHON) -c '$(age)' && $(PYTHON) -m venv --clear .venv; }; } && { test "$$(cat .venv/$(1).sum 2>/dev/null)" = "$$(cksum < $(1))" || { echo "Installing $(1) into .venv …" && .venv/bin/pip install -qq --disable-pip-version-check --require-hashes -r $(1) && cksum < $(1) > .venv/$(1).sum; }; }
tools = $(call have,requirements-dev.txt) && export PATH="$(CURDIR)/.venv/bin:$$PATH"
checks = ruff check . && ruff format --check . && python manage.py makemigrations --check && python manage.py check && python -m tests.security
suite = python -m pytest -n logical --dist loadfile

.PHONY: run test acceptance bench faults soak check
run: ; @$(call have,requirements.txt) && exec .venv/bin/python manage.py up $(if $(MODE),--mode $(MODE)) $(if $(PORT),--port $(PORT))
test: ; @$(tools) && python tests/provide.py chromium node && $(checks) && node --test $(wildcard tests/js/*test*.*js) && $(suite) -m 'not faults and not acceptance'
acceptance: ; @$(tools) && python tests/provide.py chromium node && $(suite) -m 'acceptance and not faults'
bench: ; @$(tools) && python -m benchmarks
faults: ; @$(tools) && python tests/provide.py chromium node && python -m pytest -m '(fault or faults) and not soak' tests --scoreboard docs/FAULTS.md $(if $(ID),--fault $(ID)) $(if $(N),--counts $(N)) $(if $(SEED),--seed $(SEED))
soak: ; @$(tools) && python -m pytest -m soak tests/faults --scoreboard docs/FAULTS.md --counts $(or $(HOURS),2) $(if $(SEED),--seed $(SEED))
check: ; @$(tools) && $(checks)
