#!/usr/bin/env python3
"""gpu_peers.py by itself, on the CPU: that it runs, names what fails and judges right. No speeds."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import gpu_peers

SCRIPT = pathlib.Path(gpu_peers.__file__)
PROGRAM = os.environ["FIELDSCOPE"]


def has_torch(python):
    return subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0


def record(contender, batch, ms, work="training", **more):
    return {"contender": contender, "work": work, "batch": batch, "ms": ms, **more}


class Running(unittest.TestCase):
    def measured(self, *arguments):
        with tempfile.TemporaryDirectory(prefix="fieldscope-test-") as folder:
            path = pathlib.Path(folder, "gpu.json")
            done = subprocess.run(
                [sys.executable, SCRIPT, "--program", PROGRAM, "--device", "cpu", "--batch", "16",
                 "--rounds", "1", "--seconds", "0.05", "--variant", "eager", "--json", path,
                 *map(str, arguments)], text=True, capture_output=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout, json.loads(path.read_text())["records"]

    def test_names_what_is_missing(self):
        table, records = self.measured("--python", "/nowhere/python")
        self.assertEqual(sum("ms" in r for r in records), 3)
        self.assertEqual({r["contender"] for r in records if "failed" in r},
                         {"torch eager", "torch eager, tf32"})
        self.assertIn("/nowhere/python", table)

    def test_pytorch_runs_every_workload(self):
        python = next((p for p in (sys.executable, "/usr/bin/python3") if has_torch(p)), None)
        if not python:
            self.skipTest("no PyTorch")
        _, records = self.measured("--python", python)
        for r in records:
            with self.subTest(r["contender"], work=r["work"]):
                self.assertGreater(r.get("ms", 0), 0, r.get("failed"))

    def test_says_that_the_program_is_missing(self):
        done = subprocess.run([sys.executable, SCRIPT, "--program", "/nowhere/fieldscope"],
                              text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)


class Judging(unittest.TestCase):
    def test_ratios_are_of_the_best(self):
        records = [record("fieldscope tf32", 512, 0.07), record("fieldscope f32", 512, 0.09),
                   record("torch eager", 512, 0.9), record("torch graph", 512, 0.28),
                   record("torch graph", 512, 0.35)]
        table = gpu_peers.text({"device": "GPU", "peak_gflops": 50000.4}, records)
        self.assertIn("a training step of 512 in 0.08 ms: 0.0700 (fieldscope tf32)", table)
        self.assertIn("3 times the best PyTorch: 4.00 (torch graph)", table)
        self.assertIn("GPU: matrix product 50000 GFLOP/s\n", table)


if __name__ == "__main__":
    unittest.main(verbosity=2)
