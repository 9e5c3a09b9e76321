#!/usr/bin/env python3
"""What ./run makes of its arguments where there is no display: without building anything."""

import os
import pathlib
import re
import subprocess
import unittest

from program import ProgramTest

SCRIPT = pathlib.Path(os.environ["FIELDSCOPE_SOURCE"]) / "run"
# The script's own functions, with a program that only repeats its arguments.
HARNESS = """
source "$SCRIPT"
root=$PWD
caller=$PWD
install_missing() { :; }
build() { :; }
start "$@"
"""


class WithoutDisplay(ProgramTest):
    def setUp(self):
        super().setUp()
        program = self.folder / "build" / "release" / "fieldscope"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\nfor word; do echo \"$word\"; done\n")
        program.chmod(0o755)

    def called(self, *arguments, code=0):
        environment = {**os.environ, "SCRIPT": str(SCRIPT)}
        environment.pop("DISPLAY", None)
        done = subprocess.run(["bash", "-c", HARNESS, "bash", *arguments], cwd=self.folder,
                              env=environment, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.split("\n")[:-1], done.stderr

    def compared(self, *arguments):
        words, said = self.called(*arguments)
        self.assertEqual(words[:5], ["compare", "--task", "image", "--out",
                                     str(self.folder / "out")])
        self.assertIn("no display", said)
        return words[5:], said

    def test_the_comparison_replaces_the_window(self):
        self.assertEqual(self.compared()[0], [])
        self.assertEqual(self.compared("a b.png")[0], ["--data", "a b.png"])

    def test_options_go_along(self):
        self.assertEqual(self.compared("--size", "64x64")[0], ["--size", "64x64"])
        self.assertEqual(self.compared("a.png", "--seed=3", "--optimizer", "adam")[0],
                         ["--seed=3", "--optimizer", "adam", "--data", "a.png"])
        self.assertEqual(self.compared("--size")[0], ["--size"])
        words, said = self.compared("--window", "800x600", "--size", "8x8")
        self.assertEqual(words, ["--size", "8x8"])
        self.assertIn("--window", said)

    def test_what_is_left_out_is_said(self):
        words, said = self.compared("a.png", "b.png")
        self.assertEqual(words, ["--data", "a.png"])
        self.assertIn("'b.png' is left out", said)

    def test_a_saved_experiment_needs_a_display(self):
        words, said = self.called("mine.fieldscope", code=4)
        self.assertEqual(words, [])
        self.assertIn("replay mine.fieldscope", said)

    def test_verbs_and_help_go_to_the_program(self):
        for arguments in (["replay", "x.fieldscope"], ["train", "--steps", "1"], ["--help"],
                          ["--version"]):
            self.assertEqual(self.called(*arguments)[0], arguments)

    def test_the_list_of_verbs_is_the_programs(self):
        listed = re.search(r'^verbs="(.*)"$', SCRIPT.read_text(), re.M).group(1).split()
        overview = self.run_program("--help").stdout
        own = re.findall(r"^    ([a-z]+) ", overview, re.M)
        self.assertGreater(len(own), 4)
        for verb in own:
            self.assertIn(verb, listed)
        for verb in set(listed) - set(own):
            self.assertIn("not yet in this version", self.refused(2, verb))


if __name__ == "__main__":
    unittest.main(verbosity=2)
