#!/usr/bin/env python3
"""Damaged files, and things that are no files: the right code, the file's name, no hanging."""

import json
import os
import struct
import unittest

from program import FIXTURES, PICTURE, SMALL, ProgramTest


def write_model(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, shape in tensors.items():
        count = 1
        for side in shape:
            count *= side
        header[name] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [len(data), len(data) + 4 * count]}
        data += bytes(4 * count)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


NETWORK = {"body.0.a.weight": [8, 2], "body.0.a.bias": [8], "out.weight": [3, 8], "out.bias": [3]}


class Models(ProgramTest):
    def refuses(self, tensors, metadata):
        write_model(self.folder / "bad.safetensors", tensors, metadata)
        self.assertIn("bad.safetensors", self.refused(3, "render", "--model", "bad.safetensors"))

    def test_bad_metadata_is_the_files_fault(self):
        write_model(self.folder / "good.safetensors", NETWORK, {"activation": "sine"})
        self.run_program("render", "--model", "good.safetensors", "--size", "4x4", "--out", "o")
        for metadata in ({"activation": "nonsense"}, {"activation": "sine:omega=-1"},
                         {"activation": "sine", "size": "0x0"},
                         {"activation": "sine", "size": "big"}, {}):
            self.refuses(NETWORK, metadata)
        self.refuses({**NETWORK, "body.0.a.weight": [0, 2], "body.0.a.bias": [0]},
                     {"activation": "sine"})

    def test_only_regular_files_are_read(self):
        os.mkfifo(self.folder / "pipe")
        for path in ("/dev/zero", "pipe"):
            message = self.refused(3, "render", "--model", path)
            self.assertIn("not a regular file", message)
            self.assertIn("not a regular file", self.refused(3, "train", "--config", path))
        self.assertIn("folder", self.refused(3, "train", "--config", "."))

    def test_deep_nesting_is_refused(self):
        (self.folder / "deep.json").write_text("[" * 200000)
        self.assertIn("deep.json", self.refused(3, "train", "--config", "deep.json"))
        (self.folder / "deep.json").write_text('{"size":' + "[" * 200000 + "]" * 200000 + "}")
        self.assertIn("deep.json", self.refused(3, "train", "--config", "deep.json"))
        header = b'{"a":' + b"[" * 200000 + b"]" * 200000 + b"}"
        (self.folder / "m").write_bytes(struct.pack("<Q", len(header)) + header)
        self.refused(3, "render", "--model", "m")


class Configurations(ProgramTest):
    def test_the_file_and_the_place_are_named(self):
        (self.folder / "c.json").write_text('{\n  "epochs": 3,\n  oops\n}')
        message = self.refused(3, "train", "--config", "c.json")
        self.assertIn("c.json", message)
        self.assertIn("line 3, column 3", message)
        for text in ('{"epochs": -1}', '{"optimizer": "zzz"}', '{"hidden": [[1], [2]]}'):
            (self.folder / "c.json").write_text(text)
            self.assertIn("c.json", self.refused(2, "train", "--config", "c.json"))
        # What is wrong on the command line is not the file's fault.
        (self.folder / "c.json").write_text("{}")
        self.assertNotIn("c.json", self.refused(2, "train", "--config", "c.json", "--batch", "0"))

    def test_whole_numbers_may_be_written_as_json_likes(self):
        (self.folder / "c.json").write_text(
            '{"steps": 3.0, "batch": 6.4e1, "hidden": [16.0, 16], "seed": 1e3}')
        done = self.run_program("train", "--config", "c.json", "--data", PICTURE, "--size",
                                "24x16", "--json", "--out", "o")
        run = json.loads(done.stdout)["runs"][0]
        self.assertEqual((run["steps"], run["seed"]), (3, 1000))


class References(ProgramTest):
    def test_one_bad_file_leaves_the_others_their_turn(self):
        name = "derivatives-mse-sine.json"
        (self.folder / name).write_bytes((FIXTURES / "reference" / name).read_bytes())
        (self.folder / "derivatives-folder.json").mkdir()
        os.mkfifo(self.folder / "derivatives-pipe.json")
        (self.folder / "derivatives-deep.json").write_text("[" * 200000)
        rows = json.loads(self.run_program("verify", "--fixtures", ".", "--json", code=1).stdout)
        self.assertEqual([row["outcome"] for row in rows], ["FAIL", "FAIL", "pass", "pass", "FAIL"])


class Experiments(ProgramTest):
    def test_an_empty_one_and_a_pipe(self):
        folder = self.folder / "x.fieldscope"
        folder.mkdir()
        document = {"fieldscope": 1, "pacing": "by_step", "runs": [],
                    "dataset": {"task": "image", "name": "rgb", "path": PICTURE, "width": 8,
                                "height": 8}}
        (folder / "experiment.json").write_text(json.dumps(document))
        self.assertIn("no runs", self.refused(3, "replay", "x.fieldscope"))
        config = {"field": {"activation": "sine", "knobs": {}, "hidden": [8]}, "seed": 0,
                  "optimizer": {"id": "adam", "knobs": {}}, "training": {}}
        document["runs"] = [{"initial": config, "config": config, "edits": [],
                             "progress": [-5, 0, 0, 0], "optimizer_step": 0, "weights": "w",
                             "history": {"loss": [], "quality": [], "events": []}}]
        (folder / "experiment.json").write_text(json.dumps(document))
        self.assertIn("counts from 0", self.refused(3, "replay", "x.fieldscope"))
        (folder / "experiment.json").unlink()
        os.mkfifo(folder / "experiment.json")
        self.assertIn("not a regular file", self.refused(3, "replay", "x.fieldscope"))


class Ranges(ProgramTest):
    def test_they_read_as_people_type(self):
        self.assertIn("'3x' is not valid; give WIDTHxHEIGHT", self.refused(2, "train", "--size",
                                                                           "3x"))
        self.assertIn("from 1 to 8192", self.refused(2, "train", "--hidden", "0"))
        self.assertIn("eval-every '0' is not valid", self.refused(2, "train", "--eval-every", "0"))
        self.assertIn("to 10000000", self.refused(2, "train", "--epochs", "nan"))
        self.assertNotIn("e+", self.refused(2, "train", "--batch", "0"))


class Leftovers(ProgramTest):
    def test_results_of_an_earlier_comparison_are_told(self):
        base = ["compare", "--data", PICTURE, *SMALL, "--steps", "1", "--quiet", "--out", "o"]
        first = self.run_program(*base, "--optimizer", "adam,sgd")
        self.assertNotIn("earlier call", first.stderr)
        again = self.run_program(*base, "--optimizer", "adam,esgd")
        self.assertRegex(again.stderr, r"(?m)'o' holds results of an earlier call.*: sgd-sine$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
