#!/bin/sh
# Writes run.lock (what the program needs), render.lock and cluster.lock (that and the extra of the name) and dev.lock (that and what the tests need). Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile() { uv pip compile pyproject.toml --extra postgres --extra mcp --python-version 3.11 --universal --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -c requirements/constraints.txt "$@"; }
compile -o requirements/run.lock
compile --extra render -c requirements/run.lock -o requirements/render.lock
compile --extra cluster -c requirements/run.lock -o requirements/cluster.lock
compile --group dev -c requirements/run.lock -o requirements/dev.lock
