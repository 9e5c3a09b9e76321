"""Runs the real program from outside: what the tests beside this file share."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["FIELDSCOPE"]
FIXTURES = pathlib.Path(os.environ["FIELDSCOPE_TEST_FIXTURES"])
SHARED = pathlib.Path(os.environ["FIELDSCOPE_SHARED"])
PICTURE = str(FIXTURES / "images" / "photo.png")
SMALL = ["--hidden", "16,16", "--batch", "64", "--size", "24x16"]


def environment(verb, more={}):
    """Where `info` asks for the renderer, graphics drivers are loaded and unloaded: what they keep
    has no name any more when a leak check looks at it, and cannot be excused by name."""
    result = {**os.environ, **more}
    if verb == "info":
        options = os.environ.get("ASAN_OPTIONS")
        result["ASAN_OPTIONS"] = ":".join(filter(None, [options, "detect_leaks=0"]))
    return result


class ProgramTest(unittest.TestCase):
    """A test in an empty folder of its own. `environment` is added to that of the program."""

    environment = {}

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="fieldscope-test-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)

    def run_program(self, *arguments, code=0, timeout=120):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                              env=environment(str(arguments[0]) if arguments else "",
                                              self.environment))
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def refused(self, code, *arguments):
        """The one line with which the program refuses; nothing may be left behind."""
        before = sorted(self.folder.rglob("*"))
        done = self.run_program(*arguments, code=code)
        self.assertEqual(done.stdout, "", arguments)
        self.assertEqual(done.stderr.count("\n"), 1, f"{arguments}: {done.stderr!r}")
        self.assertTrue(done.stderr.startswith("fieldscope: "), done.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before, arguments)
        return done.stderr

    def same_again(self, folder, again="again"):
        """Both summaries, that of the run in `folder` and that of one whose configuration it was:
        the same configuration, the same weights."""
        self.run_program("train", "--config", f"{folder}/summary.json", "--quiet", "--out", again)
        summaries = [json.loads((self.folder / out / "summary.json").read_text())
                     for out in (folder, again)]
        self.assertEqual(summaries[1]["config"], summaries[0]["config"])
        self.assertEqual((self.folder / again / "model.safetensors").read_bytes(),
                         (self.folder / folder / "model.safetensors").read_bytes())
        return summaries

    def written(self, folder="."):
        folder = self.folder / folder
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
