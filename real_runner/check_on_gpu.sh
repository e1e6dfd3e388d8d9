#!/usr/bin/env bash
# The first thing to do with a machine that has a GPU: build, test, measure twice, compare.
# Usage: check_on_gpu.sh [build|tests|quick|first|second|compare|all]   (all: in this order, without quick)
# Results stay in build/on_gpu for the next step, and are copied to $OUT where that is set; "all" goes on after a step that
# failed and ends with its exit code. A machine that cannot build all of this repository takes programs from another one:
# RUNNER=gpuplan-runner GPU_TESTS=runner_gpu_test, with libraries that it lacks (libfmt.so.9) beside them; cuBLASLt and
# NCCL are then also found among PyTorch's packages.
set -Eeuo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
out=$root/build/on_gpu
build=$root/build/cuda
runner=${RUNNER:-$build/real_runner/gpuplan-runner}
gpu_tests=${GPU_TESTS:-$build/tests/real_runner/runner_gpu_test}
usage() { sed -n 2,7p "${BASH_SOURCE[0]}"; }
if [ -n "${RUNNER:-}" ]; then
  packages=$(python3 -c 'import os, nvidia; print(os.path.abspath(list(nvidia.__path__)[0]))' 2>/dev/null || true)
  LD_LIBRARY_PATH=$(dirname "$(readlink -f "$runner")")$(printf ':%s' ${packages:+"$packages"/*/lib})${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LD_LIBRARY_PATH
fi
mkdir -p "$out" "${OUT:-$out}"
keep() {
  local code=$?
  find "$out" -maxdepth 1 -type f -exec cp {} "$OUT" ';'
  exit "$code"
}
[ -z "${OUT:-}" ] || trap keep EXIT
cd "$root"

build() {
  [ -z "${RUNNER:-}" ] || return 0
  # Only this machine's architecture: it compiles in a third of the time.
  local arch
  arch=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
  cmake --preset cuda -DCMAKE_CUDA_ARCHITECTURES="$arch" >/dev/null
  cmake --build --preset cuda --target gpuplan-runner runner_gpu_test
}
tests() { "$gpu_tests" 2>&1 | tee "$out/gpu_tests.log"; }
measure() {
  local code=0
  "$runner" --time 9m --out "$out/$1.jsonl" "${@:2}" >"$out/$1.log" 2>&1 || code=$?
  tail -n 5 "$out/$1.log"
  return "$code"
}
compare() {
  python3 real_runner/compare_runs.py "$out/first.jsonl" "$out/second.jsonl" | tee "$out/repeat.txt"
  if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    python3 real_runner/compare_torch.py "$out/first.jsonl" | tee "$out/torch.txt"
  else
    echo "PyTorch is not installed here: products are not compared with it"
  fi
}

case "${1:-all}" in
  build) build ;;
  tests) tests ;;
  quick) measure quick --quick ;;
  first) measure first ;;
  second) measure second ;;
  compare) compare ;;
  all)
    build
    failed=0
    for step in tests "measure first" "measure second" compare; do
      $step || failed=$?
    done
    exit "$failed"
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
