"""Tables and targets from what peers.py measured. No measuring here."""

import statistics

OURS = "fieldscope"
PEERS = ("yardstick", "torch tuned", "torch openmp", "torch plain")
WORKS = ("inference", "training", "product")


def flops(work, activation, ours):
    """Of one sample in the matrix products of 2 -> 256 x4 -> 3, as `fieldscope bench` counts them:
    1, 3 and 9 products a linear map for inference, gradient and gradient with Hessian product; the
    first map, whose input needs no derivative, has 1, 2 and 4."""
    maps = 2 if activation == "wavelet" and ours else 1
    features = 42 if activation == "relu" else 2
    first, others = maps * features * 256, maps * 3 * 256 * 256 + 256 * 3
    if work == "inference":
        return 2 * (first + others)
    if work == "training":
        return 2 * (2 * first + 3 * others)
    if work == "rare product":
        return (flops("product", activation, ours) + 99 * flops("training", activation, ours)) / 100
    return 2 * (4 * first + 9 * others)


def rate(record):
    """GFLOP/s."""
    each = flops(record["work"], record["activation"], record["contender"] == OURS)
    return each * record["batch"] / record["ms"] / 1e6


def chosen(records, **what):
    return [r for r in records if all(r[key] == value for key, value in what.items())]


def best_rate(records, **what):
    return max((rate(r) for r in chosen(records, **what)), default=None)


def peak(records):
    """The best FMA peak of all rounds, GFLOP/s."""
    return max((r["peak"] for r in records if "peak" in r), default=None)


def ratio(records, peer, **what):
    """How many times the peer's rate ours is: (best against best, median of the rounds)."""
    ours, theirs = (best_rate(records, contender=name, **what) for name in (OURS, peer))
    if not ours or not theirs:
        return None
    rounds = []
    for turn in sorted({r["round"] for r in records}):
        pair = [best_rate(records, contender=name, round=turn, **what) for name in (OURS, peer)]
        if all(pair):
            rounds.append(pair[0] / pair[1])
    return ours / theirs, statistics.median(rounds) if rounds else None


def targets(records, extras):
    """What was asked for: a list of {what, value, wanted, met}; what was not measured is left
    out."""
    top = peak(records)
    found = []

    def add(what, value, wanted, at_most=False):
        if value is not None:
            found.append({"what": what, "value": value, "wanted": wanted, "at_most": at_most,
                          "met": value <= wanted if at_most else value >= wanted})

    def share(work, batch):
        best = best_rate(records, contender=OURS, work=work, batch=batch, activation="sine")
        return best / top if best and top else None

    def against(peer, work, batch):
        both = ratio(records, peer, work=work, batch=batch, activation="sine")
        return both[0] if both else None

    add("sine, batch 16384: gradient + Adam, share of peak", share("training", 16384), 0.85)
    add("sine, batch 16384: gradient + Hv, share of peak", share("bare product", 16384), 0.85)
    for work in ("training", "product"):
        add(f"sine, batch 16384: {work} against the yardstick",
            against("yardstick", work, 16384), 0.97)
    add("sine, batch 512: training step with sampling, share of peak", share("training", 512), 0.70)
    steps = [min((r["ms"] for r in chosen(records, contender=OURS, work=work, batch=512,
                                          activation="sine")), default=None)
             for work in ("rare product", "training")]
    if all(steps):
        add("sine, batch 512: time of ESGD every 100 against Adam", steps[0] / steps[1], 1.04, True)
    for work, batch, wanted in (("training", 16384, 1.9), ("training", 512, 1.5),
                                ("product", 16384, 1.9), ("product", 512, 1.4),
                                ("inference", 16384, 1.8), ("inference", 512, 1.8)):
        add(f"sine, batch {batch}: {work} against tuned PyTorch",
            against("torch tuned", work, batch), wanted)
    for peer in ("torch openmp", "torch plain"):
        for batch in (16384, 512):
            add(f"sine, batch {batch}: training against {peer}",
                against(peer, "training", batch), 3.0)
    sine = best_rate(records, contender=OURS, work="training", batch=16384, activation="sine")
    for activation in sorted({r["activation"] for r in records} - {"sine"}):
        other = best_rate(records, contender=OURS, work="training", batch=16384,
                          activation=activation)
        if sine and other:
            add(f"{activation}, batch 16384: rate of training against sine", other / sine, 0.92)
    for run, megabytes in extras.get("memory_mb", {}).items():
        add(f"memory at batch 65536, MB: {run}", megabytes, 150, True)
    add("lion, wavelet, 10 epochs, both optimizers, s", extras.get("lion_seconds"), 14, True)
    return found


def table(rows):
    """Columns aligned: the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in rows)


def speed_rows(records, activation, batch):
    """One contender a row; the first row is the heading."""
    top = peak(records)
    yield [f"{activation}, batch {batch}",
           *(cell for work in WORKS for cell in (f"{work}: ms", "of peak", "ratio", "rounds"))]
    for contender in (OURS, *PEERS):
        row = [f"  {contender}"]
        for work in WORKS:
            what = {"activation": activation, "batch": batch, "work": work}
            best = min(chosen(records, contender=contender, **what), key=lambda r: r["ms"],
                       default=None)
            both = ratio(records, contender, **what)
            row += ["", ""] if best is None else [f"{best['ms']:.3f}",
                                                  f"{100 * rate(best) / top:.1f}%"]
            row += ["", ""] if both is None or contender == OURS else [f"{x:.2f}" for x in both]
        if any(row[1:]):
            yield row


def alone_rows(records):
    """What only we do."""
    top = peak(records)
    yield ["fieldscope alone", "ms", "of peak"]
    for record in {(r["activation"], r["batch"], r["work"]): None for r in records
                   if r["work"] not in WORKS}:
        activation, batch, work = record
        best = min(chosen(records, activation=activation, batch=batch, work=work),
                   key=lambda r: r["ms"])
        yield [f"  {activation}, batch {batch}: {work}", f"{best['ms']:.3f}",
               f"{100 * rate(best) / top:.1f}%"]


def text(document):
    records = document["records"]
    lines = []
    if document["fieldscope"]:
        machine = document["fieldscope"]["machine"]
        lines.append(f"{machine['name']}, {machine['simd']}, {document['threads']} threads; load "
                     f"before: {document['load_before']:.2f}; PyTorch {document['torch'] or '-'}")
    rounds = {}
    for record in chosen(records, contender=OURS):
        rounds[record["round"]] = max(rounds.get(record["round"], 0), record["peak"])
    lines.append(f"FMA peak {peak(records):.1f} GFLOP/s; by round: "
                 + ", ".join(f"{rounds[turn]:.1f}" for turn in sorted(rounds)))
    lines += [f"skipped: {name}: {reason}" for name, reason in document["skipped"].items()]
    for activation in dict.fromkeys(r["activation"] for r in records):
        for batch in sorted({r["batch"] for r in records}):
            lines += ["", table(list(speed_rows(records, activation, batch)))]
    lines += ["", table(list(alone_rows(records))), "",
              "ms: the best. of peak: against the best peak of all rounds. ratio: our rate against "
              "theirs, best against best;", "rounds: the median of the rounds' own ratios. "
              "wavelet: two maps a layer against one, compared by arithmetic rate."]
    modes = sorted({(r["activation"], r["batch"], r["mode"]) for r in records if "mode" in r})
    for activation, batch, mode in modes:
        lines.append(f"PyTorch's Hessian product, {activation}, {batch}: {mode}")
    if not document["targets"]:
        return "\n".join(lines)
    lines.append("")
    rows = [["Targets", "measured", "wanted", ""]]
    for target in document["targets"]:
        sign = "at most" if target["at_most"] else "at least"
        rows.append([f"  {target['what']}", f"{target['value']:.3f}",
                     f"{sign} {target['wanted']:g}", "met" if target["met"] else "SHORT"])
    lines.append(table(rows))
    return "\n".join(lines)
