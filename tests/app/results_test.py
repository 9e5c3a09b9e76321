#!/usr/bin/env python3
"""What train, compare, render, verify and info leave behind and print."""

import csv
import json
import os
import signal
import struct
import subprocess
import time
import unittest

from program import FIXTURES, PICTURE, PROGRAM, SMALL, ProgramTest, environment

RUN_FILES = ["final.png", "metrics.csv", "model.safetensors", "summary.json"]
COLUMNS = ("run,optimizer,activation,step,epoch,train_seconds,gradient_evaluations,loss,psnr,iou,"
           "lr,event").split(",")


def png_size(path):
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n", path
    return struct.unpack(">II", head[16:24])


def tensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return header, data[8 + size:]


class Train(ProgramTest):
    def test_leaves_the_promised_files(self):
        done = self.run_program("train", "--data", PICTURE, *SMALL, "--epochs", "3", "--out", "o")
        self.assertEqual(self.written("o"), RUN_FILES)
        self.assertIn("dB after 18 steps", done.stdout)
        self.assertEqual(png_size(self.folder / "o" / "final.png"), (24, 16))

        with open(self.folder / "o" / "metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0]), COLUMNS)
        self.assertEqual([row["step"] for row in rows], ["0", "6", "12", "18"])
        self.assertEqual({row["optimizer"] for row in rows}, {"esgd"})
        self.assertEqual(rows[-1]["iou"], "")
        self.assertGreater(float(rows[-1]["gradient_evaluations"]), 18)

        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        run = summary["runs"][0]
        self.assertEqual(run["steps"], 18)
        self.assertEqual(run["status"], "finished")
        self.assertAlmostEqual(run["final"]["psnr"], float(rows[-1]["psnr"]), places=5)
        self.assertGreaterEqual(run["best"]["psnr"], run["final"]["psnr"])
        self.assertNotIn("rays_per_second", run)
        for key in ("samples_per_second", "train_seconds", "peak_memory_bytes"):
            self.assertGreater(run[key], 0, key)

        header, data = tensors(self.folder / "o" / "model.safetensors")
        self.assertEqual(header["body.0.a.weight"]["shape"], [16, 2])
        self.assertEqual(header["out.bias"]["shape"], [3])
        self.assertEqual(len(data), run["parameters"] * 4)

    def test_the_same_bits_whatever_the_threads(self):
        for threads in ("1", "2", "3"):
            self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "30", "--optimizer",
                             "esgd", "--seed", "4", "--threads", threads, "--out", "t" + threads)
        weights = {tensors(self.folder / t / "model.safetensors")[1] for t in ("t1", "t2", "t3")}
        self.assertEqual(len(weights), 1)

    def test_budgets(self):
        def steps(*budget):
            done = self.run_program("train", "--data", PICTURE, *SMALL, *budget, "--out", "o",
                                    "--json")
            return json.loads(done.stdout)["runs"][0]
        self.assertEqual(steps("--steps", "7")["steps"], 7)
        self.assertEqual(steps("--epochs", "2")["steps"], 12)
        timed = steps("--seconds", "0.3")
        self.assertGreater(timed["train_seconds"], 0.29)
        self.assertLess(timed["train_seconds"], 2)

    def test_a_summary_makes_the_run_again(self):
        self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "9", "--seed", "3",
                         "--optimizer", "adam:lr=0.002", "--activation", "wavelet", "--out", "a")
        self.run_program("train", "--config", "a/summary.json", "--out", "b")
        self.assertEqual(tensors(self.folder / "a" / "model.safetensors"),
                         tensors(self.folder / "b" / "model.safetensors"))

    def test_divergence_is_told_and_what_there_is_written(self):
        done = self.run_program("train", "--data", PICTURE, *SMALL, "--optimizer", "sgd:lr=100",
                                "--activation", "relu", "--epochs", "50", "--out", "o", code=1)
        self.assertEqual(self.written("o"), RUN_FILES)
        self.assertIn("diverged at step", done.stderr)
        run = json.loads((self.folder / "o" / "summary.json").read_text())["runs"][0]
        self.assertEqual(run["status"], "diverged")

    def test_a_place_of_its_own_without_out(self):
        done = self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "1")
        folders = list((self.folder / "out").iterdir())
        self.assertEqual(len(folders), 1)
        self.assertTrue(folders[0].name.startswith("train-photo-"))
        self.assertIn(folders[0].name, done.stdout)

    def test_tiny_and_grey_pictures(self):
        for name, size in (("grey.png", "1x1"), ("rgba.png", "2x1"), ("rgb.png", "1x7")):
            self.run_program("train", "--data", FIXTURES / "images" / name, "--hidden", "8",
                             "--steps", "3", "--size", size, "--out", "o")
            self.assertEqual(png_size(self.folder / "o" / "final.png"),
                             tuple(map(int, size.split("x"))))

    def test_quiet_is_quiet(self):
        done = self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "3", "--quiet",
                                "--out", "o")
        self.assertEqual(done.stdout + done.stderr, "")

    def test_interruption_ends_cleanly_with_results(self):
        with subprocess.Popen([PROGRAM, "train", "--data", PICTURE, *SMALL, "--steps", "100000000",
                               "--out", "o"], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 30
            while not (self.folder / "o").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("interrupted at step", errors)
        self.assertIn("interrupted: writing the results (again to drop them)\n", errors)
        self.assertEqual(self.written("o"), RUN_FILES)
        run = json.loads((self.folder / "o" / "summary.json").read_text())["runs"][0]
        self.assertEqual(run["status"], "interrupted")
        self.assertGreater(run["steps"], 0)

    def test_a_long_measurement_can_be_interrupted(self):
        # Four million pixels through this network take far longer than the test has patience.
        with subprocess.Popen([PROGRAM, "train", "--data", PICTURE, "--size", "2000x2000",
                               "--hidden", "256,256,256,256", "--steps", "5", "--out", "o"],
                              cwd=self.folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 30
            while not (self.folder / "o").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        self.assertLess(time.monotonic() - began, 10)
        run = json.loads((self.folder / "o" / "summary.json").read_text())["runs"][0]
        self.assertEqual((run["status"], run["steps"]), ("interrupted", 0))
        self.assertTrue((self.folder / "o" / "model.safetensors").exists())

    def test_a_full_output_is_told(self):
        with open("/dev/full", "w") as full:
            for arguments in (["info"], ["--help"], ["train", "--help"],
                              ["train", "--data", PICTURE, *SMALL, "--steps", "1", "--json",
                               "--out", "o"]):
                done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdout=full,
                                      stderr=subprocess.PIPE, text=True, timeout=60,
                                      env=environment(arguments[0]))
                self.assertEqual(done.returncode, 1, arguments)
                self.assertRegex(done.stderr, r"^fieldscope: cannot write to standard output.*\n$")
        self.assertEqual(self.written("o"), RUN_FILES)

    def test_a_reader_who_goes_away_does_not_take_the_results_along(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([PROGRAM, "train", "--data", PICTURE, *SMALL, "--optimizer",
                               "sgd:lr=100", "--activation", "relu", "--epochs", "50", "--out",
                               "o"], cwd=self.folder, stdout=write, stderr=write, timeout=60)
        os.close(write)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.written("o"), RUN_FILES)


class Compare(ProgramTest):
    def figures(self):
        info = json.loads(self.run_program("info", "--json").stdout)
        return ["figure.png", "figure.svg"] if info["figures"] else []

    def test_one_seed(self):
        done = self.run_program("compare", "--data", PICTURE, *SMALL, "--optimizer", "esgd,adam",
                                "--epochs", "3", "--out", "o")
        wanted = [f"{run}/{file}" for run in ("adam-sine", "esgd-sine") for file in RUN_FILES]
        self.assertEqual(self.written("o"),
                         sorted(wanted + self.figures() + ["metrics.csv", "summary.json"]))
        self.assertIn("ESGD", done.stdout)
        with open(self.folder / "o" / "metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        first = {row["run"]: row["psnr"] for row in rows if row["step"] == "0"}
        self.assertEqual(set(first), {"esgd-sine", "adam-sine"})
        self.assertEqual(len(set(first.values())), 1, "they start from the same weights")

    def test_several_seeds(self):
        done = self.run_program("compare", "--data", PICTURE, *SMALL, "--optimizer", "adam",
                                "--activation", "sine,relu", "--seeds", "0,7", "--steps", "5",
                                "--out", "o")
        wanted = [f"seed-{seed}/{name}" for seed in (0, 7) for name in
                  [f"{run}/{file}" for run in ("adam-relu", "adam-sine") for file in RUN_FILES] +
                  self.figures()]
        self.assertEqual(self.written("o"),
                         sorted(wanted + self.figures() + ["metrics.csv", "summary.json"]))
        self.assertIn("± sd", done.stdout)
        self.assertIn("seed 7", done.stdout)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertEqual([run["run"] for run in summary["runs"]],
                         ["seed-0/adam-sine", "seed-0/adam-relu", "seed-7/adam-sine",
                          "seed-7/adam-relu"])
        self.assertEqual([run["seed"] for run in summary["runs"]], [0, 0, 7, 7])

    def test_a_diverging_run_does_not_stop_the_others(self):
        self.run_program("compare", "--data", PICTURE, *SMALL, "--activation", "relu",
                         "--optimizer", "sgd:lr=100,adam", "--epochs", "50", "--out", "o", code=1)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertEqual([run["status"] for run in summary["runs"]], ["diverged", "finished"])

    def test_more_runs_than_a_figure_holds_are_told(self):
        rates = ",".join(f"adam:lr=0.00{i}" for i in range(1, 10))
        done = self.run_program("compare", "--data", PICTURE, *SMALL, "--optimizer", rates,
                                "--steps", "2", "--out", "o")
        if self.figures():
            self.assertIn("8 of 9 runs", done.stderr)
        self.assertEqual(len(list((self.folder / "o").glob("*/summary.json"))), 9)

    def test_interruption_leaves_the_runs_that_were_made(self):
        with subprocess.Popen([PROGRAM, "compare", "--data", PICTURE, *SMALL, "--seconds", "3",
                               "--optimizer", "adam,sgd,esgd", "--out", "o"], cwd=self.folder,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 60
            while not (self.folder / "o/adam-sine/summary.json").exists():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1, errors)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertEqual([run["status"] for run in summary["runs"]], ["finished", "interrupted"])


class Others(ProgramTest):
    def test_render_draws_a_model_at_any_size(self):
        self.run_program("train", "--data", PICTURE, *SMALL, "--activation", "relu_pe", "--steps",
                         "20", "--out", "o")
        self.run_program("render", "--model", "o/model.safetensors", "--out", "same")
        self.assertEqual((self.folder / "same" / "render.png").read_bytes(),
                         (self.folder / "o" / "final.png").read_bytes())
        self.run_program("render", "--model", "o/model.safetensors", "--size", "60x31", "--out",
                         "large")
        self.assertEqual(png_size(self.folder / "large" / "render.png"), (60, 31))

    def test_fourier_frequencies_travel_with_the_weights(self):
        fourier = "relu:encoding=fourier:features=7:bandwidth=2:encoding_seed=3"
        self.run_program("train", "--data", PICTURE, *SMALL, "--activation", fourier, "--steps",
                         "20", "--out", "o")
        model = (self.folder / "o" / "model.safetensors").read_bytes()
        self.assertIn(b'"encoding.frequencies":{"dtype":"F32","shape":[7,2]', model)
        self.run_program("render", "--model", "o/model.safetensors", "--out", "same")
        picture = (self.folder / "o" / "final.png").read_bytes()
        self.assertEqual((self.folder / "same" / "render.png").read_bytes(), picture)
        # The file's own count, not those of a seed, which a file without a word of it is given.
        (self.folder / "silent.safetensors").write_bytes(
            model.replace(b'"activation":', b'"activatiom":'))
        self.run_program("render", "--model", "silent.safetensors", "--activation",
                         fourier.replace("seed=3", "seed=4"), "--size", "24x16", "--out", "other")
        self.assertEqual((self.folder / "other" / "render.png").read_bytes(), picture)

    def test_its_summary_is_a_configuration(self):
        self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "3", "--optimizer",
                         "adam:schedule=cosine", "--activation", "gaussian:sigma=0.5", "--quiet",
                         "--seed", "5", "--out", "o")
        self.same_again("o")

    def test_a_file_that_names_its_activation_keeps_it(self):
        self.run_program("train", "--data", PICTURE, *SMALL, "--activation", "sine:omega=20",
                         "--steps", "2", "--out", "o")
        model = "o/model.safetensors"
        for other in ("gaussian", "sine:omega=30"):
            said = self.refused(2, "render", "--model", model, "--activation", other)
            self.assertIn(other, said)
            self.assertIn("sine:omega=20", said)
        self.run_program("render", "--model", model, "--out", "own")
        for same in ("sine", "sine:omega=20"):
            self.run_program("render", "--model", model, "--activation", same, "--out", "same")
            self.assertEqual((self.folder / "same" / "render.png").read_bytes(),
                             (self.folder / "own" / "render.png").read_bytes())

    def test_verify_passes_and_fails(self):
        done = self.run_program("verify", "--fixtures", FIXTURES / "reference")
        files = list((FIXTURES / "reference").glob("*.json"))
        self.assertIn(f"{2 * len(files)} passed, 0 failed", done.stdout)
        name = "derivatives-mse-sine.json"
        reference = json.loads((FIXTURES / "reference" / name).read_text())
        reference["gradient"][0] += 1e-3
        (self.folder / name).write_text(json.dumps(reference))
        done = self.run_program("verify", "--fixtures", ".", code=1)
        self.assertIn("FAIL", done.stdout)
        rows = json.loads(self.run_program("verify", "--fixtures", ".", "--json", code=1).stdout)
        self.assertEqual([row["outcome"] for row in rows], ["FAIL", "FAIL"])

    def test_info(self):
        done = self.run_program("info")
        for word in ("esgd", "wavelet", "refresh_every", "threads", ".png", ".safetensors"):
            self.assertIn(word, done.stdout)
        info = json.loads(self.run_program("info", "--json").stdout)
        self.assertIn("image", info["tasks"])
        self.assertEqual(info["devices"][0]["id"], "cpu")
        esgd = next(o for o in info["optimizers"] if o["id"] == "esgd")
        self.assertIn("lr", [knob["id"] for knob in esgd["knobs"]])
        # The presets that follow the activation are said, as train uses them.
        run = json.loads(self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "1",
                                          "--optimizer", "esgd", "--json", "--out",
                                          "o").stdout)["runs"][0]
        knobs = {knob["id"]: knob["default"] for knob in esgd["knobs"]}
        self.assertEqual({**knobs, **esgd["presets"].get("sine", {})},
                         run["config"]["optimizer"]["knobs"])
        self.assertTrue(any(o["presets"] for o in info["optimizers"]))
        self.assertIsInstance(run["config"]["training"]["batch"], int)
        self.run_program("info", "--quiet")

    def test_help_and_version(self):
        self.assertIn("compare", self.run_program("--help").stdout)
        self.assertIn("--optimizer", self.run_program("compare", "--help").stdout)
        self.assertRegex(self.run_program("--version").stdout, r"^fieldscope \d+\.\d+")

    @unittest.skipIf(os.name != "posix", "needs a pseudo-terminal")
    def test_a_bar_on_a_terminal(self):
        import pty
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "train", "--data", PICTURE, *SMALL, "--seconds",
                                    "0.7", "--out", "o"], cwd=self.folder, stderr=slave,
                                   stdout=subprocess.DEVNULL)
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(master)
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertIn("━".encode(), shown)
        self.assertIn(b"steps/s", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), "the bar is taken away at the end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
