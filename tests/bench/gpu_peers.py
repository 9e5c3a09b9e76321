#!/usr/bin/env python3
"""Fieldscope beside PyTorch on the same GPU: interleaved, round by round, best of several.

A round times `fieldscope bench --device cuda` in every precision and PyTorch in every variant that
gpu_torch.py knows (eager, compiled, as a CUDA graph, both), in float32 and with tf32 products. The
order turns from round to round. What is not here or fails is left out by name. Network 2 -> 256 x4 -> 3, sine.

  inference  the forward pass          training  a whole Adam step, sampling included
  product    a whole ESGD step that refreshes its curvature

Our bench also measures what the GPU can do at best (a large matrix product, a large copy).
"""

import argparse
import json
import pathlib
import sys

import peers

CHILD = pathlib.Path(__file__).with_name("gpu_torch.py")
PRECISIONS = ("f32", "tf32", "bf16")
VARIANTS = ("eager", "compile", "graph", "compiled graph")
WORKS = {"inference": "inference", "training": "adam", "product": "esgd:refresh_every=1"}
# What was asked for on an H100 (ms): a training step of 512 samples.
WANTED_MS, WANTED_RATIO = 0.080, 3.0


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--program", type=pathlib.Path, default=peers.ROOT / "build" / "release" / "fieldscope")
    add("--python", default=sys.executable, help="the one that has PyTorch (%(default)s)")
    add("--device", default="cuda", help="of both (%(default)s)")
    add("--precision", type=peers.listed(PRECISIONS), default=list(PRECISIONS), metavar="P,...",
        help="of ours, on a GPU")
    add("--variant", type=peers.listed(VARIANTS), default=list(VARIANTS), metavar="V,...")
    add("--work", type=peers.listed(WORKS), default=list(WORKS), metavar="W,...")
    add("--batch", type=peers.whole_numbers, default=[512, 65536], metavar="N,...")
    add("--rounds", type=int, default=2)
    add("--seconds", type=float, default=0.5, help="time of a peer's workload in a round")
    add("--json", type=pathlib.Path, metavar="FILE", help="everything measured, for scripts")
    return parser.parse_args(arguments)


def ours(arguments, precision):
    report = json.loads(peers.run(
        [arguments.program, "bench", "--json", "--quiet", "--device", arguments.device,
         "--precision", precision, "--activation", "sine", "--batch", ",".join(map(str, arguments.batch)),
         "--workload", ",".join(WORKS[work] for work in arguments.work), "--repeats", 15]))
    named = {workload: work for work, workload in WORKS.items()}
    machine = {"device": report["device"], "peak_gflops": report["peak_gflops"]["best"],
               "copy_gigabytes_per_second": report.get("peak_copy_gigabytes_per_second")}
    return machine, [{"contender": "fieldscope " + precision, "work": named[row["workload"]],
                      "batch": row["batch"], "ms": row["ms"], "median_ms": row["median_ms"],
                      "share_of_peak": row["share_of_peak"]} for row in report["rows"]]


def torch_once(arguments, variant, tf32):
    """One variant at everything; what fails is told, once, in `row["failed"]`."""
    name = f"torch {variant}{', tf32' if tf32 else ''}"
    rows = []
    for batch in arguments.batch:
        for work in arguments.work:
            row = {"contender": name, "work": work, "batch": batch}
            command = [arguments.python, CHILD, "--variant", variant, "--work", work, "--batch",
                       batch, "--seconds", arguments.seconds, "--device", arguments.device]
            try:
                row.update(json.loads(peers.run(command + (["--tf32"] if tf32 else []))))
            except peers.Missing as reason:
                row["failed"] = str(reason)
            rows.append(row)
    return rows


def measure(arguments):
    precisions = ["f32"] if arguments.device == "cpu" else arguments.precision
    our_calls = [lambda p=precision: ours(arguments, p) for precision in precisions]
    peer_calls = [lambda v=variant, t=tf32: torch_once(arguments, v, t)
                  for variant in arguments.variant for tf32 in (False, True)]
    machine, records = {}, []
    for turn in range(arguments.rounds):
        calls = our_calls + peer_calls
        for call in calls[turn % len(calls):] + calls[:turn % len(calls)]:
            if call in our_calls:
                machine, rows = call()
            else:
                rows = call()
            print(f"round {turn + 1} of {arguments.rounds}: {rows[0]['contender']}",
                  file=sys.stderr, flush=True)
            records += rows
    return machine, records


def is_ours(record):
    return record["contender"].startswith("fieldscope")


def best(records, **what):
    """The fastest record of these, or None."""
    fitting = [r for r in records if "ms" in r and all(r[k] == v for k, v in what.items())]
    return min(fitting, key=lambda r: r["ms"], default=None)


def text(machine, records):
    """A table for each workload and batch, and what was asked for."""
    copy = machine.get("copy_gigabytes_per_second")
    lines = [f"{machine['device']}: matrix product {machine['peak_gflops']:.0f} GFLOP/s"
             + (f", copy {copy:.0f} GB/s" if copy else ""), ""]
    contenders = list(dict.fromkeys(r["contender"] for r in records))
    for batch in sorted({r["batch"] for r in records}):
        for work in dict.fromkeys(r["work"] for r in records):
            of_ours = best(filter(is_ours, records), work=work, batch=batch)
            lines.append(f"{work}, batch {batch}")
            for name in contenders:
                row = best(records, contender=name, work=work, batch=batch)
                if row is None:
                    failed = [r["failed"] for r in records if "failed" in r and r["contender"] ==
                              name and r["work"] == work and r["batch"] == batch]
                    lines.append(f"  {name:28} {failed[0] if failed else 'not measured'}")
                    continue
                ratio = f"{row['ms'] / of_ours['ms']:8.2f} x our best" if of_ours else ""
                lines.append(f"  {name:28} {row['ms']:10.4f} ms {ratio}")
    ours_512 = best(filter(is_ours, records), work="training", batch=512)
    peer_512 = best([r for r in records if not is_ours(r)], work="training", batch=512)
    if ours_512:
        lines += ["", f"asked for: a training step of 512 in {WANTED_MS} ms: {ours_512['ms']:.4f} "
                      f"({ours_512['contender']})"]
    if ours_512 and peer_512:
        lines.append(f"asked for: {WANTED_RATIO:g} times the best PyTorch: "
                     f"{peer_512['ms'] / ours_512['ms']:.2f} ({peer_512['contender']})")
    return "\n".join(lines)


def main():
    arguments = parse()
    try:
        machine, records = measure(arguments)
    except peers.Missing as reason:
        print(f"gpu_peers: {reason}", file=sys.stderr)
        return 1
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "records": records}, indent=2))
    print(text(machine, records))
    return 0


if __name__ == "__main__":
    sys.exit(main())
