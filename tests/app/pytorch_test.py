"""Weights trained here load in PyTorch and show the same picture there. Skipped without PyTorch."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import zlib

from program import PICTURE, SMALL, ProgramTest

REFERENCE = pathlib.Path(os.environ["FIELDSCOPE_SOURCE"]) / "tests" / "reference"
CHECK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import torch, weights
network = weights.Network(sys.argv[3], [16, 16])
network.load_state_dict(weights.read_safetensors(sys.argv[2]))
with torch.no_grad():
    print(json.dumps(network(weights.pixel_coordinates(24, 16)).clamp(0, 1).reshape(-1).tolist()))
"""


def python_with_torch():
    for python in ("/usr/bin/python3", sys.executable):
        found = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
        if found.returncode == 0:
            return python
    return None


class Pytorch(ProgramTest):
    def test_loads_what_we_train(self):
        for activation in ("sine", "wavelet", "relu_pe"):
            self.run_program("train", "--data", PICTURE, *SMALL, "--activation", activation,
                             "--steps", "30", "--out", activation)
            model = self.folder / activation / "model.safetensors"
            done = subprocess.run([PYTHON, "-B", "-c", CHECK, str(REFERENCE), str(model),
                                   activation], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            theirs = json.loads(done.stdout)
            ours = pixels_of(self.folder / activation / "final.png")
            self.assertEqual(len(ours), len(theirs))
            worst = max(abs(a - b) for a, b in zip(ours, theirs))
            self.assertLess(worst, 0.5 / 255 + 1e-4, activation)  # PNG has eight bits


def pixels_of(path):
    """The numbers of an 8-bit RGB PNG, in [0, 1]."""
    raw, at, data = path.read_bytes(), 8, b""
    while at < len(raw):
        size = int.from_bytes(raw[at:at + 4], "big")
        kind = raw[at + 4:at + 8]
        body = raw[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height = (int.from_bytes(body[i:i + 4], "big") for i in (0, 4))
            assert body[8:10] == b"\x08\x02", "not 8-bit RGB"
        if kind == b"IDAT":
            data += body
        at += size + 12
    lines, stride, before = zlib.decompress(data), width * 3, [0] * (width * 3)
    numbers = []
    for row in range(height):
        start = row * (stride + 1)
        filter_kind, line = lines[start], list(lines[start + 1:start + 1 + stride])
        for i in range(stride):
            left = line[i - 3] if i >= 3 else 0
            above, corner = before[i], before[i - 3] if i >= 3 else 0
            guess = (0, left, above, (left + above) // 2, paeth(left, above, corner))[filter_kind]
            line[i] = (line[i] + guess) % 256
        numbers += [value / 255 for value in line]
        before = line
    return numbers


def paeth(left, above, corner):
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))


PYTHON = python_with_torch()
if __name__ == "__main__":
    if PYTHON is None:
        print("skipped: no Python with PyTorch (package python3-torch)")
        sys.exit(77)
    unittest.main()
