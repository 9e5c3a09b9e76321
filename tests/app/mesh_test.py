"""3D occupancy from outside: train, compare and mesh on small meshes, and meshes that are broken."""

import csv
import json
import struct
import unittest

from program import PICTURE, SHARED, ProgramTest

TINY = ["--device", "cpu", "--hidden", "16,16", "--batch", "256"]


def box(low=(-1, -2, -3), high=(3, 2, 5)):
    """An OBJ of a closed box: 12 triangles as 6 polygons."""
    corners = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
    text = "".join(
        "v " + " ".join(str((low, high)[c[k]][k]) for k in range(3)) + "\n" for c in corners)
    for face in ((1, 3, 4, 2), (5, 6, 8, 7), (1, 2, 6, 5), (3, 7, 8, 4), (1, 5, 7, 3), (2, 4, 8, 6)):
        text += "f " + " ".join(map(str, face)) + "\n"
    return text


class Mesh(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        (self.folder / "box.obj").write_text(box())

    def json_of(self, *arguments):
        return json.loads(self.run_program(*arguments, "--json").stdout)

    def test_train_leaves_a_mesh_in_the_coordinates_of_the_file(self):
        summary = self.json_of("train", "--data", "box.obj", *TINY, "--optimizer", "adam:lr=0.01",
                               "--activation", "relu_pe:levels=2", "--steps", "300",
                               "--resolution", "32", "--out", "o")
        for name in ("mesh.ply", "metrics.csv", "model.safetensors", "summary.json"):
            self.assertIn(name, self.written("o"))
        self.assertEqual(summary["task"], "occupancy")
        self.assertEqual(summary["data"]["triangles"], 12)
        run = summary["runs"][0]
        self.assertGreater(run["final"]["iou"], 0.7)
        self.assertGreater(run["final"]["accuracy"], 0.8)
        self.assertNotIn("psnr", run["final"])
        self.assertTrue(run["surface"]["solid"])
        self.assertLess(run["surface"]["chamfer"], 0.5)
        self.assertGreaterEqual(run["surface"]["hausdorff"], run["surface"]["chamfer"])
        header, _, body = (self.folder / "o/mesh.ply").read_bytes().partition(b"end_header\n")
        vertices = int(header.split(b"element vertex ")[1].split()[0])
        size = sum(4 if line.startswith(b"property float") else 1
                   for line in header.split(b"element face")[0].splitlines()
                   if line.startswith(b"property"))
        points = [struct.unpack_from("<3f", body, i * size) for i in range(vertices)]
        for axis, (low, high) in enumerate(((-1, 3), (-2, 2), (-3, 5))):
            self.assertAlmostEqual(min(p[axis] for p in points), low, delta=0.6)
            self.assertAlmostEqual(max(p[axis] for p in points), high, delta=0.6)

    def test_metrics_have_the_iou(self):
        self.run_program("train", "--data", "box.obj", *TINY, "--epochs", "0.2", "--eval-every",
                         "0.1", "--resolution", "8", "--out", "o")
        with open(self.folder / "o/metrics.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertEqual(row["psnr"], "")
            self.assertTrue(0 <= float(row["iou"]) <= 1)

    def test_compare_trains_the_demo_from_the_same_weights(self):
        summary = self.json_of("compare", "--task", "occupancy", *TINY, "--steps", "20",
                               "--optimizer", "esgd,adam", "--resolution", "16", "--out", "o")
        self.assertEqual(summary["data"]["source"], "knot (demo)")
        self.assertEqual([run["run"] for run in summary["runs"]], ["esgd-sine", "adam-sine"])
        for run in ("esgd-sine", "adam-sine"):
            self.assertIn(f"{run}/mesh.ply", self.written("o"))
        with open(self.folder / "o/metrics.csv", encoding="utf-8") as file:
            first = {row["run"]: row["iou"] for row in csv.DictReader(file) if row["step"] == "0"}
        self.assertEqual(first["esgd-sine"], first["adam-sine"])

    def test_pictures_where_this_program_can_draw(self):
        done = self.run_program("compare", "--data", "box.obj", *TINY, "--steps", "5", "--size",
                                "64x48", "--resolution", "16", "--quiet", "--out", "o")
        written = self.written("o")
        if "left out" in done.stderr:
            self.assertEqual(done.stderr.count("pictures of meshes are left out"), 1)
            self.skipTest("no pictures here: " + done.stderr.strip())
        for run in ("esgd-sine", "adam-sine"):
            picture = (self.folder / "o" / run / "final.png").read_bytes()
            self.assertEqual(struct.unpack(">II", picture[16:24]), (64, 48))
        if "figure.png" in written:
            self.assertGreater((self.folder / "o/figure.png").stat().st_size, 20_000)

    def test_mesh_from_saved_weights(self):
        self.run_program("train", "--data", "box.obj", *TINY, "--optimizer", "adam:lr=0.01",
                         "--activation", "relu_pe:levels=2", "--steps", "60", "--resolution", "16",
                         "--out", "o")
        model = "o/model.safetensors"
        first = self.json_of("mesh", "--model", model, "--resolution", "24", "--out", "a")
        self.assertTrue(first["solid"])
        self.assertEqual(first["resolution"], 24)
        self.assertNotIn("chamfer", first)
        told = self.json_of("mesh", "--model", model, "--resolution", "24", "--data", "box.obj",
                            "--format", "obj", "--out", "b")
        self.assertEqual(told["triangles"], first["triangles"])
        self.assertGreater(told["hausdorff"], 0)
        text = (self.folder / "b/mesh.obj").read_text().splitlines()
        self.assertEqual(sum(line.startswith("v ") for line in text), told["vertices"])
        self.assertEqual(sum(line.startswith("f ") for line in text), told["triangles"])
        self.assertIn("relu_pe", self.refused(2, "mesh", "--model", model, "--activation", "sine"))
        # The same again is the same file.
        self.run_program("mesh", "--model", model, "--resolution", "24", "--out", "c")
        self.assertEqual((self.folder / "a/mesh.ply").read_bytes(),
                         (self.folder / "c/mesh.ply").read_bytes())

    def test_its_summary_is_a_configuration(self):
        self.run_program("train", "--data", "box.obj", *TINY, "--steps", "3", "--resolution", "9",
                         "--spread", "0.05", "--quiet", "--out", "o")
        _, again = self.same_again("o")
        self.assertEqual(again["runs"][0]["surface"]["resolution"], 9)

    def test_a_picture_has_no_surface_and_a_surface_no_picture(self):
        self.run_program("train", "--data", PICTURE, "--hidden", "8", "--steps", "2", "--out", "p")
        self.run_program("train", "--data", "box.obj", *TINY, "--steps", "2", "--resolution", "8",
                         "--out", "m")
        self.assertIn("use render", self.refused(2, "mesh", "--model", "p/model.safetensors"))
        self.assertIn("use mesh", self.refused(2, "render", "--model", "m/model.safetensors"))

    def test_curvature_of_an_occupancy_field(self):
        fast = "batch=64:steps=12:probes=2:trace_products=6:hv_probes=2"
        report = self.json_of("curvature", "--data", "box.obj", "--device", "cpu", "--hidden", "8,8",
                              "--batch", "64", "--steps", "5", "--curvature", fast, "--resolution",
                              "8", "--out", "c")
        self.assertTrue(report["exact"])
        self.assertEqual(len(report["eigenvalues"]), report["parameters"])

    def test_task_and_data_must_agree(self):
        self.assertIn("is a mesh", self.refused(2, "train", "--task", "image", "--data", "box.obj"))
        self.assertIn("not a mesh",
                      self.refused(2, "train", "--task", "occupancy", "--data", PICTURE))
        self.assertIn("occupancy", self.refused(2, "train", "--data", PICTURE, "--spread", "0.1"))
        self.refused(2, "train", "--data", "box.obj", "--spread", "0")
        self.refused(2, "mesh", "--model", "x", "--resolution", "1000")
        self.refused(2, "mesh", "--model", "x", "--format", "stl")
        self.refused(2, "mesh")


class Broken(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment = {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def reason(self, name, content):
        (self.folder / name).write_bytes(content)
        said = self.refused(3, "train", "--data", name, *TINY, "--steps", "2")
        self.assertIn(name, said)
        return said

    def test_each_says_what_is_wrong(self):
        header = b"ply\nformat binary_little_endian 1.0\nelement vertex %d\nproperty float x\n" \
                 b"property float y\nproperty float z\nelement face 1\n" \
                 b"property list uchar int vertex_indices\nend_header\n"
        self.reason("truncated.ply", header % 3 + struct.pack("<5f", 0, 0, 0, 1, 0))
        self.reason("lies.ply", header % 4294967295 + bytes(100))
        self.reason("nothing.ply", b"")
        self.reason("range.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n")
        self.reason("nan.obj", b"v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n")
        self.reason("no_faces.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n")
        self.reason("point.obj", b"v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n")
        self.reason("short.stl", bytes(80) + struct.pack("<I", 50_000_000) + bytes(50))
        self.refused(3, "train", "--data", "missing.obj", "--steps", "2")

    def test_open_meshes_are_learned_with_a_note(self):
        lines = box().splitlines()
        (self.folder / "open.obj").write_text("\n".join(lines[:-1]) + "\n")
        done = self.run_program("train", "--data", "open.obj", *TINY, "--steps", "3",
                                "--resolution", "8", "--json", "--out", "o")
        notes = " ".join(json.loads(done.stdout)["data"]["notes"])
        self.assertIn("boundary", notes)


class Held(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        if not (SHARED / "data/mesh").is_dir():
            self.skipTest("../shared/data/mesh is not here")

    def test_a_100k_mesh_begins_to_learn_soon(self):
        for name in ("dragon_50k", "bunny_open_36k"):
            done = self.run_program("train", "--data", SHARED / f"data/mesh/{name}.obj", *TINY,
                                    "--steps", "1", "--resolution", "8", "--quiet", "--out", name)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
