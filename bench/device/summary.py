# A table of what run.sh measured: gpugrad beside PyTorch, and how far the chosen tiles are from the best. All rows go into one file.
import json
import sys
from pathlib import Path

files = {file.stem: json.loads(file.read_text()) for file in sorted(Path(sys.argv[1]).glob("*.json"))}
Path(sys.argv[2]).write_text(json.dumps(files))


FIGURES = ["gflops", "gigabytesPerSecond", "stepsPerSecond"]


def figure(row):
    return next((row[name] for name in FIGURES if row.get(name) is not None), None)


torch = {}
for row in files.get("torch", []):
    torch.setdefault(row["case"], []).append((row["system"], figure(row)))
for row in [row for name in ["products", "bandwidth", "steps", "wide", "kernels", "conv"] for row in files.get(name, [])]:
    own = figure(row)
    if own is None:
        continue
    others = "; ".join(f"{system} {value:,.0f} (ours {own / value:.2f}×)" for system, value in torch.get(row["case"], []) if value)
    print(f"{row['case']:<20} {own:>10,.0f}  {others}")
for each in files.get("tune", {}).get("tuned", []):
    chosen, best = each["chosen"], each["best"]
    share = 100 * chosen["gflops"] / best["gflops"]
    others = "; ".join(f"{system} {value:,.0f}" for system, value in torch.get(each["case"], []) if value)
    ways = f"{best['tile']} / {best['parts']}, chosen {chosen['tile']} / {chosen['parts']}"
    print(f"{each['case']:<24} {share:4.0f} %  best {best['gflops']:,.0f} {ways}  {others}")
