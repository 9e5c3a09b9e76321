"""The window divides itself: splitters drag, fold and are remembered even when the program is
killed; one tile fills the window; nothing overlaps at any interface scale."""

import json
import os
import signal
import time

from window import HEIGHT, WIDTH, Window


def settings_path(w):
    return os.path.join(w.home, ".config", "fieldscope", "window.json")


def box(report, widget):
    x0, y0, x1, y1 = report["widgets"][widget]
    return x0, y0, x1, y1


def width(report, widget):
    x0, _, x1, _ = box(report, widget)
    return x1 - x0


def height(report, widget):
    _, y0, _, y1 = box(report, widget)
    return y1 - y0


def drag_by(w, widget, dx, dy):
    x, y = w.place(widget)
    w.xdotool("mousemove", x, y)
    time.sleep(0.2)
    w.xdotool("mousedown", 1)
    for i in range(1, 9):
        w.xdotool("mousemove", x + dx * i // 8, y + dy * i // 8)
        time.sleep(0.05)
    w.xdotool("mouseup", 1)
    time.sleep(0.3)


def widgets_of(report, prefixes):
    return {name: tuple(rect) for name, rect in report["widgets"].items()
            if name.startswith(prefixes)}


def check_apart(widgets, where):
    """No two overlap by more than rounding, none reaches out of the window."""
    names = sorted(widgets)
    for i, a in enumerate(names):
        ax0, ay0, ax1, ay1 = widgets[a]
        assert ax0 >= -1 and ay0 >= -1 and ax1 <= WIDTH + 1 and ay1 <= HEIGHT + 1, \
            "%s: %s lies outside the window: %s" % (where, a, widgets[a])
        for b in names[i + 1:]:
            bx0, by0, bx1, by1 = widgets[b]
            over = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
            assert min(over) <= 1, "%s: %s %s and %s %s overlap" % (where, a, widgets[a], b,
                                                                   widgets[b])


def check_scale(w, percent):
    report = w.wait("the interface is at %d%%" % percent,
                    lambda r: abs(r["scale"] * 100 - percent) < 1)
    time.sleep(0.5)
    report = w.report()
    check_apart(widgets_of(report, ("toolbar.", "view.")), "at %d%%" % percent)
    check_apart({n: r for n, r in widgets_of(report, ("tile.",)).items()
                 if n.count(".") == 1 or n.endswith(".header")}, "at %d%%" % percent)
    for tile in ("tile.0", "tile.1", "tile.2"):
        assert tile in report["widgets"], "at %d%% %s is not drawn" % (percent, tile)
        assert min(width(report, tile), height(report, tile)) > 60, (percent, box(report, tile))
    assert "toolbar.pause" in report["widgets"] and "toolbar.dataset" in report["widgets"]


with Window() as w:
    report = w.wait("both runs train", lambda r: all(run["picture"] for run in r["runs"]), 60)
    w.key("space")

    # Both lines drag; what is beside them follows.
    before = w.report()
    drag_by(w, "split.side", 120, 0)
    after = w.wait("the side panel is wider",
                   lambda r: abs(width(r, "panel.side") - width(before, "panel.side") - 120) <= 6)
    assert box(after, "panel.stage")[0] == box(after, "panel.side")[2]
    drag_by(w, "split.curves", 0, 60)
    w.wait("the curves are lower",
           lambda r: abs(height(r, "panel.curves") - height(before, "panel.curves") + 60) <= 6)

    # It is in the file soon, without leaving the program: nothing is lost when it is killed.
    end = time.time() + 20
    while True:
        with open(settings_path(w)) as file:
            kept = json.load(file)
        if abs(kept["side_width"] - width(after, "panel.side")) <= 1 and kept["hints_seen"]:
            break
        assert time.time() < end, kept
        time.sleep(0.2)
    w.process.send_signal(signal.SIGKILL)
    w.process.wait(30)

with Window(hints=True) as w:
    report = w.wait("the widths are remembered",
                    lambda r: abs(width(r, "panel.side") - kept["side_width"]) <= 1)
    assert abs(height(report, "panel.curves") - kept["curves_height"]) <= 1
    assert "hint.next" not in report["widgets"], "hints came again"

    # A double click on a line folds its panel, and opens it again.
    for line, panel, size in (("split.side", "panel.side", width),
                              ("split.curves", "panel.curves", height)):
        was = size(w.report(), panel)
        w.double_click(line)
        w.wait(panel + " is folded", lambda r: size(r, panel) == 0)
        w.double_click(line)
        w.wait(panel + " is open again", lambda r: abs(size(r, panel) - was) <= 1)

    # So do the buttons of the tool bar, and the keys.
    for act in (lambda: w.click("toolbar.side"), lambda: w.key("p")):
        act()
        w.wait("the side panel is folded", lambda r: width(r, "panel.side") == 0)
        act()
        w.wait("the side panel is open", lambda r: width(r, "panel.side") > 200)
    for act in (lambda: w.click("toolbar.curves"), lambda: w.key("c")):
        act()
        w.wait("the curves are folded", lambda r: height(r, "panel.curves") == 0)
        act()
        w.wait("the curves are open", lambda r: height(r, "panel.curves") > 100)

    # Dragged to the edge a panel folds; dragged out it opens.
    x, _ = w.place("split.side")
    drag_by(w, "split.side", -x, 0)
    w.wait("the side panel is folded", lambda r: width(r, "panel.side") == 0)
    drag_by(w, "split.side", 300, 0)
    w.wait("the side panel is open", lambda r: width(r, "panel.side") > 280)

    # One tile takes the whole window between the bars.
    small = height(w.report(), "tile.1")
    w.key("1")
    w.key("f")
    report = w.wait("a tile fills the window", lambda r: r["full_tile"] == 1 and
                    "tile.1" in r["widgets"] and height(r, "tile.1") > 1.5 * small)
    assert height(report, "tile.1") > HEIGHT - 220 and "tile.2" not in report["widgets"]
    w.key("2")
    w.wait("the next run's tile takes its place", lambda r: r["full_tile"] == 2)
    w.key("Escape")
    w.wait("all tiles again", lambda r: r["full_tile"] == -1 and height(r, "panel.curves") > 100)

    # Keys that come faster than frames add up.
    w.xdotool("key", "--delay", 1, "ctrl+plus", "ctrl+plus", "ctrl+plus")
    w.wait("three steps larger", lambda r: abs(r["scale"] - 1.3) < 0.01)
    w.xdotool("key", "--delay", 1, "ctrl+minus", "ctrl+minus", "ctrl+minus")
    w.wait("as before", lambda r: abs(r["scale"] - 1) < 0.01)

    # From the smallest to the largest scale nothing overlaps, with every view.
    for _ in range(3):
        w.key("ctrl+minus")
    scale = 75
    while scale <= 250:
        check_scale(w, scale)
        if scale in (75, 160, 250):
            for key in ("e", "v", "v"):
                w.key(key)
                check_scale(w, scale)
            w.key("v")
            w.wait("the pictures again", lambda r: r["view"] == "Reconstruction")
        scale = 80 if scale == 75 else scale + 10
        if scale <= 250:
            w.key("ctrl+plus")

    # What was folded for want of room opens when it is asked for.
    report = w.report()
    assert width(report, "panel.side") == 0 and height(report, "panel.curves") == 0, \
        "at 250% there is no room for the panels"
    w.key("p")
    w.wait("the side panel is open", lambda r: width(r, "panel.side") > 500)
    check_apart(widgets_of(w.report(), ("toolbar.", "view.")), "with the side panel at 250%")
    w.key("p")
    w.key("c")
    w.wait("the curves are open", lambda r: "curves.fit" in r["widgets"])
    w.key("c")
    w.wait("the pictures are back", lambda r: "tile.1" in r["widgets"])

    # What the tool bar has no room for is in its menu.
    w.click("toolbar.more")
    w.wait("the menu is open", lambda r: "toolbar.help.item" in r["widgets"])
    w.click("toolbar.help.item")
    w.wait("help is shown", lambda r: r["help_open"])
    w.key("space")
    time.sleep(0.5)
    assert all(run["status"] != "paused" for run in w.runs()), "Space works below the help"
    w.key("Escape")
    w.wait("help is gone", lambda r: not r["help_open"])
    w.close()
print("splitters, folding, the full tile and all scales work")
