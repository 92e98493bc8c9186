# A table of what run.sh measured: gpugrad beside PyTorch, and how far the chosen tiles are from the best.
import json
import sys
from pathlib import Path

out = Path(sys.argv[1])


def read(name):
    try:
        return json.loads((out / f"{name}.json").read_text())
    except (OSError, ValueError):
        return []


FIGURES = ["gflops", "gigabytesPerSecond", "stepsPerSecond"]


def figure(row):
    return next((row[name] for name in FIGURES if row.get(name) is not None), None)


torch = {}
for row in read("torch"):
    torch.setdefault(row["case"], []).append((row["system"], figure(row)))
for row in read("large") + read("steps"):
    own = figure(row)
    if own is None:
        continue
    others = "; ".join(f"{system} {value:,.0f} (ours {own / value:.2f}×)" for system, value in torch.get(row["case"], []) if value)
    print(f"{row['case']:<20} {own:>10,.0f}  {others}")
tuned = read("tune")
for each in tuned.get("tuned", []) if tuned else []:
    chosen, best = each["chosen"], each["best"]
    print(f"{each['case']:<24} {100 * chosen['gflops'] / best['gflops']:4.0f} %  best {best['gflops']:,.0f} {best['tile']} / {best['parts']}, chosen {chosen['tile']} / {chosen['parts']}")
