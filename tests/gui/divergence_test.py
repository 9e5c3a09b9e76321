"""An absurd learning rate stops its run alone; the tile offers the way back; costs are shown."""

import math
import os
import subprocess

from window import Window

with Window("--hidden", "64,64") as w:
    w.wait("both runs train", lambda r: all(run["step"] > 30 for run in r["runs"]), 90)

    # What an optimizer costs: Adam keeps two numbers a weight, each step takes one gradient; ESGD
    # takes a Hessian product now and then.
    report = w.wait("costs are known", lambda r: r["runs"][0]["gradients_per_step"])
    esgd, adam = report["runs"]
    assert adam["optimizer"] == "adam" and adam["gradients_per_step"] == 1, adam
    assert esgd["optimizer"] == "esgd" and 1 < esgd["gradients_per_step"] < 7, esgd
    parameters = adam["state_bytes"] // 8
    assert parameters > 1000 and adam["state_bytes"] == 8 * parameters, adam["state_bytes"]
    assert esgd["state_bytes"] >= adam["state_bytes"], esgd["state_bytes"]
    w.key("2")
    w.wait("its card says so", lambda r: "run.2.cost" in r["widgets"])

    # The second run becomes SGD and trains, then its rate becomes absurd.
    w.click("run.2.optimizer")
    w.click("run.2.optimizer.menu.sgd")
    at = w.run(2)["step"]
    w.wait("SGD trains", lambda r: r["runs"][1]["optimizer"] == "sgd"
           and r["runs"][1]["step"] > at + 30, 60)
    before = w.run(2)
    absurd = 100
    w.type_into_knob("run.2.optimizer.lr", str(absurd))
    report = w.wait("the run diverged", lambda r: r["runs"][1]["status"] == "diverged")
    run = report["runs"][1]
    assert run["message"].startswith("diverged at step %d, loss " % run["step"]), run["message"]
    assert run["loss_curve"], "the curve is kept"
    assert run["kept_step"] <= run["step"] and run["kept_loss"] < 1, run

    # The other goes on meanwhile.
    steps = report["runs"][0]["step"]
    w.wait("the other run goes on", lambda r: r["runs"][0]["step"] > steps + 20, 60)
    assert w.run(2)["status"] == "diverged" and w.run(2)["step"] == run["step"]

    # The offer: a tenth of the rate, from weights that are none of the ruined ones. As often as it
    # takes.
    rate = absurd
    while True:
        w.click("tile.2.go_back")
        rate /= 10
        report = w.wait("it went on at a tenth of the rate",
                        lambda r: math.isclose(r["runs"][1]["knobs"]["lr"], rate)
                        and (r["runs"][1]["status"] == "diverged"
                             or r["runs"][1]["step"] > run["step"] + 50), 60)
        if report["runs"][1]["status"] != "diverged":
            break
        run = report["runs"][1]
        assert rate > before["knobs"]["lr"], "it diverges even at its preset"
    after = report["runs"][1]
    assert after["loss"] is not None and after["loss"] < 1, after["loss"]
    assert "tile.2.go_back" not in report["widgets"], "the offer is gone"
    assert any("back to step" in e["label"] for e in after["events"]), after["events"]

    # A smaller rate typed into the knob goes back as well, and so does another optimizer.
    for change in ("rate", "optimizer"):
        w.type_into_knob("run.2.optimizer.lr", str(absurd))
        ruined = w.wait("it diverged again", lambda r: r["runs"][1]["status"] == "diverged")["runs"][1]
        if change == "rate":
            w.type_into_knob("run.2.optimizer.lr", str(rate))
        else:
            w.click("run.2.optimizer")
            w.click("run.2.optimizer.menu.adam")
        after = w.wait("it goes on after another " + change,
                       lambda r: r["runs"][1]["step"] > ruined["step"] + 20, 60)["runs"][1]
        assert after["loss"] is not None and after["loss"] < 1, after["loss"]
        assert after["events"][-1]["label"].startswith("back to step"), after["events"]

    # All of it replays, bit by bit.
    w.key("space")
    w.wait("paused", lambda r: all(run["status"] == "paused" for run in r["runs"]))
    w.key("ctrl+s")
    saved = w.wait_for_toast("Experiment saved", timeout=60).split(": ", 1)[1]
    subprocess.run([os.environ["FIELDSCOPE"], "replay", saved.replace("~", w.home, 1)], check=True)
    w.close()
print("a diverged run goes back and on, the other was not disturbed")
