"""fieldscope curvature, and the diagnoses of train and compare, from outside."""

import csv
import json
import math
import unittest

from program import PICTURE, SMALL, ProgramTest

FEW = ["--device", "cpu", "--steps", "20"]
FAST = "batch=64:steps=12:probes=2:trace_products=6:hv_probes=2"


class Curvature(ProgramTest):
    def study(self, *arguments, code=0):
        return json.loads(self.run_program("curvature", "--data", PICTURE, *arguments, "--json",
                                           "--out", f"o{len(self.written())}", code=code).stdout)

    def test_after_training_it_leaves_the_promised_files(self):
        self.run_program("curvature", "--data", PICTURE, *SMALL, *FEW, "--curvature", FAST,
                         "--out", "o")
        for name in ("curvature.json", "spectrum.csv", "curvature.csv", "model.safetensors"):
            self.assertIn(name, self.written("o"))
        report = json.loads((self.folder / "o/curvature.json").read_text())
        self.assertTrue(report["exact"])
        self.assertEqual(len(report["eigenvalues"]), report["parameters"])
        self.assertEqual([c["matrix"] for c in report["conditioned"]],
                         ["raw", "equilibrated", "jacobi", "adam", "own", "kfac"])
        self.assertAlmostEqual(sum(report["eigenvalues"]) / report["trace"], 1, places=6)
        self.assertAlmostEqual(report["largest"][0]["value"] / report["eigenvalues"][-1], 1,
                               places=4)
        with open(self.folder / "o/spectrum.csv", encoding="utf-8") as file:
            kinds = [row["kind"] for row in csv.DictReader(file)]
        self.assertEqual(kinds.count("eigenvalue"), report["parameters"])
        self.assertGreater(kinds.count("density"), 100)

    def test_of_saved_weights_it_is_the_same(self):
        trained = self.study(*SMALL, *FEW, "--curvature", FAST)
        model = next(self.folder.rglob("model.safetensors"))
        again = self.study("--model", model, "--device", "cpu", "--curvature", FAST)
        self.assertEqual(again["parameters"], trained["parameters"])
        self.assertAlmostEqual(again["loss"], trained["loss"], places=12)
        for a, b in zip(again["conditioned"], trained["conditioned"][:4]):
            self.assertEqual(a["matrix"], b["matrix"])
        self.assertAlmostEqual(again["conditioned"][0]["kappa"] /
                               trained["conditioned"][0]["kappa"], 1, places=6)

    def test_a_large_field_gets_estimates_that_say_so(self):
        report = self.study(*SMALL, *FEW, "--curvature", FAST + ":exact_limit=10")
        self.assertFalse(report["exact"])
        self.assertNotIn("eigenvalues", report)
        for conditioned in report["conditioned"]:
            self.assertNotIn("kappa", conditioned)
            self.assertFalse(conditioned["exact"])
            self.assertGreater(conditioned["spread"], 1)
        self.assertGreater(report["largest"][0]["residual"], 0)
        self.assertGreater(report["trace_hutchpp"]["standard_error"], 0)

    def test_a_dead_network_is_singular_and_never_1e19(self):
        report = self.study("--activation", "relu", *SMALL, *FEW, "--curvature", FAST)
        raw = report["conditioned"][0]
        self.assertLess(raw["rank"], raw["size"])
        self.assertIn(f"rank {raw['rank']} of {raw['size']}", raw["text"])
        self.assertLess(raw["kappa"], 1e17)
        self.assertGreater(report["hv"][0]["zero"], 0)

    def test_over_training(self):
        self.run_program("compare", "--data", PICTURE, *SMALL, *FEW, "--optimizer", "esgd,adam",
                         "--curvature-every", "8", "--curvature", FAST, "--out", "o")
        with open(self.folder / "o/curvature.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["run"], row["step"]) for row in rows],
                         [(run, str(step)) for run in ("ESGD", "Adam") for step in (0, 8, 16, 20)])
        for row in rows:
            self.assertEqual(row["exact"], "1")
            self.assertTrue(math.isfinite(float(row["kappa_raw"])))
            self.assertEqual(row["kappa_own"] == "", row["step"] == "0")  # no state yet
        self.assertIn("curvature.csv", self.written("o/adam-sine"))
        # Training is what it is without.
        self.run_program("compare", "--data", PICTURE, *SMALL, *FEW, "--optimizer", "esgd,adam",
                         "--out", "plain")
        for run in ("esgd-sine", "adam-sine"):
            self.assertEqual((self.folder / "o" / run / "model.safetensors").read_bytes(),
                             (self.folder / "plain" / run / "model.safetensors").read_bytes())

    def test_refusals(self):
        for text, part in (("nonsense=1", "unknown knob"), ("steps=1", "steps"), ("steps", "knob"),
                           ("batch=x", "batch")):
            self.assertIn(part, self.refused(2, "train", "--curvature", text))
        self.refused(2, "train", "--curvature-every", "0")
        self.refused(3, "curvature", "--model", "missing.safetensors")


if __name__ == "__main__":
    unittest.main()
