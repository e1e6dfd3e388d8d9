"""Whether a repeated measurement agrees within its stated noise: compare_runs.py FIRST.jsonl SECOND.jsonl

For every figure in both files, z is the difference over the joint standard error; by part, the share with |z| <= 2
(about 95 % where the noise is stated honestly), the median and the largest relative difference.
"""
import collections
import json
import math
import statistics
import sys

MEASURED = {"run", "time_s", "low_s", "high_s", "noise", "samples", "clock_hz", "temperature_c", "power_w", "flags",
            "alone_s", "together_s", "collective_alone_s", "collective_together_s", "errors"}


def figures(path):
    """What was measured -> (time, noise)."""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if "time_s" in record:
                key = json.dumps({k: v for k, v in record.items() if k not in MEASURED}, sort_keys=True)
                found[key] = (record["type"], record["time_s"], record.get("noise") or 0.0)
    return found


def main(first_file, second_file):
    first, second = figures(first_file), figures(second_file)
    parts = collections.defaultdict(list)
    for key in first.keys() & second.keys():
        part, a, noise_a = first[key]
        _, b, noise_b = second[key]
        error = math.hypot(a * noise_a, b * noise_b)
        parts[part].append((abs(b / a - 1), abs(b - a) / error if error > 0 else 0.0, key))
    if not parts:
        sys.exit("the two files have no figure in common; measure the same parts twice")
    print(f"{'part':<14}{'figures':>8}{'|z| <= 2':>10}{'median difference':>19}{'largest':>10}")
    for part, rows in sorted(parts.items()):
        inside = sum(z <= 2 for _, z, _ in rows) / len(rows)
        print(f"{part:<14}{len(rows):>8}{inside:>10.1%}{statistics.median(d for d, _, _ in rows):>19.2%}"
              f"{max(d for d, _, _ in rows):>10.1%}")
    print("worst:")
    for difference, z, key in sorted((r for rows in parts.values() for r in rows), reverse=True)[:10]:
        print(f"  {difference:7.1%} z {z:6.1f}  {key}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
