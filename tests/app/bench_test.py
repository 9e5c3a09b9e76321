#!/usr/bin/env python3
"""What bench prints and leaves behind. Speeds are never a pass mark."""

import json
import signal
import subprocess
import unittest

from program import PROGRAM, ProgramTest

TINY = ["--hidden", "8,8", "--activation", "sine", "--batch", "16,32", "--repeats", "1"]


class Bench(ProgramTest):
    def test_a_table_of_all_workloads(self):
        done = self.run_program("bench", *TINY, "--threads", 2)
        for part in ("FMA peak", "2 threads", "sine, batch 16", "sine, batch 32", "inference",
                     "product", "adam", "esgd:refresh_every=100", "of peak", "Peak memory"):
            self.assertIn(part, done.stdout)
        self.assertEqual(self.written(), [], "without --out nothing is left behind")
        self.assertEqual(self.run_program("bench", *TINY, "--quiet").stdout, "")

    def test_json_and_a_file_of_it(self):
        arguments = [*TINY, "--workload", "gradient,esgd:refresh_every=4", "--out", "o", "--json"]
        printed = json.loads(self.run_program("bench", *arguments).stdout)
        self.assertEqual(self.written("o"), ["bench.json"])
        self.assertEqual(json.loads((self.folder / "o" / "bench.json").read_text()), printed)
        self.assertEqual([(row["batch"], row["workload"]) for row in printed["rows"]],
                         [(16, "gradient"), (16, "esgd:refresh_every=4"),
                          (32, "gradient"), (32, "esgd:refresh_every=4")])
        for row in printed["rows"]:
            for key in ("ms", "median_ms", "samples_per_second", "gflops", "share_of_peak",
                        "paired_share_of_peak"):
                self.assertGreater(row[key], 0, key)
            self.assertAlmostEqual(row["samples_per_second"] * row["ms"] / 1000 / row["batch"], 1)
        self.assertGreater(printed["peak_gflops"]["best"], 0)
        self.assertGreater(printed["peak_memory_bytes"], 1e6)
        self.assertEqual(printed["hidden"], [8, 8])

    def test_interruption_reports_what_was_measured(self):
        process = subprocess.Popen([PROGRAM, "bench", "--hidden", "8", "--activation", "relu",
                                    "--batch", "16", "--repeats", "100000", "--json"],
                                   cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1, err)
        report = json.loads(out)
        self.assertTrue(report["interrupted"])
        self.assertGreater(len(report["rows"]), 0)

    def test_refusals(self):
        self.assertIn("did you mean 'product'?", self.refused(2, "bench", "--workload", "prodct"))
        self.assertIn("refresh_every", self.refused(2, "bench", "--workload", "esgd:refresh=1"))
        self.assertIn("twice", self.refused(2, "bench", "--batch", "8,8"))
        self.refused(2, "bench", "--batch", "0")
        self.refused(2, "bench", "--repeats", "0")
        self.refused(2, "bench", "--activation", "sine:omega=0")
        self.refused(2, "train", "--batch", "8,16")
        self.refused(4, "bench", "--device", "cuda")
        (self.folder / "taken").write_text("x")
        self.refused(3, "bench", *TINY, "--out", "taken")


if __name__ == "__main__":
    unittest.main(verbosity=2)
