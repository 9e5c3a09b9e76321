"""Runs are added, forked, duplicated, coloured, removed and brought back; views, zoom and theme."""

import time

from window import Window

with Window() as w:
    w.wait("both runs train", lambda r: all(run["step"] > 20 for run in r["runs"]), 90)

    # Fork: same weights, so it starts at the parent's step, with another optimizer.
    w.key("2")
    w.wait("Adam is selected", lambda r: r["runs"][1]["selected"])
    w.click("run.2.fork")
    w.click("run.2.fork.sgd")
    report = w.wait("there is a third run", lambda r: len(r["runs"]) == 3)
    report = w.wait("it has started", lambda r: r["runs"][2]["status"] != "starting")
    assert report["runs"][2]["optimizer"] == "sgd" and report["runs"][2]["step"] > 20, report["runs"][2]
    assert any("fork" in e["label"] for e in report["runs"][2]["events"]), report["runs"][2]["events"]

    # Remove and undo.
    w.wait("the new run is selected", lambda r: r["runs"][2]["selected"])
    w.click("run.3.remove")
    w.wait("two runs are left", lambda r: len(r["runs"]) == 2)
    w.key("ctrl+z")
    w.wait("it is back", lambda r: len(r["runs"]) == 3 and r["runs"][2]["optimizer"] == "sgd")
    w.click("run.3")
    w.click("run.3.remove")
    w.wait("two runs are left", lambda r: len(r["runs"]) == 2)

    # Duplicate starts again from the initial weights.
    w.key("2")
    w.click("run.2.duplicate")
    report = w.wait("a duplicate of Adam trains",
                    lambda r: len(r["runs"]) == 3 and r["runs"][2]["step"] > 0)
    assert report["runs"][2]["optimizer"] == "adam"
    assert report["runs"][2]["step"] < report["runs"][1]["step"]
    assert len({run["colour"] for run in report["runs"]}) == 3, "two runs share a colour"

    # New run by key, colour by menu.
    w.key("n")
    w.click("runs.new.esgd")
    w.wait("four runs", lambda r: len(r["runs"]) == 4)
    w.click("run.4.colour")
    w.click("run.4.colour.7")
    w.wait("it is grey", lambda r: r["runs"][3]["colour"] == 7)

    # Pausing one run leaves the others running.
    w.key("1")
    w.click("run.1.pause")
    w.wait("the first run is paused", lambda r: r["runs"][0]["status"] == "paused")
    steps = [run["step"] for run in w.runs()]
    report = w.wait("the others go on", lambda r: r["runs"][1]["step"] > steps[1] + 3)
    assert report["runs"][0]["step"] == w.run(1)["step"]

    # Views.
    w.click("view.mode.1")
    w.wait("absolute error", lambda r: r["view"] == "Absolute error")
    w.key("v")
    w.wait("signed error", lambda r: r["view"] == "Signed error")
    w.key("v")
    w.wait("against a run", lambda r: r["view"] == "Against a run")
    w.click("view.mode.0")
    w.key("g")
    w.wait("ground truth in place", lambda r: r["show_truth"])
    w.key("g")

    # The wheel zooms, 0 fits.
    w.move("tile.1", 0.3, 0.3)
    w.xdotool("click", "--repeat", 5, "--delay", 60, 4)
    w.wait("the pictures are zoomed", lambda r: r["zoom"] > 1.5)
    w.key("0")
    w.wait("they fit", lambda r: r["zoom"] == 1)

    # One tile fills the centre, and gives it back.
    w.double_click("tile.2")
    w.wait("a tile fills the centre", lambda r: r["full_tile"] == 2)
    w.key("f")
    w.wait("all tiles again", lambda r: r["full_tile"] == -1)

    # Axes, theme, scale, help.
    w.click("curves.x")
    w.click("curves.x.seconds")
    w.wait("time on the x axis", lambda r: r["x_axis"] == "seconds")
    theme = w.report()["theme"]
    w.key("d")
    w.wait("the theme changed", lambda r: r["theme"] != theme)
    w.key("ctrl+equal")
    w.wait("the interface is larger", lambda r: r["scale"] > 1.05)
    w.key("ctrl+minus")
    w.wait("and as before", lambda r: abs(r["scale"] - 1) < 0.01)
    w.key("question")
    w.wait("help is shown", lambda r: r["help_open"])
    w.key("Escape")
    w.wait("help is gone", lambda r: not r["help_open"])
    w.close()
print("runs and views work")
