#!/usr/bin/env python3
"""peers.py by itself: that it parses, skips by name, counts right and judges right. No speeds."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import peers
import peers_report

SCRIPT = pathlib.Path(__file__).with_name("peers.py")
PROGRAM = os.environ["FIELDSCOPE"]


def called(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], text=True,
                          capture_output=True, timeout=300)


def record(contender, work, batch, ms, turn=0, activation="sine", **more):
    return {"round": turn, "contender": contender, "activation": activation, "work": work,
            "batch": batch, "ms": ms, **more}


class Options(unittest.TestCase):
    def refused(self, *arguments):
        with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()):
            peers.parse(arguments)
        self.assertEqual(caught.exception.code, 2)

    def test_help_and_lists(self):
        self.assertIn("--rounds", called("--help").stdout)
        self.assertEqual(peers.parse(["--activation", "all"]).activation, list(peers.ACTIVATIONS))
        self.assertEqual(peers.parse(["--batch", "7,512"]).batch, [7, 512])
        self.refused("--activation", "sin")
        self.refused("--batch", "0")
        self.refused("--skip", "tensorflow")

    def test_pieces_are_of_twenty_milliseconds_or_one_step(self):
        self.assertEqual(peers.steps_and_repeats("training", 16384, 1), (1, 12))
        steps, repeats = peers.steps_and_repeats("training", 512, 1)
        self.assertGreater(steps, 4)
        self.assertLess(repeats * steps * 512 * peers.EXPECTED["training"], 1.5)

    def test_reads_the_yardstick(self):
        line = ("AVX3      sine     mode 1 B 512 T 128 t 2: best 1.79 ms med 1.85 ms cpu/t best "
                "1.55 ms | 165.4 ksamp/s | 196.2 GF/s (38% of 513) | scratch 5.7 MiB loss 4.7e-05")
        self.assertEqual(peers.Yardstick.LINE.search(line).groups(), ("1.79", "1.85"))

    def test_plain_is_untuned(self):
        os.environ["OMP_NUM_THREADS"] = "1"
        self.addCleanup(os.environ.pop, "OMP_NUM_THREADS")
        self.assertNotIn("OMP_NUM_THREADS", peers.plain_environment())
        self.assertIn("PATH", peers.plain_environment())


class Running(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="fieldscope-test-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)

    def test_skips_what_is_missing_and_counts_as_the_program_does(self):
        done = called("--program", PROGRAM, "--yardstick", self.folder / "none", "--python",
                      self.folder / "no-python", "--skip", "torch plain", "--batch", "16",
                      "--rounds", "1", "--repeats", "1", "--lion", "--lion-image",
                      self.folder / "no.png", "--json", self.folder / "peers.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("skipped: yardstick: no sources in", done.stdout)
        self.assertIn("skipped: torch tuned:", done.stdout)
        self.assertIn("skipped: torch plain: not wanted", done.stdout)
        self.assertIn("skipped: lion_seconds: no picture", done.stdout)
        self.assertIn("relu, batch 16", done.stdout)
        document = json.loads((self.folder / "peers.json").read_text())
        self.assertEqual({r["contender"] for r in document["records"]}, {"fieldscope"})
        self.assertEqual(len(document["records"]), 4 * 5)
        for r in document["records"]:
            with self.subTest(r["activation"], work=r["work"]):
                counted = peers_report.flops(r["work"], r["activation"], True) * r["batch"]
                self.assertAlmostEqual(counted / r["flops"], 1, places=9)

    def test_says_that_the_program_is_missing(self):
        done = called("--program", self.folder / "fieldscope")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertIn("no program at", done.stderr)


class Judging(unittest.TestCase):
    def test_ratios_are_of_the_best_and_of_each_round(self):
        records = [record("fieldscope", "training", 512, 2.0),
                   record("yardstick", "training", 512, 4.0),
                   record("fieldscope", "training", 512, 4.0, 1),
                   record("yardstick", "training", 512, 4.0, 1)]
        best, rounds = peers_report.ratio(records, "yardstick", work="training")
        self.assertAlmostEqual(best, 2)
        self.assertAlmostEqual(rounds, 1.5)
        self.assertIsNone(peers_report.ratio(records, "torch plain", work="training"))

    def test_two_maps_are_compared_by_rate(self):
        records = [record("fieldscope", "training", 512, 2.0, activation="wavelet"),
                   record("yardstick", "training", 512, 1.0, activation="wavelet")]
        best, _ = peers_report.ratio(records, "yardstick", work="training")
        self.assertAlmostEqual(best, 1, places=2)

    def test_targets_are_met_or_short(self):
        per_ms = peers_report.flops("training", "sine", True) * 16384 / 1e6
        records = [record("fieldscope", "training", 16384, 50.0, peak=per_ms / 50.0 / 0.9),
                   record("torch tuned", "training", 16384, 90.0),
                   record("fieldscope", "training", 512, 2.0),
                   record("fieldscope", "rare product", 512, 2.2)]
        judged = {t["what"]: t for t in peers_report.targets(records, {"lion_seconds": 13.0})}
        share = judged["sine, batch 16384: gradient + Adam, share of peak"]
        self.assertAlmostEqual(share["value"], 0.9)
        self.assertTrue(share["met"])
        self.assertFalse(judged["sine, batch 16384: training against tuned PyTorch"]["met"])
        self.assertFalse(judged["sine, batch 512: time of ESGD every 100 against Adam"]["met"])
        self.assertTrue(judged["lion, wavelet, 10 epochs, both optimizers, s"]["met"])
        self.assertNotIn("sine, batch 16384: training against the yardstick", judged)


if __name__ == "__main__":
    unittest.main(verbosity=2)
