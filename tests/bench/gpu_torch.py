#!/usr/bin/env python3
"""One workload of gpu_peers.py in PyTorch, timed in a process of its own; prints JSON.

The network 2 -> 256 x4 -> 3 with sine activations learns a picture of noise by Adam, as fast as
PyTorch can be made to: everything lives on the device, minibatches are drawn there without
replacement, nothing waits for the host within a step, Adam is the fused one. `--variant`:
  eager    as it is written
  compile  the loss and its derivatives by torch.compile
  graph    the whole step, sampling and update included, replayed as one CUDA graph
  compiled graph   both
"""

import argparse
import json
import math
import statistics
import sys
import time

import torch
from torch.nn import functional

HIDDEN, LAYERS, OMEGA = 256, 4, 30.0
LEAST_PIXELS = 65536


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", required=True,
                        choices=["eager", "compile", "graph", "compiled graph"])
    parser.add_argument("--work", choices=["inference", "training", "product"], required=True)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--tf32", action="store_true", help="products on tensor cores")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--device", default="cuda", help="'cpu' only shows that it runs")
    return parser.parse_args()


def initial_weights(device):
    sizes = [2] + [HIDDEN] * LAYERS + [3]
    weights = []
    for i, (n, m) in enumerate(zip(sizes, sizes[1:])):
        bound = 1 / n if i == 0 else math.sqrt(6 / n) / OMEGA
        weights.append(torch.empty(m, n, device=device).uniform_(-bound, bound))
        weights.append(torch.zeros(m, device=device))
    return weights


def field(weights, x):
    for i in range(0, len(weights) - 2, 2):
        x = torch.sin(OMEGA * functional.linear(x, weights[i], weights[i + 1]))
    return functional.linear(x, weights[-2], weights[-1])


def loss_of(weights, x, y):
    return (field(weights, x) - y).square().mean()


def gradient(weights, x, y):
    return torch.autograd.grad(loss_of(weights, x, y), weights)


def gradient_and_product(weights, x, y, probe):
    first = torch.autograd.grad(loss_of(weights, x, y), weights, create_graph=True)
    product = torch.autograd.grad(first, weights, grad_outputs=probe)
    return [g.detach() for g in first], product


def functional_product(weights, x, y, probe):
    """The same forward over reverse, which torch.compile can follow."""
    def loss(w):
        return loss_of(w, x, y)
    return torch.func.jvp(torch.func.grad(loss), (tuple(weights),), (tuple(probe),))


class Minibatches:
    """Without replacement from a picture on the device; the place is counted there too."""

    def __init__(self, batch, device):
        self.pixels = -(-LEAST_PIXELS // batch) * batch
        self.x = torch.rand(self.pixels, 2, device=device) * 2 - 1
        self.y = torch.rand(self.pixels, 3, device=device)
        self.order = torch.randperm(self.pixels, device=device)
        self.places = torch.arange(batch, device=device)
        self.first = torch.zeros((), dtype=torch.long, device=device)
        self.batch = batch

    def draw(self):
        rows = self.order[(self.first + self.places) % self.pixels]
        self.first += self.batch
        return self.x[rows], self.y[rows]


def make_step(arguments):
    device = torch.device(arguments.device)
    compiled = arguments.variant.startswith("compile")
    wrap = torch.compile if compiled else (lambda function: function)
    weights = initial_weights(device)
    batches = Minibatches(arguments.batch, device)
    if arguments.work == "inference":
        forward = wrap(field)

        def infer():
            with torch.no_grad():
                return forward(weights, batches.x[:arguments.batch])
        return infer
    for w in weights:
        w.requires_grad_()
        w.grad = torch.zeros_like(w)
    on_gpu = device.type == "cuda"
    update = torch.optim.Adam(weights, lr=1e-4, **({"fused": True, "capturable": True} if on_gpu
                                                   else {}))
    if arguments.work == "training":
        derivatives = wrap(gradient)

        def train():
            x, y = batches.draw()
            for w, g in zip(weights, derivatives(weights, x, y)):
                w.grad.copy_(g)
            update.step()
        return train

    # A step of ESGD that refreshes its curvature.
    derivatives = wrap(functional_product) if compiled else gradient_and_product
    moments, curvature = ([torch.zeros_like(w) for w in weights] for _ in range(2))

    def precondition():
        x, y = batches.draw()
        probe = [torch.randint_like(w, 2).mul_(2).sub_(1) for w in weights]
        g, hv = derivatives([w.detach() for w in weights] if compiled else weights, x, y, probe)
        with torch.no_grad():
            torch._foreach_mul_(moments, 0.9)
            torch._foreach_add_(moments, list(g), alpha=0.1)
            torch._foreach_mul_(curvature, 0.999)
            torch._foreach_addcmul_(curvature, list(hv), list(hv), 1e-3)
            root = torch._foreach_sqrt(curvature)
            torch._foreach_add_(root, 1e-4)
            torch._foreach_addcdiv_(weights, moments, root, -1e-6)
    return precondition


def captured(step):
    """The step as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def main():
    arguments = parse()
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = arguments.tf32
    wait = torch.cuda.synchronize if arguments.device.startswith("cuda") else (lambda: None)
    step = make_step(arguments)
    for _ in range(3):  # compiles
        step()
    if arguments.variant.endswith("graph"):
        step = captured(step)
    wait()

    def timed(steps):
        begin = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        return (time.perf_counter() - begin) / steps

    timed(10)
    steps = max(1, min(20000, round(0.02 / timed(10))))
    pieces = [timed(steps)]
    while sum(pieces) * steps < arguments.seconds:
        pieces.append(timed(steps))
    json.dump({"torch": torch.__version__, "ms": 1000 * min(pieces),
               "median_ms": 1000 * statistics.median(pieces), "pieces": len(pieces)}, sys.stdout)


if __name__ == "__main__":
    main()
