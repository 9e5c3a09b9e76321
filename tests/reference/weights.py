#!/usr/bin/env python3
"""Weights written by PyTorch, with the picture that they show: a small network a file, its tensors
named as in its modules, in the safetensors format, and beside it the network's outputs. Run with
the distribution's python3-torch; the output is committed under tests/fixtures/weights."""

import argparse
import json
import math
import pathlib
import struct

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent


class Layer(nn.Module):
    """A hidden layer: one linear map `a`, or two: `a` the frequency map u, `b` the window map w."""

    def __init__(self, activation, inputs, width):
        super().__init__()
        self.activation = activation
        self.a = nn.Linear(inputs, width)
        if activation == "wavelet":
            self.b = nn.Linear(inputs, width)

    def forward(self, x):
        u = self.a(x)
        if self.activation == "sine":
            return torch.sin(30 * u)
        if self.activation == "wavelet":
            return torch.cos(10 * u) * torch.exp(-(10 * self.b(x)) ** 2)
        return torch.relu(u)


class Network(nn.Module):
    def __init__(self, activation, hidden, levels=8):
        super().__init__()
        self.levels = levels if activation == "relu_pe" else 0
        widths = [2 * (1 + 2 * self.levels), *hidden]
        self.body = nn.ModuleList(Layer(activation, n, m) for n, m in zip(widths, hidden))
        self.out = nn.Linear(hidden[-1], 3)
        if activation == "sine":  # SIREN's weights: with PyTorch's, roundings grow 30-fold a layer
            maps = [*(layer.a for layer in self.body), self.out]
            for i, linear in enumerate(maps):
                n = linear.in_features
                bound = 1 / n if i == 0 else math.sqrt(6 / n) / 30
                nn.init.uniform_(linear.weight, -bound, bound)

    def encode(self, x):
        """(x, then for each coordinate sin 2^k pi x and cos 2^k pi x for k < levels)."""
        if self.levels == 0:
            return x
        parts = [x]
        for i in range(2):
            phase = x[:, i:i + 1] * 2.0 ** torch.arange(self.levels) * math.pi
            parts += [torch.sin(phase), torch.cos(phase)]
        return torch.cat(parts, 1)

    def forward(self, x):
        x = self.encode(x)
        for layer in self.body:
            x = layer(x)
        return self.out(x)


def write_safetensors(path, tensors):
    """https://github.com/huggingface/safetensors: header length, JSON header, raw numbers."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = struct.pack(f"<{tensor.numel()}f", *tensor.reshape(-1).tolist())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    size, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + at for at in entry["data_offsets"])
        numbers = struct.unpack(f"<{(end - begin) // 4}f", raw[begin:end])
        tensors[name] = torch.tensor(numbers).reshape(entry["shape"])
    return tensors


def pixel_coordinates(width, height):
    """Row, then column, each from -1 to 1 with its end points."""
    rows, columns = torch.linspace(-1, 1, height), torch.linspace(-1, 1, width)
    return torch.stack(torch.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "fixtures" / "weights")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for activation in ("sine", "wavelet", "relu_pe"):
        torch.manual_seed(7)
        network = Network(activation, [24, 17])
        write_safetensors(out / f"pytorch-{activation}.safetensors", network.state_dict())
        with torch.no_grad():
            picture = network.double()(pixel_coordinates(16, 12).double())
        (out / f"pytorch-{activation}.json").write_text(json.dumps(
            {"activation": activation, "hidden": [24, 17], "width": 16, "height": 12,
             "picture": picture.reshape(-1).tolist()}) + "\n")
        print(f"{activation}: {sum(p.numel() for p in network.parameters())} parameters")


if __name__ == "__main__":
    main()
