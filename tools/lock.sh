#!/bin/sh
# Write the hashed locks anew from pyproject.toml (needs uv; no registry address goes into the files).
set -eu
cd "$(dirname "$0")/.."
common="--extra markets --extra energy --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet"
uv pip compile pyproject.toml --group build $common -o requirements.lock
uv pip compile pyproject.toml --group build --group dev $common -o requirements-dev.lock
uv pip compile pyproject.toml --group build --group dev --group bench $common -o requirements-bench.lock
