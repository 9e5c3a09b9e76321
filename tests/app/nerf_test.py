#!/usr/bin/env python3
"""train, compare and curvature on posed views: what they leave behind, and what they refuse."""

import csv
import json
import math
import signal
import struct
import subprocess
import time
import unittest

from pictures import pixels_of
from program import PROGRAM, ProgramTest, environment
from scene import colours, pose, write_scene

TINY = ["--device", "cpu", "--hidden", "16,16", "--samples", "16", "--batch", "64", "--quiet"]
VIEWS = [f"r_{i}" for i in range(3)]


class Nerf(ProgramTest):
    def setUp(self):
        super().setUp()
        write_scene(self.folder / "scene", 16)

    def train(self, *arguments, code=0):
        return self.run_program("train", "--data", "scene", *TINY, *arguments, code=code)

    def test_a_run_leaves_every_held_out_view(self):
        self.train("--steps", "600", "--seed", "4", "--optimizer", "adam:lr=0.02", "--activation",
                   "gaussian:sigma=0.5", "--out", "t")
        pictures = [f"views/{name}{kind}.png" for name in VIEWS for kind in ("", "-error", "-depth")]
        self.assertEqual(self.written("t"), sorted(
            ["final.png", "metrics.csv", "model.safetensors", "summary.json", "views.csv", *pictures]))
        summary = json.loads((self.folder / "t/summary.json").read_text())
        self.assertEqual(summary["task"], "nerf")
        self.assertEqual(summary["data"]["views"], "8 views of 16 × 16, 3 held out")
        run = summary["runs"][0]
        self.assertGreater(run["rays_per_second"], 0)
        self.assertEqual(run["rays_per_second"], run["samples_per_second"])
        held_out = run["held_out"]
        self.assertEqual([view["view"].split(".")[0] for view in held_out["views"]], VIEWS)
        for number in ("psnr", "ssim"):
            mean = sum(view[number] for view in held_out["views"]) / 3
            self.assertAlmostEqual(held_out[number], mean, places=6)
        # While training two of them were measured, spread over all.
        two = (held_out["views"][0]["psnr"] + held_out["views"][1]["psnr"]) / 2
        self.assertAlmostEqual(run["final"]["psnr"], two, places=3)
        self.assertGreater(held_out["psnr"], 15)
        with open(self.folder / "t/views.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["view"] for row in rows], VIEWS)
        self.assertAlmostEqual(float(rows[1]["psnr"]), held_out["views"][1]["psnr"], places=3)
        # A rendered view lines up with its photograph; turned over it does not.
        def difference(a, b):
            return sum(abs(x - y) for x, y in zip(a, b)) / len(a)
        seen = pixels_of(self.folder / "t/views/r_1.png")
        truth = [(c * p[3] / 255 + 255 - p[3]) / 255
                 for p in colours(pose(2 * math.pi / 3 + 0.3, 0.3), 16) for c in p[:3]]
        turned = [seen[3 * (255 - i // 3) + i % 3] for i in range(len(seen))]
        self.assertLess(difference(seen, truth), 0.12)
        self.assertGreater(difference(turned, truth), difference(seen, truth) + 0.03)

    def test_a_comparison_draws_its_figure(self):
        self.run_program("compare", "--data", "scene", *TINY, "--steps", "20", "--out", "c",
                         "--optimizer", "esgd,adam")
        files = self.written("c")
        for file in ("figure.png", "figure.svg", "metrics.csv", "summary.json",
                     "esgd-relu_pe/views.csv", "adam-relu_pe/views/r_2-error.png"):
            self.assertIn(file, files)
        with open(self.folder / "c/metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertTrue(any(row["psnr"] for row in rows))

    def test_curvature_looks_through_the_rays(self):
        self.run_program("curvature", "--data", "scene", *TINY, "--steps", "5", "--out", "k",
                         "--curvature", "batch=128:exact_limit=600")
        report = json.loads((self.folder / "k/curvature.json").read_text())
        self.assertGreater(report["samples"], 0)

    def test_photographs_left_out_are_told(self):
        (self.folder / "scene/train/r_3.png").unlink()
        line = "fieldscope: scene: 1 of 11 frames skipped: no image (r_3)\n"
        loud = [argument for argument in TINY if argument != "--quiet"]
        for verb in ("train", "compare"):
            arguments = [verb, "--data", "scene", "--steps", "1", "--out", "t"]
            self.assertIn(line, self.run_program(*arguments, *loud).stderr)
            self.assertEqual(self.run_program(*arguments, *TINY).stderr, "")

    def test_interruption_leaves_the_views_that_are_quick(self):
        with subprocess.Popen([PROGRAM, "compare", "--data", "scene", *TINY, "--seconds", "4",
                               "--optimizer", "adam,sgd", "--out", "o"], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment("compare")) as process:
            deadline = time.monotonic() + 60
            while not (self.folder / "o/adam-relu_pe/views.csv").exists():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        run = json.loads((self.folder / "o/sgd-relu_pe/summary.json").read_text())["runs"][0]
        self.assertEqual(run["status"], "interrupted")
        self.assertEqual(len(run["held_out"]["views"]), 3)
        files = self.written("o/sgd-relu_pe")
        for file in ("final.png", "views.csv", "model.safetensors", "views/r_2.png"):
            self.assertIn(file, files)

    def test_every_network_and_knob_trains(self):
        for knobs in (["--network", "head"], ["--density", "exp"], ["--background", "black"],
                      ["--grid", "on"], ["--grid", "off"], ["--space", "box"]):
            self.train("--steps", "3", *knobs, "--out", "-".join(knobs).strip("-"))

    def test_its_summary_is_a_configuration(self):
        self.train("--steps", "3", "--network", "head", "--density", "exp", "--background", "black",
                   "--grid", "on", "--space", "box", "--size", "12x12", "--out", "o")
        first, _ = self.same_again("o")
        self.assertEqual(first["config"]["background"], "black")

    def test_size_reduces_the_photographs(self):
        self.train("--steps", "2", "--size", "8x8", "--out", "o")
        summary = json.loads((self.folder / "o/summary.json").read_text())
        self.assertEqual(summary["data"]["views"], "8 views of 8 × 8, 3 held out")
        self.assertEqual(len(pixels_of(self.folder / "o/views/r_0.png")), 3 * 8 * 8)
        self.run_program("train", "--task", "nerf", *TINY, "--steps", "2", "--size", "9x9", "--out",
                         "demo")
        summary = json.loads((self.folder / "demo/summary.json").read_text())
        self.assertIn("of 9 × 9,", summary["data"]["views"])

    def test_sizes_that_photographs_cannot_have(self):
        for size, words in (("32x32", "larger"), ("16x64", "larger"), ("8x4", "another shape"),
                            ("16x12", "another shape")):
            said = self.refused(2, "train", "--data", "scene", *TINY, "--size", size, "--out", "t")
            for part in (size, words, "8x8" if size == "8x4" else "16x16", "'scene'"):
                self.assertIn(part, said)
        self.assertIn("--task occupancy", self.refused(2, "train", "--data", "scene", *TINY,
                                                       "--resolution", "32", "--out", "t"))

    def test_the_same_seed_gives_the_same_run(self):
        for out in ("a", "b"):
            self.train("--steps", "40", "--threads", "1" if out == "a" else "3", "--out", out)
        for file in ("model.safetensors", "views.csv", "views/r_0.png"):
            self.assertEqual((self.folder / "a" / file).read_bytes(),
                             (self.folder / "b" / file).read_bytes(), file)

    # ---- bad input ------------------------------------------------------------------------------

    def refused_scene(self, *named):
        message = self.refused(3, "train", "--data", "scene", *TINY, "--steps", "1", "--out", "t")
        for part in named:
            self.assertIn(part, message)

    def edit(self, change, split="train"):
        path = self.folder / f"scene/transforms_{split}.json"
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def test_missing_pictures(self):
        for picture in (self.folder / "scene/train").iterdir():
            picture.unlink()
        self.refused_scene("transforms_train.json")

    def test_pictures_of_several_sizes(self):
        other = self.folder / "other"
        write_scene(other, 8)
        (other / "train/r_3.png").replace(self.folder / "scene/train/r_3.png")
        for file in sorted(other.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        other.rmdir()
        self.refused_scene("r_3.png")

    def test_poses_that_are_none(self):
        def nan(document):
            document["frames"][2]["transform_matrix"][0][0] = float("nan")
        self.edit(nan)
        at = (self.folder / "scene/transforms_train.json").read_text().index("NaN") + 1
        self.refused_scene("transforms_train.json", "NaN", f"line 1, column {at},")

    def test_one_view(self):
        (self.folder / "scene/transforms_test.json").unlink()
        self.edit(lambda document: document["frames"].__delitem__(slice(1, None)))
        self.refused_scene("view")

    def test_poses_of_the_wrong_shape(self):
        folder = self.folder / "llff"
        (folder / "images").mkdir(parents=True)
        header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 16), }"
        header = header.ljust(128 - 10 - 1) + "\n"
        (folder / "poses_bounds.npy").write_bytes(
            b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(2 * 16 * 8))
        message = self.refused(3, "train", "--data", "llff", *TINY, "--steps", "1", "--out", "t")
        self.assertIn("poses_bounds.npy", message)
        self.assertIn("17", message)

    def test_a_folder_without_views(self):
        (self.folder / "empty").mkdir()
        message = self.refused(3, "train", "--data", "empty", *TINY, "--out", "t")
        for part in ("'empty'", "folder", "poses_bounds.npy", "transforms_train.json",
                     "transforms.json"):
            self.assertIn(part, message)
        self.assertIn("is a folder: give a picture",
                      self.refused(2, "train", "--task", "image", "--data", "empty", "--out", "t"))

    def test_a_folder_of_something_else(self):
        (self.folder / "scene/transforms_train.json").write_text("{")
        self.refused_scene("transforms_train.json")


if __name__ == "__main__":
    unittest.main()
