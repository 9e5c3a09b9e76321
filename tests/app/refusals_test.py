#!/usr/bin/env python3
"""Bad input: the documented exit code, one line that helps, nothing left behind."""

import pathlib
import unittest

from program import FIXTURES, PICTURE, SMALL, ProgramTest


class Usage(ProgramTest):
    def test_unknown_names_list_the_valid_ones(self):
        self.assertIn("did you mean 'esgd'?", self.refused(2, "train", "--optimizer", "edsg"))
        self.assertIn("adam", self.refused(2, "train", "--optimizer", "zzz"))
        self.assertIn("wavelet", self.refused(2, "train", "--activation", "wavlet"))
        self.assertIn("image", self.refused(2, "train", "--task", "picture"))
        self.assertIn("refresh_every", self.refused(2, "train", "--optimizer", "esgd:refresh=1"))
        self.assertIn("--optimizer", self.refused(2, "compare", "--optimiser", "adam"))
        self.assertIn("did you mean 'train'?", self.refused(2, "trian"))

    def test_values_out_of_range(self):
        for value in ("nan", "inf", "-1", "0", "1e9", "", "fast"):
            self.assertIn("lr", self.refused(2, "train", "--optimizer", f"adam:lr={value}"))
        for arguments in (["--size", "256"], ["--size", "0x0"], ["--size", "20000x20000"],
                          ["--hidden", "0"], ["--batch", "0"], ["--epochs", "nan"],
                          ["--steps", "0"], ["--seed", "-1"], ["--threads", "1e3"]):
            self.refused(2, "train", *arguments)

    def test_one_run_is_one_run(self):
        self.assertIn("compare", self.refused(2, "train", "--optimizer", "adam,sgd"))
        self.assertIn("compare", self.refused(2, "train", "--seeds", "0,1"))
        self.assertIn("twice", self.refused(2, "compare", "--optimizer", "adam,adam"))

    def test_what_comes_later_says_so(self):
        self.assertIn("not yet in this version", self.refused(2, "reproduce"))

    def test_missing_arguments(self):
        self.refused(2, "verify")
        self.refused(2, "render")
        self.refused(2, "replay")
        self.refused(2, "train", "--optimizer")

    def test_usage_comes_before_the_data_is_read(self):
        self.refused(2, "train", "--data", "missing.png", "--optimizer", "zzz")


class Data(ProgramTest):
    def bad(self, path, reason, verb="train"):
        message = self.refused(3, verb, "--data", path, *SMALL, "--out", "results")
        self.assertIn(reason, message)
        self.assertIn(str(path), message)

    def test_every_bad_picture_is_named(self):
        whole = (FIXTURES / "images" / "rgb.png").read_bytes()
        (self.folder / "text.png").write_text("only words\n")
        (self.folder / "empty.png").write_bytes(b"")
        (self.folder / "cut.png").write_bytes(whole[: len(whole) // 2])
        (self.folder / "folder.png").mkdir()
        for verb in ("train", "compare"):
            self.bad("missing.png", "no such file", verb)
            self.bad("text.png", "not a picture", verb)
            self.bad("empty.png", "empty", verb)
            self.bad("cut.png", "truncated", verb)
            self.bad("folder.png", "folder", verb)
            self.bad(FIXTURES / "images" / "no_pixels.png", "no pixels", verb)
            self.bad(FIXTURES / "images" / "huge.png", "20000x20000", verb)

    def test_a_name_with_a_line_break_gives_one_line(self):
        self.bad_name = "a\nb.png"
        message = self.refused(3, "train", "--data", self.bad_name)
        self.assertIn("no such file", message)

    def test_bad_models(self):
        (self.folder / "m.safetensors").write_bytes(b"\xff" * 100)
        self.assertIn("m.safetensors", self.refused(3, "render", "--model", "m.safetensors"))
        self.refused(3, "render", "--model", "missing.safetensors")

    def test_bad_experiments_and_fixtures(self):
        (self.folder / "empty.fieldscope").mkdir()
        self.refused(3, "replay", "empty.fieldscope")
        self.refused(3, "replay", "missing.fieldscope")
        self.refused(3, "verify", "--fixtures", "missing")
        self.refused(3, "verify", "--fixtures", ".")

    def test_bad_configuration(self):
        (self.folder / "c.json").write_text("{")
        self.refused(3, "train", "--config", "c.json")
        self.refused(3, "train", "--config", "missing.json")
        (self.folder / "c.json").write_text('{"optimiser": "adam"}')
        self.assertIn("'optimizer'", self.refused(2, "train", "--config", "c.json"))

    def test_output_that_cannot_be_written(self):
        (self.folder / "taken").write_text("x")
        self.refused(3, "train", "--data", PICTURE, *SMALL, "--steps", "1", "--out", "taken")
        self.refused(3, "train", "--data", PICTURE, *SMALL, "--steps", "1", "--out", "taken/out")
        self.assertEqual((self.folder / "taken").read_text(), "x")

    def test_output_is_tried_before_the_training(self):
        # Such a long training would run into the test's time limit.
        long = ["--data", PICTURE, *SMALL, "--steps", "100000000"]
        for verb in ("train", "compare"):
            message = self.refused(3, verb, *long, "--out", "/proc")
            self.assertIn("cannot write into the folder '/proc'", message)
        (self.folder / "o").mkdir()
        (self.folder / "o" / "adam-sine").write_text("x")
        message = self.refused(3, "compare", *long, "--out", "o")
        self.assertIn("is a file", message)


if __name__ == "__main__":
    unittest.main(verbosity=2)
