#!/usr/bin/env python3
"""Fieldscope beside its peers: interleaved, round by round, best of several.

A round times, for each activation, `fieldscope bench`, the yardstick (a terse kernel that shows what
this machine can do) and PyTorch in three flavours: tuned as the yardstick's README says, untuned
with the OpenMP OpenBLAS, and as it comes. The order turns from round to round. The FMA peak is
measured by `fieldscope bench` all along. A peer that is not here is skipped by name.

Timed, on the network 2 -> 256 x4 -> 3 in float32:
  inference  the forward pass
  training   a whole Adam step (ours with sampling)
  product    a whole ESGD step with a Hessian product (ours: esgd:refresh_every=1; PyTorch, tuned
             only: the fastest of its ways, looked for in the first round)

Ratios are of arithmetic rates (GFLOP/s by one count for all). That is the ratio of times, except
for the wavelet: ours has two linear maps a layer, the peers' has one. 'relu' is, for all of them,
ReLU behind a positional encoding of 10 octaves. The peers keep denormal numbers, which narrow
Gaussians make by the million: PyTorch gets wide ones (--sigma 1), the yardstick, which has no such
choice, is left out there. The yardstick's time is its best single step over several tile sizes;
ours and PyTorch's are means over about 20 ms.

Run it on a quiet machine: `peers.py --memory --lion` is the whole comparison.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import peers_report

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared"
OPENMP_BLAS = pathlib.Path(f"/usr/lib/{os.uname().machine}-linux-gnu/openblas-openmp")

ACTIVATIONS = {"sine": "sine", "gaussian": "gaussian", "wavelet": "wavelet",
               "relu": "relu_pe:levels=10"}  # the peers' name: ours
WORKS = {"inference": "inference", "training": "adam", "product": "esgd:refresh_every=1"}
OURS_ALONE = {"bare product": "product", "rare product": "esgd:refresh_every=100"}
# Seconds a sample that a step may take, roughly: only to choose the number of steps.
EXPECTED = {"inference": 1.5e-6, "training": 5e-6, "product": 15e-6}


class Missing(Exception):
    """Why a peer cannot run here."""


def run(command, environment=None, folder=None):
    """What the command prints; Missing with its last line if it fails."""
    try:
        done = subprocess.run([str(word) for word in command], env=environment, cwd=folder,
                              text=True, capture_output=True, timeout=1800)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(str(error)) from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise Missing(f"{pathlib.Path(str(command[0])).name}: {lines[-1]}")
    return done.stdout


def plain_environment():
    """Without what may have tuned it."""
    tuned = re.compile("OMP_|OPENBLAS_|MKL_|KMP_|GOMP_|ATEN_|MALLOC_|LD_LIBRARY_PATH|LD_PRELOAD")
    return {name: value for name, value in os.environ.items() if not tuned.match(name)}


class Fieldscope:
    name = "fieldscope"

    def __init__(self, arguments):
        self.arguments = arguments
        if not os.access(arguments.program, os.X_OK):
            raise Missing(f"no program at {arguments.program}; build it or give --program")
        self.info = None

    def measure(self, activation, _round):
        works = {**WORKS, **OURS_ALONE}
        command = [self.arguments.program, "bench", "--json", "--quiet",
                   "--activation", ACTIVATIONS[activation],
                   "--batch", ",".join(map(str, self.arguments.batch)),
                   "--workload", ",".join(works.values()),
                   "--repeats", self.arguments.repeats, "--threads", self.arguments.threads]
        report = json.loads(run(command))
        self.info = {"version": report["version"], "machine": report["machine"]}
        named = {workload: work for work, workload in works.items()}
        peak = report["peak_gflops"]["best"]
        return [{"work": named[row["workload"]], "batch": row["batch"], "ms": row["ms"],
                 "median_ms": row["median_ms"], "paired_share": row["paired_share_of_peak"],
                 "flops": row["flops"], "peak": peak} for row in report["rows"]]


class Yardstick:
    name = "yardstick"
    MODES = {"inference": 0, "training": 1, "product": 2}
    TILES = (96, 128, 144)
    LINE = re.compile(r"best ([\d.]+) ms med ([\d.]+) ms")

    def __init__(self, arguments):
        self.arguments = arguments
        sources = arguments.yardstick
        if not (sources / "kern.cpp").is_file():
            raise Missing(f"no sources in {sources}")
        if not shutil.which("g++"):
            raise Missing("no g++")
        arguments.build.mkdir(parents=True, exist_ok=True)
        self.program = arguments.build / "yardstick"
        kernel = arguments.build / "kern.o"
        # As its README says; -I. because the kernels include themselves by name.
        run(["g++", "-std=c++17", "-O3", "-I.", "-c", "kern.cpp", "-o", kernel], folder=sources)
        run(["g++", "-std=c++17", "-O3", "-march=x86-64-v2", "-fopenmp", "main.cpp", kernel, "-o",
             self.program, "-lhwy"], folder=sources)

    def measure(self, activation, _round):
        rows = []
        if activation == "gaussian":  # its times would be those of denormals
            return rows
        for batch in self.arguments.batch:
            for work, mode in self.MODES.items():
                _, steps = steps_and_repeats(work, batch, self.arguments.seconds / 2)
                times = []
                for tile in self.TILES:
                    text = run([self.program, activation, mode, batch, tile,
                                self.arguments.threads, steps], plain_environment())
                    times.append(tuple(map(float, self.LINE.search(text).groups())))
                best, median = min(times)
                rows.append({"work": work, "batch": batch, "ms": best, "median_ms": median})
        return rows


def steps_and_repeats(work, batch, seconds):
    """Steps in a piece of about 20 ms, and pieces in that many seconds."""
    step = EXPECTED[work] * batch
    steps = max(1, round(0.02 / step))
    return steps, max(5, min(400, round(seconds / (steps * step))))


class Torch:
    """One flavour of PyTorch."""
    WORKLOADS = {"inference": "infer", "training": "adam", "product": "esgd"}
    MODES = [(mode, probe) for mode in ("double_backward", "functorch", "double_backward_trick")
             for probe in ("gaussian", "rademacher")]

    def __init__(self, arguments, name, environment):
        self.arguments, self.name = arguments, name
        self.tuned = name == "torch tuned"
        self.fastest = {}  # (mode, probe) by activation and batch
        self.environment = {**plain_environment(), **environment}
        if not arguments.torch_script.is_file():
            raise Missing(f"no script at {arguments.torch_script}")
        blas = environment.get("LD_LIBRARY_PATH")
        if blas and not pathlib.Path(blas).is_dir():
            raise Missing(f"no {blas} (package libopenblas0-openmp)")
        self.info = run([arguments.python, "-c", "import torch; print(torch.__version__)"],
                        self.environment).strip()

    def call(self, activation, work, batch, *more):
        seconds = self.arguments.seconds
        steps, repeats = steps_and_repeats(work, batch, seconds)
        if work == "inference":  # a step is a whole picture, in chunks
            more = (*more, "--side", 256)
            steps, repeats = 1, max(5, round(seconds / (EXPECTED[work] * 65536)))
        report = json.loads(run(
            [self.arguments.python, self.arguments.torch_script, "--activation", activation,
             "--workload", self.WORKLOADS[work], "--batch", batch, "--steps", steps,
             "--repeats", repeats, "--threads", self.arguments.threads, "--sigma", 1, *more],
            self.environment))
        pictures = 65536 / batch if work == "inference" else 1
        return {"work": work, "batch": batch, "ms": report["best_ms"] / pictures,
                "median_ms": report["median_ms"] / pictures}

    def product(self, activation, batch):
        """With the fastest way to a Hessian product."""
        def timed(mode, probe):
            row = self.call(activation, "product", batch, "--hvp-every", 1, "--hvp-mode", mode,
                            "--probe", probe)
            return {**row, "mode": f"{mode}, {probe}"}
        best = self.fastest.get((activation, batch))
        if best:
            return timed(*best)
        rows = [(timed(*choice), choice) for choice in self.MODES]
        row, self.fastest[activation, batch] = min(rows, key=lambda pair: pair[0]["ms"])
        return row

    def measure(self, activation, _round):
        rows = []
        for batch in self.arguments.batch:
            if batch <= 65536:
                rows.append(self.call(activation, "inference", batch))
            rows.append(self.call(activation, "training", batch))
            if self.tuned:
                rows.append(self.product(activation, batch))
        return rows


def torch_flavours(threads):
    openmp = {"LD_LIBRARY_PATH": str(OPENMP_BLAS)}
    tuned = {**openmp, "OMP_NUM_THREADS": str(threads), "MALLOC_MMAP_MAX_": "0",
             "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "536870912"}
    if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
        tuned.update(OPENBLAS_CORETYPE="SkylakeX", ATEN_CPU_CAPABILITY="avx512")
    return {"torch tuned": tuned, "torch openmp": openmp, "torch plain": {}}


def measured_child(command, folder):
    """Seconds and peak resident MB of a program of ours."""
    begin = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], cwd=folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = child.stderr.read().decode(errors="replace").strip()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode != 0:
        raise Missing(message.splitlines()[-1] if message else f"exit {child.returncode}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024 / 1e6


def measure_memory(arguments, folder):
    """Peak resident MB of training the paper's network at batch 65536, by run."""
    peaks = {}
    for activation in ("sine", "wavelet"):
        for optimizer in ("adam", "esgd"):
            _, peaks[f"{optimizer}, {activation}"] = measured_child(
                [arguments.program, "train", "--batch", 65536, "--size", "256x256", "--steps", 4,
                 "--activation", activation, "--optimizer", optimizer, "--quiet", "--threads",
                 arguments.threads, "--out", "memory"], folder)
    return peaks


def measure_lion(arguments, folder):
    """Seconds of the built-in question: the lion, wavelet, both optimizers, ten epochs each."""
    if not arguments.lion_image.is_file():
        raise Missing(f"no picture at {arguments.lion_image}")
    return min(measured_child(
        [arguments.program, "compare", "--data", arguments.lion_image, "--size", "256x256",
         "--activation", "wavelet", "--optimizer", "adam,esgd", "--epochs", 10, "--quiet",
         "--threads", arguments.threads, "--out", "lion"], folder)[0] for _ in range(2))


def listed(choices):
    def read(text):
        items = list(choices) if text == "all" else text.split(",")
        unknown = [item for item in items if item not in choices]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r}: choose from {', '.join(choices)}")
        return items
    return read


def whole_numbers(text):
    numbers = [int(item) for item in text.split(",")]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError("give positive numbers")
    return numbers


def parse(arguments=None):
    peers = ["yardstick", *torch_flavours(1)]
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "fieldscope")
    add("--yardstick", type=pathlib.Path, default=SHARED / "yardstick" / "cpu", metavar="DIR",
        help="its sources (%(default)s)")
    add("--torch-script", type=pathlib.Path, metavar="FILE",
        default=SHARED / "yardstick" / "pytorch" / "bench_torch.py")
    add("--python", default="/usr/bin/python3", help="the one that has PyTorch (%(default)s)")
    add("--build", type=pathlib.Path, default=ROOT / "build" / "peers", metavar="DIR",
        help="where the yardstick is built (%(default)s)")
    add("--skip", type=listed(peers), default=[], metavar="PEER,...", help=", ".join(peers))
    add("--activation", type=listed(ACTIVATIONS), default=list(ACTIVATIONS), metavar="A,...",
        help=f"of {', '.join(ACTIVATIONS)} (all)")
    add("--batch", type=whole_numbers, default=[512, 16384], metavar="N,...")
    add("--rounds", type=int, default=3)
    add("--repeats", type=int, default=15, help="pieces of each of our workloads a round (15)")
    add("--seconds", type=float, default=1.0, help="time of a peer's workload in a round (1)")
    add("--threads", type=int, default=os.cpu_count(), help="(%(default)s)")
    add("--memory", action="store_true", help="also the memory of training at batch 65536")
    add("--lion", action="store_true", help="also the time of the lion's comparison")
    add("--lion-image", type=pathlib.Path, metavar="FILE",
        default=SHARED / "data" / "image" / "div2k512_14.png")
    add("--json", type=pathlib.Path, metavar="FILE", help="everything measured, for scripts")
    return parser.parse_args(arguments)


def contenders(arguments, skipped):
    """Those that are here. Ours must be."""
    found = [Fieldscope(arguments)]
    makers = {"yardstick": lambda: Yardstick(arguments)}
    for name, environment in torch_flavours(arguments.threads).items():
        makers[name] = lambda name=name, environment=environment: Torch(arguments, name,
                                                                        environment)
    for name, make in makers.items():
        try:
            if name in arguments.skip:
                raise Missing("not wanted")
            found.append(make())
        except Missing as reason:
            skipped[name] = str(reason)
    return found


def measure_rounds(arguments, found, skipped):
    records = []
    for turn in range(arguments.rounds):
        for activation in arguments.activation:
            order = found[turn % len(found):] + found[:turn % len(found)]
            for contender in [c for c in order if c.name not in skipped]:
                print(f"round {turn + 1} of {arguments.rounds}: {activation}, {contender.name}",
                      file=sys.stderr, flush=True)
                try:
                    rows = contender.measure(activation, turn)
                except Missing as reason:
                    if contender.name == Fieldscope.name:
                        raise
                    skipped[contender.name] = str(reason)
                    continue
                records += [{"round": turn, "contender": contender.name, "activation": activation,
                             **row} for row in rows]
    return records


def main():
    arguments = parse()
    skipped, extras = {}, {}
    try:
        found = contenders(arguments, skipped)
        load = os.getloadavg()[0]
        records = measure_rounds(arguments, found, skipped)
    except Missing as reason:
        print(f"peers: {reason}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fieldscope-peers-") as folder:
        for name, wanted, measure in (("memory_mb", arguments.memory, measure_memory),
                                      ("lion_seconds", arguments.lion, measure_lion)):
            try:
                if wanted:
                    extras[name] = measure(arguments, folder)
            except Missing as reason:
                skipped[name] = str(reason)
    document = {"fieldscope": found[0].info, "load_before": load, "threads": arguments.threads,
                "torch": next((c.info for c in found if isinstance(c, Torch)), None),
                "skipped": skipped, "records": records, **extras}
    document["targets"] = peers_report.targets(records, extras)
    if arguments.json:
        arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    print(peers_report.text(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
