#!/usr/bin/env bash
# fuzz.sh X|all [SECONDS]: runs fuzz target fuzz_X (X as in fuzz/corpus/X) on its corpus; new inputs stay in build/fuzz/found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=${1#fuzz_}
seconds=${2:-600}
mkdir -p build
cmake --preset fuzz >build/fuzz.configure.log
if [ "$name" = all ]; then
  ninja -C build/fuzz fuzzers >build/fuzz.build.log || { tail -40 build/fuzz.build.log >&2; exit 1; }
  targets=$(find build/fuzz/src -maxdepth 1 -type f -executable -name 'fuzz_*' -printf '%f\n' | sort)
else
  ninja -C build/fuzz "fuzz_$name" >build/fuzz.build.log || { tail -40 build/fuzz.build.log >&2; exit 1; }
  targets=fuzz_$name
fi
export ASAN_OPTIONS=detect_container_overflow=0
status=0
for target in $targets; do
  corpus=fuzz/corpus/${target#fuzz_}
  found=build/fuzz/found/$target
  mkdir -p "$found" "$corpus"
  echo "== $target, $seconds s"
  "build/fuzz/src/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found/crash-" "$found" "$corpus" 2>&1 | tail -n 12 || status=1
done
exit $status
