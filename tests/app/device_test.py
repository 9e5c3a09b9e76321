"""Devices from outside: without the CUDA library, with it but without a driver, and with GPUs (the
fake ones of tests/fake_cuda, so that it runs everywhere)."""

import ctypes
import json
import os
import pathlib
import subprocess
import unittest

from program import FIXTURES, PICTURE, PROGRAM, SMALL, ProgramTest

FAKE = os.environ["FIELDSCOPE_CUDA_FAKE"]
BUILT = os.environ.get("FIELDSCOPE_CUDA_BUILT")


def has_driver():
    try:
        ctypes.CDLL("libcuda.so.1")
        return True
    except OSError:
        return False


class NoCuda(ProgramTest):
    """What is the same whyever there is no GPU."""

    def starts_and_says(self, reason):
        info = self.run_program("info").stdout
        line = next(line for line in info.splitlines() if line.startswith("CUDA"))
        self.assertIn("not offered: ", line)
        self.assertIn(reason, line)
        self.assertIn("Devices      cpu: ", info)
        info = json.loads(self.run_program("info", "--json").stdout)
        self.assertEqual([d["id"] for d in info["devices"] if not d.get("problem")], ["cpu"])
        self.assertFalse(info["cuda"]["available"])
        self.assertIn(reason, info["cuda"]["reason"])
        for arguments in (["train", "--device", "cuda"], ["compare", "--device", "cuda:1"],
                          ["bench", "--device", "cuda"],
                          ["verify", "--fixtures", FIXTURES / "reference", "--device", "cuda"]):
            message = self.refused(4, *arguments)
            self.assertIn(reason, message)
            self.assertIn("use --device cpu", message)
        # Where nobody asks for a GPU, nothing is missing.
        summary = json.loads(self.run_program("train", "--data", PICTURE, *SMALL, "--steps", "2",
                                              "--device", "auto", "--json", "--out",
                                              "o").stdout)
        self.assertEqual(summary["config"]["device"], "cpu")
        self.assertEqual(summary["runs"][0]["config"]["device"], "cpu")


class LibraryAbsent(NoCuda):
    environment = {"FIELDSCOPE_CUDA_LIBRARY": "/nowhere/libfieldscope_cuda.so"}

    def test_it_starts_and_says_so(self):
        self.starts_and_says("'/nowhere/libfieldscope_cuda.so', which FIELDSCOPE_CUDA_LIBRARY "
                             "names, was not found")


class LibraryOfSomethingElse(NoCuda):
    def test_a_file_that_is_no_library(self):
        path = self.folder / "libfieldscope_cuda.so"
        path.write_text("not a library")
        self.environment = {"FIELDSCOPE_CUDA_LIBRARY": str(path)}
        self.starts_and_says("could not be opened")

    def test_a_library_that_is_not_ours(self):
        self.environment = {"FIELDSCOPE_CUDA_LIBRARY": self.other_library()}
        self.starts_and_says("belongs to another version of the program")

    def other_library(self):
        mapped = pathlib.Path("/proc/self/maps").read_text().split()
        return next(name for name in mapped if "/libc.so" in name or "/libc-" in name)


@unittest.skipIf(BUILT is None, "the CUDA library was not built: no nvcc")
class NoDriver(NoCuda):
    def setUp(self):
        super().setUp()
        if has_driver():
            self.skipTest("there is an NVIDIA driver")

    def test_the_library_is_not_even_opened(self):
        self.starts_and_says("no NVIDIA driver is installed")
        done = subprocess.run([PROGRAM, "info"], text=True, capture_output=True,
                              env={**os.environ, "LD_DEBUG": "libs"})
        self.assertNotIn("libcublas", done.stderr)

    def test_the_library_itself_finds_none(self):
        self.environment = {"FIELDSCOPE_CUDA_LIBRARY": BUILT}
        self.starts_and_says("no NVIDIA driver is installed")


class NoGpu(NoCuda):
    environment = {"FIELDSCOPE_CUDA_LIBRARY": FAKE, "FAKE_CUDA_DEVICES": "0"}

    def test_a_driver_without_a_gpu(self):
        self.starts_and_says("no NVIDIA GPU was found")


class OldGpu(NoCuda):
    environment = {"FIELDSCOPE_CUDA_LIBRARY": FAKE, "FAKE_CUDA_CAPABILITY": "61",
                   "FAKE_CUDA_DEVICES": "1"}

    def test_a_gpu_that_there_is_no_code_for(self):
        self.starts_and_says("Fake GPU 0: its compute capability is 6.1, this build needs 7.5")


class Program(unittest.TestCase):
    def test_nothing_of_cuda_is_linked(self):
        done = subprocess.run(["ldd", PROGRAM], text=True, capture_output=True)
        if done.returncode != 0:
            self.skipTest("no ldd here")
        for name in ("libcuda", "cublas", "cusolver", "nvrtc"):
            self.assertNotIn(name, done.stdout)


class StepsOfAGpu(ProgramTest):
    environment = {"FIELDSCOPE_CUDA_LIBRARY": FAKE, "FAKE_CUDA_COUNT": "1",
                   "FIELDSCOPE_CUDA_PASSES": "layers"}

    def counts(self, data, optimizer, steps):
        """Graphs that were launched, how often the host waited, what it handed over."""
        done = self.run_program("train", *data, "--optimizer", optimizer, "--steps", str(steps),
                                "--eval-every", "100", "--out", f"o{len(self.written())}")
        line = [x for x in done.stderr.splitlines() if x.startswith("fake CUDA: ")][0].split()
        return int(line[2]), int(line[4]), int(line[6])

    def of_more(self, steps, data, optimizer):
        few, many = (self.counts(data, optimizer, count) for count in (30, 30 + steps))
        return [b - a for a, b in zip(few, many)]

    def test_a_step_is_one_graph_and_waits_for_nothing(self):
        picture = ["--data", PICTURE, *SMALL]
        # Its evaluations are cut by the clock and wait once a slice, and in the end its surface is
        # drawn: more steps, to tell.
        mesh = ["--task", "occupancy", "--hidden", "16,16", "--batch", "256"]
        cases = [(30, picture, optimizer)
                 for optimizer in ("sgd", "adam", "esgd", "adahessian:lr=0.001", "sophia_h")]
        cases += [(400, mesh, optimizer) for optimizer in ("adam", "esgd")]
        for steps, data, optimizer in cases:
            with self.subTest(f"{data[1]}: {optimizer}"):
                graphs, waits, copies = self.of_more(steps, data, optimizer)
                self.assertEqual(graphs, steps)
                # Three a step: its loss is waited for when the next ones are on the way, and its slot.
                self.assertLess(waits, 3.5 * steps)
                # None in a step: what it learns from is drawn on the device.
                self.assertLess(copies, steps / 4)
        # This one reads numbers within its steps: the count sees that.
        self.assertGreater(self.of_more(30, picture, "lbfgs")[1], 3.5 * 30)


class WithGpus(ProgramTest):
    # Layer by layer: whole trainings on tensor cores that are imitated register by register would
    # take minutes. Fused passes are tested in tests/devices.
    environment = {"FIELDSCOPE_CUDA_LIBRARY": FAKE, "FAKE_CUDA_STRICT": "1",
                   "FAKE_CUDA_MEMORY": "256", "FIELDSCOPE_CUDA_PASSES": "layers"}

    def summary(self, verb, *arguments, **more):
        return json.loads(self.run_program(verb, "--data", PICTURE, *SMALL, *arguments, "--json",
                                           "--out", f"o{len(self.written())}", **more).stdout)

    def test_info_lists_them_with_their_memory(self):
        info = self.run_program("info").stdout
        self.assertIn("cuda:0: Fake GPU 0, 268 MB memory (268 MB free)", info)
        self.assertIn("cuda:1: Fake GPU 1", info)
        self.assertNotIn("not offered", info)
        info = json.loads(self.run_program("info", "--json").stdout)
        self.assertEqual([d["id"] for d in info["devices"]], ["cpu", "cuda:0", "cuda:1"])
        self.assertEqual(info["devices"][1]["memory_bytes"], 256 << 20)
        self.assertTrue(info["cuda"]["available"])

    def test_auto_takes_the_first(self):
        summary = self.summary("train", "--steps", "3")
        self.assertEqual(summary["config"]["device"], "cuda:0")
        self.assertIn("Fake GPU 0", summary["device"])
        self.assertEqual(summary["runs"][0]["config"]["device"], "cuda:0")

    def test_compare_agrees_with_the_cpu(self):
        arguments = ["--steps", "40", "--optimizer", "esgd,adam,sgd", "--precision", "f32"]
        gpu = self.summary("compare", *arguments, "--device", "cuda:1")
        cpu = self.summary("compare", *arguments, "--device", "cpu")
        self.assertEqual(gpu["runs"][0]["config"]["device"], "cuda:1")
        for a, b in zip(gpu["runs"], cpu["runs"]):
            self.assertAlmostEqual(a["final"]["psnr"], b["final"]["psnr"], delta=0.3)

    def test_precisions_side_by_side(self):
        arguments = ["--steps", "20", "--optimizer", "adam", "--precision", "f32,tf32,bf16"]
        psnrs = {}
        for device in ("cuda", "cpu"):
            runs = self.summary("compare", *arguments, "--device", device)["runs"]
            self.assertEqual([run["config"]["training"]["precision"] for run in runs], [0, 1, 2])
            self.assertEqual(runs[2]["label"], "Adam precision bf16")
            psnrs[device] = [run["final"]["psnr"] for run in runs]
            for psnr in psnrs[device]:
                self.assertAlmostEqual(psnr, psnrs[device][0], delta=0.3)
        self.assertEqual((len(set(psnrs["cuda"])), len(set(psnrs["cpu"]))), (3, 1))

    def test_verify(self):
        done = self.run_program("verify", "--fixtures", FIXTURES / "reference", "--device", "cuda")
        files = list((FIXTURES / "reference").glob("*.json"))
        self.assertIn(f"{2 * len(files)} passed, 0 failed", done.stdout)

    def test_render_gives_the_cpu_s_picture(self):
        self.summary("train", "--steps", "20", "--device", "cuda")
        model = next(self.folder.rglob("model.safetensors"))
        for device in ("cpu", "cuda"):
            self.run_program("render", "--model", model, "--device", device, "--out", device)
        self.assertEqual((self.folder / "cpu/render.png").read_bytes(),
                         (self.folder / "cuda/render.png").read_bytes())

    def test_bench(self):
        bench = json.loads(self.run_program(
            "bench", "--device", "cuda", "--hidden", "8,8", "--batch", "16", "--activation", "sine",
            "--workload", "inference,gradient,product,adam", "--repeats", "1", "--json",
            "--precision", "bf16", timeout=600).stdout)
        self.assertEqual(bench["precision"], "bf16")
        self.assertEqual(bench["device"], "Fake GPU 0")
        self.assertEqual(bench["peak"], "Matrix product")
        self.assertGreater(bench["peak_copy_gigabytes_per_second"], 0)
        self.assertTrue(all(row["ms"] > 0 for row in bench["rows"]))

    def test_a_device_that_is_not_there(self):
        message = self.refused(4, "train", "--device", "cuda:5")
        self.assertIn("cuda:0 (Fake GPU 0), cuda:1 (Fake GPU 1)", message)
        for name in ("cuda:", "cuda:x", "cuda:-1", "gpu", ""):
            self.refused(2, "train", "--device", name)

    def test_too_little_memory_is_said_with_the_numbers(self):
        message = self.refused(4, "train", "--data", PICTURE, "--device", "cuda", "--hidden",
                               "2048,2048,2048", "--out", "o")
        self.assertRegex(message, r"not enough memory on cuda:0 Fake GPU 0: the run needs [\d.]+ MB"
                                  r" \(weights .*, state of esgd .*, batch of 512 .*\), [\d.]+ MB "
                                  r"are free; use a smaller batch or network")


if __name__ == "__main__":
    unittest.main()
