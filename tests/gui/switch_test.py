"""Optimizer, activation and knobs change mid-run: marked on the curves, from the same weights."""

from window import Window

with Window() as w:
    w.wait("Adam has learned something",
           lambda r: r["runs"][1]["step"] > 150 and len(r["runs"][1]["loss_curve"]) > 20, 120)
    w.click("run.2.pause" if "run.2.pause" in w.report()["widgets"] else "run.2")
    w.click("toolbar.pause")
    w.wait("both runs are paused", lambda r: all(x["status"] == "paused" for x in r["runs"]))
    at = w.run(2)["step"]
    learned = w.run(2)["loss_curve"][-1][1]
    start = w.run(2)["loss_curve"][0][1]

    # The optimizer, by its menu.
    w.click("run.2.optimizer")
    w.click("run.2.optimizer.menu.esgd")
    w.click("toolbar.pause")
    w.wait("the second run is ESGD now and goes on",
           lambda r: r["runs"][1]["optimizer"] == "esgd" and r["runs"][1]["step"] > at + 2)
    run = w.run(2)
    marks = [event for event in run["events"] if "ESGD" in event["label"]]
    assert len(marks) == 1 and abs(marks[0]["step"] - at) <= 1, (at, run["events"])
    after = [loss for step, loss in run["loss_curve"] if step > at][:1] or [run["loss"]]
    # From the same weights: the loss goes on near where it was, far below where learning began.
    assert after[0] < learned + 0.5 * (start - learned), (start, learned, after)

    preset = run["knobs"]["lr"]
    # A knob, typed: takes effect and leaves a mark. A value out of range is not taken.
    w.type_into_knob("run.2.optimizer.lr", "0.05")
    w.wait("the learning rate is 0.05", lambda r: r["runs"][1]["knobs"]["lr"] == 0.05)
    w.wait("a mark tells", lambda r: any("0.05" in e["label"] for e in r["runs"][1]["events"]))
    optimizers = [run["optimizer"] for run in w.runs()]
    for wrong in ("-3", "nan", "0.1.2", ""):
        w.click("run.2.optimizer.lr", x=0.3)
        w.key("ctrl+a")
        w.key("BackSpace")
        w.type(wrong)
        w.key("Return")
        # The field stays and takes the keys, which would be shortcuts otherwise: 1 selects a run,
        # and this one's knobs would be gone.
        w.type("1")
        w.key("Escape")
        w.wait("the field is left", lambda r: "run.2.optimizer.lr" in r["widgets"])
        assert w.run(2)["knobs"]["lr"] == 0.05, (wrong, w.run(2)["knobs"])
    assert [run["optimizer"] for run in w.runs()] == optimizers
    # A wrong value corrected, as people write it.
    w.click("run.2.optimizer.lr", x=0.3)
    w.key("ctrl+a")
    w.type("nan")
    w.key("Return")
    w.key("ctrl+a")
    w.type(" +0,2")
    w.key("Return")
    w.wait("a decimal comma is understood", lambda r: r["runs"][1]["knobs"]["lr"] == 0.2)
    # Tab decides as Enter does.
    w.click("run.2.optimizer.lr", x=0.3)
    w.key("ctrl+a")
    w.type("0.3")
    w.key("Tab")
    w.wait("Tab took the value", lambda r: r["runs"][1]["knobs"]["lr"] == 0.3)
    # The dot beside it restores the preset.
    w.click("run.2.optimizer.lr.restore")
    w.wait("the preset is back", lambda r: r["runs"][1]["knobs"]["lr"] == preset)

    # A knob, dragged.
    before = w.run(2)["training"]["batch"]
    w.drag("run.2.training.batch", (0.5, 0.5), (0.25, 0.5))
    w.wait("the batch changed", lambda r: r["runs"][1]["training"]["batch"] != before)

    # The activation.
    w.click("run.2.activation")
    w.click("run.2.activation.menu.gaussian")
    w.wait("the activation is gaussian", lambda r: r["runs"][1]["activation"] == "gaussian")
    at = w.run(2)["step"]
    w.wait("it trains on", lambda r: r["runs"][1]["step"] > at or r["runs"][1]["status"] == "diverged")
    assert any("aussian" in e["label"] for e in w.run(2)["events"]), w.run(2)["events"]

    # The other run was not touched.
    assert w.run(1)["optimizer"] == "esgd" and w.run(1)["events"] == [], w.run(1)["events"]
    w.close()
print("switches take effect mid-run and are marked")
