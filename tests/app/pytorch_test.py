"""Weights trained here load in PyTorch and show the same picture there. Skipped without PyTorch."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

from pictures import pixels_of
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


PYTHON = python_with_torch()
if __name__ == "__main__":
    if PYTHON is None:
        print("skipped: no Python with PyTorch (package python3-torch)")
        sys.exit(77)
    unittest.main()
