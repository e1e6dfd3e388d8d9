#!/usr/bin/env bash
# The first thing to do with a machine that has a GPU: build, test, measure twice, compare.
# Usage: check_on_gpu.sh [build|tests|quick|first|second|compare|all]   (all: in this order, without quick)
# Results go to $OUT, or build/on_gpu. A machine that cannot build all of this repository takes programs from another one:
# RUNNER=gpuplan-runner GPU_TESTS=runner_gpu_test, with libraries that it lacks (libfmt.so.9) beside them; cuBLASLt and
# NCCL are then also found among PyTorch's packages.
set -Eeuo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
out=${OUT:-$root/build/on_gpu}
build=$root/build/cuda
runner=${RUNNER:-$build/real_runner/gpuplan-runner}
gpu_tests=${GPU_TESTS:-$build/tests/real_runner/runner_gpu_test}
if [ -n "${RUNNER:-}" ]; then
  packages=$(python3 -c 'import os, nvidia; print(os.path.abspath(list(nvidia.__path__)[0]))' 2>/dev/null || true)
  LD_LIBRARY_PATH=$(dirname "$(readlink -f "$runner")")$(printf ':%s' ${packages:+"$packages"/*/lib})${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LD_LIBRARY_PATH
fi
mkdir -p "$out"
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
measure() { "$runner" --time 9m --out "$out/$1.jsonl" "${@:2}" >"$out/$1.log" 2>"$out/$1.err" || {
  local code=$?
  tail -n 5 "$out/$1.err" >&2
  return "$code"
}; tail -n 3 "$out/$1.log"; }
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
    tests
    measure first
    measure second
    compare
    ;;
  *)
    sed -n 2,6p "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
