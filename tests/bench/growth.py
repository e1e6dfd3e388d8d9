#!/usr/bin/python3
"""Growth of collectives by flow simulation, 8 to 131,072 ranks: a CSV of measurements and a plot of it.

    tests/bench/growth.py build/release/scenarios/gpuplan docs/growth

runs `gpuplan collective` once per point and writes docs/growth.csv and docs/growth.svg (needs python3-matplotlib).
Times are of one run each, in one process: they show growth, not speed to the last per cent.
"""
import csv
import json
import subprocess
import sys

CASES = [  # label, arguments
    ("ring all-reduce", ["--op", "all_reduce", "--algorithm", "ring"]),
    ("ring all-reduce, nothing folded", ["--op", "all_reduce", "--algorithm", "ring", "--unfold"]),
    ("double binary tree", ["--op", "all_reduce", "--algorithm", "tree"]),
    ("all-to-all", ["--op", "all_to_all"]),
]
RANKS = [8 * 4**i for i in range(8)]  # 8 ... 131,072
PORTS = 144  # of a switch: 64 make 65,536 endpoints at most


def run(gpuplan, ranks, arguments):
    command = [gpuplan, "collective", "--cluster", "superpod-h100", "--set", f"switch.ports={PORTS}", "--bytes", "1GiB",
               "--ranks", str(ranks), "--fidelity", "flow", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:  # say, a tree inside one node, which NCCL does not have
        print(done.stderr.strip(), file=sys.stderr)
        return None
    return json.loads(done.stdout)


def measure(gpuplan):
    rows = []
    for label, arguments in CASES:
        for ranks in RANKS:
            out = run(gpuplan, ranks, arguments)
            if out is None:
                continue
            rows.append({"case": label, "ranks": ranks, "time_s": out["time_s"], "wall_s": out["wall_s"],
                         "flow_wall_s": out["flow_wall_s"], "peak_memory_bytes": out["peak_memory_bytes"]})
            print(rows[-1], file=sys.stderr)
    return rows


def plot(rows, file):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4))
    for label, _ in CASES:
        mine = [row for row in rows if row["case"] == label]
        ranks = [row["ranks"] for row in mine]
        axes[0].loglog(ranks, [row["wall_s"] for row in mine], marker="o", label=label)
        axes[1].loglog(ranks, [row["peak_memory_bytes"] / 2**20 for row in mine], marker="o", label=label)
    astra = {1024: 12.9, 2048: 74.8, 4096: 286}  # ASTRA-sim analytical, 1-D ring, 1 GiB, user CPU s
    axes[0].loglog(list(astra), list(astra.values()), "k--x", label="ring in ASTRA-sim")
    axes[0].set_ylabel("one command, s")
    axes[1].set_ylabel("memory, MiB")
    for axis in axes:
        axis.set_xlabel("ranks")
        axis.grid(True, which="major", alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main():
    gpuplan, stem = sys.argv[1:3]
    rows = measure(gpuplan)
    with open(stem + ".csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=rows[0])
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, stem + ".svg")


if __name__ == "__main__":
    main()
