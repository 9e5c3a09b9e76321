"""A tile unlinks its zoom by its pin, its numbers are copied, an empty window offers a run, and a
broken file named at the start can be tried again."""

import os
import tempfile
import time

from window import Window, write_png

with Window() as w:
    w.wait("both runs train", lambda r: all(run["picture"] for run in r["runs"]), 60)
    w.key("space")

    # The pin of a tile: its wheel then zooms it alone.
    w.move("tile.1", 0.3, 0.6)
    w.click("tile.1.pin")
    w.move("tile.1", 0.3, 0.6)
    w.xdotool("click", "--repeat", 4, "--delay", 60, 4)
    time.sleep(0.5)
    assert w.report()["zoom"] == 1, "an unlinked tile zoomed the others"
    w.click("tile.1.pin")
    w.move("tile.1", 0.3, 0.6)
    w.xdotool("click", "--repeat", 4, "--delay", 60, 4)
    w.wait("linked again, it zooms them all", lambda r: r["zoom"] > 1.5)
    w.key("0")

    # Copying says what was copied.
    w.click("tile.2", button=3)
    w.click("tile.2.menu.copy")
    assert "Adam" in w.wait_for_toast("Copied", "PSNR")

    # One tile with an error view of its own brings the colour scale.
    assert "view.scale" not in w.report()["widgets"]
    w.click("tile.2", button=3)
    w.click("tile.2.menu.view.1")
    w.wait("the colour scale is shown", lambda r: "view.scale" in r["widgets"])

    # Without runs the centre offers one.
    for left in (1, 0):
        w.click("run.1")
        w.click("run.1.remove")
        w.wait("one run less", lambda r: len(r["runs"]) == left)
    w.click("empty.new")
    w.click("empty.new.adam")
    w.wait("a new run trains", lambda r: len(r["runs"]) == 1 and r["runs"][0]["step"] > 0)
    w.close()

folder = tempfile.mkdtemp(prefix="fieldscope-gui-")
path = os.path.join(folder, "late.png")
with open(path, "w") as file:
    file.write("not yet a picture")
with Window(path) as w:
    w.wait_for_toast("late.png")
    report = w.wait("it can be tried again",
                    lambda r: any(name.endswith(".action") for name in r["widgets"]))
    write_png(path, 64, 48, lambda x, y: (4 * x, 5 * y, 99))
    w.click([name for name in report["widgets"] if name.endswith(".action")][-1])
    w.wait("the picture is learned", lambda r: r["dataset"]["name"] == "late.png")
    w.close()
print("tiles, the empty window and trying again work")
