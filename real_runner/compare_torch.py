"""Our products beside PyTorch's on the same shapes: compare_torch.py RECORDS.jsonl

PyTorch is timed as the runner times: calls back to back on operands that rotate through more than the L2 cache, random
data, median of samples between device events. Prints our rate over PyTorch's per precision and layout; the aim is 95 %.
"""
import collections
import json
import statistics
import sys

import torch

TYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
SAMPLE_S, SAMPLES, LARGEST_BYTES = 2e-3, 11, 8 << 30


def operands(layout, m, n, k, dtype):
    def new(rows, columns):
        return torch.randn(rows, columns, device="cuda", dtype=dtype)
    if layout == "forward":
        return new(m, k), new(n, k).t()
    if layout == "dgrad":
        return new(m, k), new(k, n)
    return new(k, m).t(), new(k, n)


def torch_time(layout, m, n, k, precision):
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    dtype = TYPES[precision]
    size = (m * k + k * n + m * n) * torch.finfo(dtype).bits // 8
    cache = torch.cuda.get_device_properties(0).L2_cache_size
    sets = [operands(layout, m, n, k, dtype) + (torch.empty(m, n, device="cuda", dtype=dtype),)
            for _ in range(min(256, max(2, 2 * cache // size + 1)))]

    def run(count):
        start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for i in range(count):
            a, b, c = sets[i % len(sets)]
            torch.matmul(a, b, out=c)
        stop.record()
        stop.synchronize()
        return start.elapsed_time(stop) * 1e-3 / count
    run(3)
    count = max(1, int(SAMPLE_S / run(3)))
    return statistics.median(run(count) for _ in range(SAMPLES))


def main(path):
    ratios = collections.defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            r = json.loads(line)
            # Below m = 256 the host's launches, not the device, set the pace of eager PyTorch.
            if (r["type"] != "gemm" or r["precision"] not in TYPES or r.get("batch") not in (None, 1) or r["m"] < 256
                    or 4 * (r["m"] * r["k"] + r["k"] * r["n"] + r["m"] * r["n"]) > LARGEST_BYTES):
                continue
            theirs = torch_time(r["layout"], r["m"], r["n"], r["k"], r["precision"])
            ratios[r["precision"], r["layout"]].append((theirs / r["time_s"], r["m"], r["n"], r["k"]))
            torch.cuda.empty_cache()
    print(f"{'precision':<10}{'layout':<9}{'shapes':>7}{'median':>9}{'least':>8}   our rate over PyTorch's")
    for (precision, layout), rows in sorted(ratios.items()):
        least = min(rows)
        print(f"{precision:<10}{layout:<9}{len(rows):>7}{statistics.median(r[0] for r in rows):>9.3f}{least[0]:>8.3f}"
              f"   at {least[1]} x {least[2]} x {least[3]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
