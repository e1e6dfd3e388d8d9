#!/bin/sh
# Makes the catalog's profiles out of the open tables: calib/fit/fit_profiles.sh GPUPLAN [FOLDER]
set -eu
gpuplan=$1
folder=${2:-scenarios/catalog/profiles}
tables=../shared/truth

kernels() {  # accelerator, its name in file names
  "$gpuplan" calibrate "$tables/silicon/gemm_$2.csv" "$tables/silicon/attention_forward_$2.csv" \
    --accelerator "$1" --parent none --date 2026-11 --out "$folder/$1.json"
}
collectives() {  # accelerator, further options
  name=$1
  shift
  "$gpuplan" calibrate "$tables/silicon/nccl_intranode.csv" "$tables/collectives_open.csv" \
    --accelerator "$name" --parent none --inside-only --date 2026-11 --out "$folder/collectives-$name.json" "$@"
}

kernels a100-80 a100-sxm4-80gb
kernels h100-sxm h100-sxm5-80gb
kernels h200-sxm h200-sxm-141gb
kernels b200-sxm b200-sxm
kernels gb200 gb200
kernels l40s l40s-pcie
collectives a100-80 --also a100-40
collectives h100-sxm
collectives h200-sxm
collectives b200-sxm
collectives gb200 --also gb300
collectives l40s
collectives mi300x
