"""Screenshots, tiles, figures, charts and tables reach the disk, whole and not blank."""

import csv
import json
import os

from window import HEIGHT, WIDTH, Window, distinct_colours, read_png


def path_of(toast):
    return toast.split(": ", 1)[1]


with Window() as w:
    w.wait("both runs were measured",
           lambda r: all(x["step"] > 10 and x["psnr"] is not None for x in r["runs"]), 90)

    w.key("s")
    width, height, pixels = shot = read_png(path_of(w.wait_for_toast("Screenshot saved")))
    assert (width, height) == (WIDTH, HEIGHT), (width, height)
    assert distinct_colours(shot) > 1000, "the screenshot is blank"

    w.click("run.1")
    w.click("toolbar.export")
    w.click("export.tile")
    tile = read_png(path_of(w.wait_for_toast("Tile saved")))
    data = w.report()["dataset"]
    assert tile[:2] == (data["width"], data["height"]), tile[:2]
    assert distinct_colours(tile) > 50, "the tile is blank"

    w.click("toolbar.export")
    w.click("export.figure")
    figure = read_png(path_of(w.wait_for_toast("Figure saved", timeout=60)))
    assert figure[0] > 800 and distinct_colours(figure) > 1000

    w.click("toolbar.export")
    w.click("export.csv")
    with open(path_of(w.wait_for_toast("Metrics saved"))) as file:
        rows = list(csv.DictReader(file))
    assert {row["optimizer"] for row in rows} == {"esgd", "adam"}, rows[:3]
    assert any(float(row["psnr"] or 0) > 1 for row in rows)

    w.click("toolbar.export")
    w.click("export.json")
    with open(path_of(w.wait_for_toast("Summary saved"))) as file:
        summary = json.load(file)
    assert len(summary["runs"]) == 2, summary.keys()

    w.click("curves.plot", button=3)
    w.click("curves.plot.context.svg")
    with open(path_of(w.wait_for_toast("Chart saved"))) as file:
        assert "<svg" in file.read(400)

    # The numbers of the curve in view, a row for each of its points.
    w.click("curves.tab.1")
    w.click("curves.plot", button=3)
    w.click("curves.plot.context.csv")
    path = path_of(w.wait_for_toast("Curve saved"))
    with open(path) as file:
        rows = list(csv.DictReader(file))
    for run in w.runs():
        steps = [int(row["step"]) for row in rows if row["run"] == run["label"]]
        assert len(steps) > 8 and steps == sorted(steps), (run["label"], steps[:20])
    assert all(float(r["least"]) <= float(r["loss"]) <= float(r["greatest"]) for r in rows)

    w.key("ctrl+s")
    saved = path_of(w.wait_for_toast("Experiment saved", timeout=60))
    with open(saved + "/experiment.json") as file:
        json.load(file)
    at = [run["step"] for run in w.runs()]

    # The dialog opens it, by its path and from the list; it is a folder, but not one to enter.
    def opens(report):
        return (not report["dialog_open"] and
                all(x["status"] == "paused" and x["step"] <= s
                    for x, s in zip(report["runs"], at)))

    for way in ("path", "list"):
        if w.report()["runs"][0]["status"] == "paused":
            w.key("space")
        w.wait("training is ahead of what was saved",
               lambda r: all(x["step"] > s for x, s in zip(r["runs"], at)), 60)
        w.key("ctrl+o")
        w.wait("the dialog is open", lambda r: r["dialog_open"])
        w.key("ctrl+a")
        if way == "path":
            w.type(saved)
            w.key("Return")
        else:
            w.type(os.path.dirname(saved) + "/")
            w.key("Return")
            w.double_click("open.item." + os.path.basename(saved))
        w.wait("the saved experiment is open, by its " + way, opens)
    w.close()

# The saved experiment opens as it was saved: paused, with its curves.
with Window(saved) as w:
    report = w.wait("both runs are there, paused",
                    lambda r: len(r["runs"]) == 2 and
                    all(x["status"] == "paused" and x["step"] > 10 for x in r["runs"]))
    assert [x["optimizer"] for x in report["runs"]] == ["esgd", "adam"]
    assert all(x["step"] <= s for x, s in zip(report["runs"], at)), (at, report["runs"])
    assert all(len(x["loss_curve"]) > 5 for x in report["runs"])
    step = report["runs"][0]["step"]
    w.key("space")
    w.wait("training goes on", lambda r: all(x["step"] > step + 3 for x in r["runs"]))
    w.close()
print("exports are whole")
