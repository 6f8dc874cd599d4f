# Two commands matter: `make demo` and `make test`. Both set up .venv first; nothing outside the checkout is touched.
PYTHON ?= python3
TOGETHER := -n 2 --dist loadfile
ARGS ?= $(TOGETHER) -m "not slow"
BIN := .venv/bin
SHELL := /bin/sh

.PHONY: demo test slow setup lint lock clean elasticsearch

demo: .venv/run.stamp
	@$(BIN)/zhaoshang demo

# the tests start many programs: without compiled modules each start costs a third more
test slow: export PYTHONDONTWRITEBYTECODE =

test: .venv/dev.stamp
	@$(BIN)/python -m pytest $(ARGS)

slow: .venv/dev.stamp
	@$(BIN)/python -m pytest $(TOGETHER) -m slow

setup: .venv/dev.stamp

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

elasticsearch: .venv/dev.stamp
	@$(BIN)/python -m tests.elasticsearch.node $(or $(VERSION),9.5.3) --port $(or $(PORT),9200)

lock:
	sh requirements/lock.sh

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新的版本：make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "建立虚拟环境 .venv …"
	@$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements/run.lock pyproject.toml
	@echo "安装依赖（requirements/run.lock，校验哈希）…"
	@$(BIN)/python requirements/install.py requirements/run.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps -q -e .
	@touch $@

.venv/dev.stamp: .venv/bin/python requirements/dev.lock pyproject.toml
	@echo "安装测试依赖（requirements/dev.lock，校验哈希）…"
	@$(BIN)/python requirements/install.py requirements/dev.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps -q -e .
	@touch .venv/run.stamp $@
