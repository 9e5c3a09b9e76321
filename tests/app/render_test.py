#!/usr/bin/env python3
"""render on a radiance field: camera paths, frames, videos, what it refuses."""

import json
import math
import shutil
import signal
import subprocess
import time
import unittest

from pictures import pixels_of
from program import PICTURE, PROGRAM, SMALL, ProgramTest, environment
from scene import write_scene

TINY = ["--device", "cpu", "--hidden", "16,16", "--samples", "16"]
SIDE = 16


def size_of(path):
    head = path.read_bytes()[:24]
    return tuple(int.from_bytes(head[at:at + 4], "big") for at in (16, 20))


class Render(ProgramTest):
    """One short training for all tests."""

    def setUp(self):
        super().setUp()
        write_scene(self.folder / "scene", SIDE)
        self.run_program("train", "--data", "scene", *TINY, "--batch", "64", "--steps", "600",
                         "--optimizer", "adam:lr=0.02", "--activation", "gaussian:sigma=0.5",
                         "--quiet", "--out", "t")
        self.videos = json.loads(self.run_program("info", "--json").stdout)["videos"]["available"]

    def render(self, *arguments, code=0):
        return self.run_program("render", "--model", "t/model.safetensors", "--data", "scene",
                                "--device", "cpu", *arguments, code=code)

    def json_of(self, *arguments):
        return json.loads(self.render(*arguments, "--json").stdout)

    def files(self, frames):
        return sorted([f"frames/{i + 1:04}.png" for i in range(frames)] + ["path.json", "render.json"]
                      + (["video.mp4"] if self.videos else []))

    def test_an_orbit_is_what_a_scene_seen_from_around_gets(self):
        said = self.json_of("--frames", "6", "--fps", "12", "--out", "o")
        self.assertEqual(self.written("o"), self.files(6))
        self.assertEqual(said, json.loads((self.folder / "o/render.json").read_text()))
        self.assertEqual((said["path"], said["mode"], said["frames"]), ("orbit", "colour", 6))
        self.assertEqual((said["width"], said["height"]), (SIDE, SIDE))
        self.assertFalse(said["cancelled"])
        self.assertEqual(size_of(self.folder / "o/frames/0006.png"), (SIDE, SIDE))
        path = json.loads((self.folder / "o/path.json").read_text())
        self.assertEqual(path["fieldscope"], "camera path")
        self.assertTrue(path["loop"])
        self.assertEqual((path["seconds"], path["frames_per_second"]), (0.5, 12))
        for key in path["keyframes"]:  # in the coordinates of transforms_train.json
            matrix = key["transform_matrix"]
            self.assertAlmostEqual(math.dist([row[3] for row in matrix[:3]], (0, 0, 0)), 4, delta=0.1)
            self.assertAlmostEqual(matrix[2][3], 4 * math.sin(0.5), delta=0.1)
        # The same again is the same.
        self.render("--frames", "6", "--fps", "12", "--out", "p")
        for name in ("frames/0004.png", "path.json"):
            self.assertEqual((self.folder / "o" / name).read_bytes(),
                             (self.folder / "p" / name).read_bytes())

    def test_views_are_those_that_were_held_out(self):
        said = self.json_of("--path", "views", "--out", "o")
        self.assertEqual((said["path"], said["frames"]), ("views", 3))
        self.assertEqual(self.written("o"), self.files(3))
        scene = json.loads((self.folder / "scene/transforms_test.json").read_text())
        path = json.loads((self.folder / "o/path.json").read_text())
        for frame, key in zip(scene["frames"], path["keyframes"]):
            for ours, theirs in zip(key["transform_matrix"], frame["transform_matrix"]):
                for a, b in zip(ours, theirs):
                    self.assertAlmostEqual(a, b, places=4)
            self.assertAlmostEqual(key["vertical_angle"], math.degrees(0.7), places=3)
        self.assertIn("--frames", self.refused(2, "render", "--model", "t/model.safetensors",
                                               "--data", "scene", "--path", "views", "--frames", "2"))

    def test_the_field_is_what_is_seen(self):
        self.render("--path", "views", "--out", "o")
        pixels = pixels_of(self.folder / "o/frames/0001.png")
        corner, middle = pixels[:3], pixels[3 * (SIDE // 2 * SIDE + SIDE // 2):][:3]
        self.assertGreater(min(corner), 0.8)  # the background is white
        self.assertLess(min(middle), 0.7)

    def test_a_file_leads_the_camera(self):
        self.render("--frames", "8", "--fps", "4", "--out", "o")
        again = self.json_of("--path", "o/path.json", "--out", "p")
        self.assertEqual(again["path"], "o/path.json")
        self.assertEqual((again["frames"], again["frames_per_second"]), (8, 4))
        ours, theirs = (pixels_of(self.folder / out / "frames/0003.png") for out in "op")
        self.assertLess(max(abs(a - b) for a, b in zip(ours, theirs)), 0.05)
        more = self.json_of("--path", "o/path.json", "--frames", "3", "--size", "9x7", "--out", "q")
        self.assertEqual((more["frames"], more["width"], more["height"]), (3, 9, 7))
        self.assertEqual(size_of(self.folder / "q/frames/0003.png"), (9, 7))

    def test_depth_has_a_numbered_scale(self):
        said = self.json_of("--mode", "depth", "--frames", "3", "--out", "o")
        self.assertEqual(said["depth"]["colormap"], "viridis")
        self.assertFalse(said["depth"]["reciprocal"])
        self.assertLess(1, said["depth"]["from"])
        self.assertLess(said["depth"]["from"], said["depth"]["to"])
        self.assertLess(said["depth"]["to"], 7)
        self.assertIn("depth from", self.render("--mode", "depth", "--frames", "2", "--out", "p").stdout)

    def test_opacity_and_a_spiral(self):
        said = self.json_of("--mode", "opacity", "--path", "spiral", "--frames", "2", "--out", "o")
        self.assertEqual((said["path"], said["mode"], said["frames"]), ("spiral", "opacity", 2))
        self.assertNotIn("depth", said)

    def test_fewer_frames_than_before_are_told_of(self):
        self.render("--frames", "4", "--out", "o")
        self.assertIn("2 frames of an earlier call", self.render("--frames", "2", "--out", "o").stderr)

    def test_interruption_keeps_what_there_is(self):
        process = subprocess.Popen(
            [PROGRAM, "render", "--model", "t/model.safetensors", "--data", "scene", "--device", "cpu",
             "--frames", "100000", "--out", "o"], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment("render"))
        deadline = time.monotonic() + 60
        while not (self.folder / "o/frames/0003.png").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("interrupted: writing the results", errors)
        self.assertIn(" of 100000 frames", output)
        said = json.loads((self.folder / "o/render.json").read_text())
        self.assertTrue(said["cancelled"])
        self.assertGreaterEqual(said["frames"], 3)
        self.assertEqual(self.written("o"), self.files(said["frames"]))

    def test_another_scene_is_refused(self):
        model = "t/model.safetensors"
        write_scene(self.folder / "moved", SIDE, middle=(0.5, 0, 0))
        write_scene(self.folder / "more", SIDE, training=9)
        write_scene(self.folder / "tall", SIDE, elevation=0.1)
        for other, why in (("moved", "lies"), ("more", "12 views, not 11"), ("tall", "cameras")):
            said = self.refused(3, "render", "--model", model, "--data", other, "--frames", "1",
                                "--out", "o")
            for part in (model, f"'{other}'", why):
                self.assertIn(part, said)
        self.assertIn("'moved'", self.refused(3, "curvature", "--model", model, "--data", "moved",
                                              "--device", "cpu", "--out", "o"))

    def test_the_same_scene_may_have_other_pictures(self):
        for side in (9, 2 * SIDE):
            write_scene(self.folder / "other", side)
            done = self.run_program("render", "--model", "t/model.safetensors", "--data", "other",
                                    "--device", "cpu", "--frames", "2", "--out", "o")
            self.assertEqual(done.stderr, "")
            shutil.rmtree(self.folder / "other")

    def test_weights_of_older_versions_are_taken_on_trust(self):
        weights = (self.folder / "t/model.safetensors").read_bytes()
        (self.folder / "old.safetensors").write_bytes(weights.replace(b'"axes":', b'"axis":'))
        done = self.run_program("render", "--model", "old.safetensors", "--data", "scene", "--device",
                                "cpu", "--frames", "2", "--out", "o")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("old.safetensors", done.stderr)
        self.assertIn("which scene", done.stderr)
        (self.folder / "bad.safetensors").write_bytes(
            weights.replace(b'"facing":"around"', b'"facing":"behind"'))
        self.assertIn("facing", self.refused(3, "render", "--model", "bad.safetensors", "--data",
                                             "scene", "--device", "cpu"))

    def test_what_it_refuses(self):
        model = ["render", "--model", "t/model.safetensors", "--device", "cpu"]
        self.assertIn("--data", self.refused(2, *model))
        self.refused(3, *model, "--data", "missing")
        self.assertIn("depth", self.refused(2, *model, "--data", "scene", "--mode", "normals"))
        self.refused(2, *model, "--data", "scene", "--frames", "0")
        self.refused(2, *model, "--data", "scene", "--fps", "nan")
        said = self.refused(3, *model, "--data", "scene", "--path", "circle")
        for part in ("circle", "orbit", "spiral", "views"):
            self.assertIn(part, said)
        (self.folder / "bad.json").write_text(
            '{"fieldscope": "camera path", "seconds": 1, "keyframes": []}')
        self.assertIn("keyframes is empty",
                      self.refused(3, *model, "--data", "scene", "--path", "bad.json"))
        (self.folder / "bad.json").write_text('{"fieldscope": "camera path", "seconds": 1}')
        said = self.refused(3, *model, "--data", "scene", "--path", "bad.json")
        self.assertIn("bad.json", said)
        self.assertIn("keyframes", said)
        self.assertIn("radiance field", self.refused(2, "mesh", "--model", "t/model.safetensors"))
        self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "2", "--out", "i")
        self.assertIn("radiance fields", self.refused(2, "render", "--model", "i/model.safetensors",
                                                      "--path", "orbit"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
