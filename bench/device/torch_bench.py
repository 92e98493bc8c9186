# What bench/device/run.sh measures, in PyTorch on the same card: products in float32 (TF32 off), an Adam update, a copy, training steps.
# Writes rows {"case", "system", "milliseconds", "gflops" | "gigabytesPerSecond" | "stepsPerSecond"} to the file given.
import json
import statistics
import sys
import time

import torch
from torch import nn

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
torch.manual_seed(1)
CUDA = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SIZES = [512, 1024, 2048, 4096, 8192] if CUDA.type == "cuda" else [256]
MILLION = 2**20 if CUDA.type == "cuda" else 2**10
rows = []


def sync():
    if CUDA.type == "cuda":
        torch.cuda.synchronize()


def seconds_of(work, wanted=0.15, turns=7):
    """Median seconds of one call, in turns of about `wanted` seconds."""
    work()
    sync()
    times = 1
    while True:
        start = time.perf_counter()
        for _ in range(times):
            work()
        sync()
        spent = time.perf_counter() - start
        if spent > wanted / 2:
            break
        times = max(times + 1, int(times * min(8, 0.9 * wanted / spent)))
    samples = []
    for _ in range(turns):
        start = time.perf_counter()
        for _ in range(times):
            work()
        sync()
        samples.append((time.perf_counter() - start) / times)
    return statistics.median(samples)


def note(case, system, seconds, **figures):
    rows.append({"case": case, "system": system, "milliseconds": 1000 * seconds, **figures})
    print(rows[-1], flush=True)
    with open(sys.argv[1], "w") as file:
        json.dump(rows, file)


def guarded(name, work):
    try:
        work()
    except Exception as error:  # one failure must not cost the rest
        print(f"{name}: {error!r}", flush=True)


def products():
    for size in SIZES:
        a, b = (torch.rand(size, size, device=CUDA) * 2 - 1 for _ in range(2))
        y = torch.empty(size, size, device=CUDA)
        for layout in ["nn", "nt", "tn", "tt"]:
            left = a.t() if layout[0] == "t" else a
            right = b.t() if layout[1] == "t" else b
            seconds = seconds_of(lambda: torch.matmul(left, right, out=y))
            case = f"matmul-{size}" + ("" if layout == "nn" else f"-{layout}")
            note(case, "torch", seconds, gflops=2 * size**3 / seconds / 1e9)
    for m, k, n in [(64, 784, 128), (256, 784, 4096), (256, 4096, 4096), (127, 381, 513), (1000, 1000, 10), (1, 4096, 4096)]:
        a, b = torch.rand(m, k, device=CUDA), torch.rand(k, n, device=CUDA)
        y = torch.empty(m, n, device=CUDA)
        seconds = seconds_of(lambda: torch.matmul(a, b, out=y))
        note(f"matmul-{m}x{k}x{n}", "torch", seconds, gflops=2 * m * k * n / seconds / 1e9)


def adam():
    count = 16 * MILLION
    for name, options in {"fused": {"fused": True}, "foreach": {"foreach": True}}.items():
        p = torch.full((count,), 0.5, device=CUDA, requires_grad=True)
        p.grad = torch.full((count,), 0.5, device=CUDA)
        optimizer = torch.optim.Adam([p], lr=1e-3, **options)
        seconds = seconds_of(optimizer.step)
        note("adam-16M", f"torch {name}", seconds, gigabytesPerSecond=7 * 4 * count / seconds / 1e9)


def copy():
    x = torch.rand(64 * MILLION, device=CUDA)
    y = torch.empty_like(x)
    seconds = seconds_of(lambda: y.copy_(x))
    note("copy-64M", "torch", seconds, gigabytesPerSecond=8 * x.numel() / seconds / 1e9)


NETS = {
    "mlp-adam": (64, lambda: nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))),
    "cnn-adam": (
        64,
        lambda: nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10),
        ),
    ),
    "mlp-wide": (
        256,
        lambda: nn.Sequential(nn.Linear(784, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 10)),
    ),
}


def steps(case, batch, make):
    """A fresh batch every step, from bytes that lie on the device; eager, and as a CUDA graph."""
    features = torch.randint(0, 256, (4096, 784), dtype=torch.uint8, device=CUDA)
    labels = torch.randint(0, 10, (4096,), device=CUDA)
    table = torch.randperm(4096, device=CUDA).view(-1, batch)
    at = torch.zeros(1, dtype=torch.long, device=CUDA)
    model = make().to(CUDA)
    is_graph = CUDA.type == "cuda"
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True, **({"capturable": True} if is_graph else {}))
    loss_of = nn.CrossEntropyLoss()

    def step():
        index = table.index_select(0, at).view(-1)
        x = features.index_select(0, index).float().mul_(1 / 255)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), labels.index_select(0, index))
        loss.backward()
        optimizer.step()
        at.add_(1).remainder_(table.shape[0])

    seconds = seconds_of(step, 0.5, 5)
    note(case, "torch eager", seconds, stepsPerSecond=1 / seconds)
    if not is_graph:
        return
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    seconds = seconds_of(graph.replay, 0.5, 5)
    note(case, "torch cuda graph", seconds, stepsPerSecond=1 / seconds)


if CUDA.type == "cuda":
    print(torch.__version__, torch.cuda.get_device_name(), flush=True)
for name, work in {"products": products, "adam": adam, "copy": copy}.items():
    guarded(name, work)
for name, (batch, make) in NETS.items():
    guarded(name, lambda: steps(name, batch, make))
