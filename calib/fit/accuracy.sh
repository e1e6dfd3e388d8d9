#!/bin/sh
# Errors of the shipped profiles on shapes left out of their fits, by accelerator and number format.
set -eu
cd "$(dirname "$0")/../../scenarios/catalog/profiles"
exec python3 - <<'PYTHON'
import glob
import json

print(f"{'profile':24}{'kind':24}{'records':>8}{'median':>9}{'p90':>9}{'bias':>9}")
for name in sorted(glob.glob("*.json")):
    profile = json.load(open(name, encoding="utf-8"))
    for kind, r in profile.get("residuals", {}).items():
        if kind.endswith("cross-validated"):
            print(f"{profile['id']:24}{kind.removesuffix('cross-validated') or 'collective on ranks':24}"
                  f"{r['records']:>8}{100 * r['median']:>7.1f} %{100 * r['p90']:>7.1f} %{100 * r['bias']:>+7.1f} %")
PYTHON
