#!/usr/bin/env bash
# Installs the npm mail clients that the end-to-end tests use (test/e2e/node/package.json) into build/node.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v npm >/dev/null 2>&1 || { echo "no npm: the tests with npm clients are skipped" >&2; exit 0; }
mkdir -p build/node
if ! cmp -s test/e2e/node/package-lock.json build/node/package-lock.json || [ ! -d build/node/node_modules ]; then
  cp test/e2e/node/package.json test/e2e/node/package-lock.json build/node/
  (cd build/node && npm ci --no-audit --no-fund --silent)
fi
