"""A scene of posed views in the window: dropped, turned, flown through, looked at through held-out
cameras, in every mode; and what cannot be read."""

import math
import os
import time

from scenes import SIDE, scene
from window import Window, distinct_colours, read_png


def eye(report):
    return report["scene"]["eye"]


def settled(w):
    """The camera, once what was just done has been told and no flight is under way."""
    time.sleep(0.3)
    return w.wait("the camera is there", lambda r: not r["scene"]["flies"])


def all_here(report):
    return all(x["view"]["here"] for x in report["runs"])


def picture_of(w, widget):
    """The pixels of the upper half of a widget: below are words."""
    width, _, pixels = w.screenshot()
    x0, y0, x1, y1 = (int(v) for v in w.report()["widgets"][widget])
    return [pixels[3 * (y * width + x0 + 4):3 * (y * width + x1 - 4)]
            for y in range(y0 + 4, (y0 + y1) // 2)]


with Window("--optimizer", "esgd,adam", "--hidden", "32,32") as w:
    good = os.path.join(w.folder, "ball & scene")
    os.mkdir(good)
    scene(good)
    dropped = time.time()
    w.drop(good)
    report = w.wait("both runs' first views are shown",
                    lambda r: r["scene"] and all(x["view"]["stride"] > 0 for x in r["runs"]))
    print("first views %.2f s after the drop" % (time.time() - dropped))
    assert report["dataset"]["task"] == "nerf"
    assert (report["scene"]["views"], report["scene"]["held_out"]) == (8, 4), report["scene"]
    assert [x["optimizer"] for x in report["runs"]] == ["esgd", "adam"]
    assert report["scene"]["through"]["name"] == "r_1.png", report["scene"]["through"]
    w.wait_for_toast("Learning ball & scene", "8 views")
    w.wait("both are measured on held-out views, and the one that is looked through",
           lambda r: all(x["psnr"] and x["view"]["psnr"] for x in r["runs"]), 60)

    # The mouse: left orbits, Shift pans, the wheel comes nearer; all tiles look from there.
    before = eye(w.report())
    w.drag("tile.1", (0.4, 0.5), (0.6, 0.55))
    turned = settled(w)
    assert turned["scene"]["through"] is None
    assert math.dist(eye(turned), before) > 0.5, (before, eye(turned))
    assert abs(math.hypot(*eye(turned)) - math.hypot(*before)) < 0.05, "an orbit keeps its distance"
    w.wait("all tiles look from there", all_here)
    w.drag("tile.2", (0.4, 0.5), (0.5, 0.5), modifier="shift")
    panned = settled(w)
    assert panned["scene"]["back"] == turned["scene"]["back"]
    assert math.dist(eye(panned), eye(turned)) > 0.1
    w.move("tile.2")
    w.xdotool("click", "--repeat", 3, "--delay", 60, 5)
    w.wait("the wheel goes away",
           lambda r: math.hypot(*eye(r)) > math.hypot(*eye(panned)) + 0.3)

    # Letters fly with the pointer over a tile.
    start = settled(w)
    w.xdotool("keydown", "w")
    time.sleep(0.5)
    w.xdotool("keyup", "w")
    flown = settled(w)
    way = [b - a for a, b in zip(eye(start), eye(flown))]
    ahead = -sum(a * b for a, b in zip(way, start["scene"]["back"]))
    assert ahead > 0.1 and abs(ahead - math.hypot(*way)) < 0.02, (way, start["scene"]["back"])
    w.key("e")
    assert settled(w)["scene"]["mode"] == "colour", "E flies up over a tile"

    # A click on a camera looks through it, in a moment's flight. From far away all are seen.
    w.move("tile.2")
    w.xdotool("click", "--repeat", 10, "--delay", 60, 5)
    settled(w)
    report = w.wait("cameras are on the screen",
                    lambda r: any(x.startswith("view.held_out.") for x in r["widgets"]))
    some = [x for x in report["widgets"] if x.startswith("view.held_out.")][0]
    w.click(some)
    report = settled(w)
    through = report["scene"]["through"]
    assert through and through["held_out"], report["scene"]
    w.wait("its picture is there, as large as the photograph",
           lambda r: all_here(r) and all(x["view"]["width"] == SIDE for x in r["runs"]))
    w.click("view.cameras")
    w.wait("no cameras", lambda r: not r["scene"]["cameras"])
    w.click("view.cameras")

    # The photograph in its place, and held-out cameras one after the other.
    w.key("g")
    w.wait("the photograph", lambda r: r["show_truth"])
    w.key("g")
    w.move("panel.curves")
    w.key("Right")
    report = settled(w)
    assert report["scene"]["through"]["index"] == (through["index"] + 1) % 4
    w.click("view.camera")
    w.click("view.camera.3")
    assert settled(w)["scene"]["through"]["index"] == 3
    w.wait("with its own PSNR", lambda r: all(x["view"]["psnr"] for x in r["runs"]))

    # No outline of another camera crosses the picture of a photograph's own.
    w.key("space")
    w.wait("it rests", lambda r: all(x["status"] == "paused" and x["view"]["stride"] == 1
                                     for x in r["runs"]))
    w.move("panel.curves")
    time.sleep(1)
    lines = picture_of(w, "tile.1")
    w.click("view.cameras")
    w.move("panel.curves")
    time.sleep(1)
    assert picture_of(w, "tile.1") == lines, "outlines of cameras"
    w.click("view.cameras")
    w.key("space")

    # Values under the pointer, in every tile and the photograph.
    w.move("tile.1", 0.5, 0.4)
    w.wait("values in all tiles",
           lambda r: all("tile.%d.value" % i in r["widgets"] for i in range(3)))
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    w.wait("the nearest photograph has nothing to do with what is there",
           lambda r: "tile.2.value" in r["widgets"] and "tile.0.value" not in r["widgets"])
    w.key("0")
    settled(w)

    # Every mode.
    w.click("view.mode.1")
    w.wait("depths with their scale", lambda r: r["runs"][0]["view"]["mode"] == "depth" and
           "view.scale" in r["widgets"] and r["scene"]["depth_scale"][1] > 0)
    w.click("view.mode.2")
    w.wait("opacity", lambda r: r["scene"]["mode"] == "opacity" and
           "view.scale" not in r["widgets"])
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    w.move("panel.curves")
    before = settled(w)
    w.key("e")
    report = settled(w)
    assert report["scene"]["mode"] == "error" and report["scene"]["through"], report["scene"]
    w.wait("errors with their scale", lambda r: "view.scale" in r["widgets"])
    w.click("tile.1", button=3, y=0.7)
    w.click("tile.1.menu.view.0")
    w.wait("one tile shows colours", lambda r: r["runs"][0]["view"]["mode"] == "colour")
    w.click("view.mode.0")
    report = settled(w)
    assert report["scene"]["through"] is None, "back from the photograph that errors needed"
    assert math.dist(eye(report), eye(before)) < 1e-3, (eye(report), eye(before))
    w.click("view.mode.3")
    settled(w)
    w.wait("errors with their scale", lambda r: "view.scale" in r["widgets"])
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    moved = settled(w)
    assert moved["scene"]["mode"] == "error"
    w.wait("no scale without errors", lambda r: "view.scale" not in r["widgets"])
    w.click("view.mode.0")
    assert eye(settled(w)) == eye(moved), "somebody moved the camera meanwhile"
    w.key("0")
    settled(w)
    w.wait("the photograph's size again",
           lambda r: all_here(r) and all(x["view"]["width"] == SIDE for x in r["runs"]))

    # Pictures: of a tile, at the photograph's size; all runs in a figure.
    w.click("tile.1", button=3, y=0.7)
    w.click("tile.1.menu.save")
    toast = w.wait_for_toast("Tile saved")
    assert read_png(toast[toast.index("/"):])[:2] == (SIDE, SIDE)
    w.click("toolbar.export")
    w.click("export.figure")
    toast = w.wait_for_toast("Figure saved")
    assert distinct_colours(read_png(toast[toast.index("/"):])) > 300

    # At rest the view becomes sharp and shows the last weights.
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    w.key("space")
    w.wait("sharp, of the weights as they are",
           lambda r: all(x["status"] == "paused" and x["view"]["stride"] == 1 and
                         x["view"]["step"] == x["step"] for x in r["runs"]))
    w.key("0")
    report = settled(w)
    assert report["scene"]["through"] == {"held_out": True, "index": 0, "name": "r_1.png"}
    w.key("space")

    # Training went on all the time, and goes on.
    steps = [x["step"] for x in w.runs()]
    w.wait("both go on", lambda r: all(x["step"] > s for x, s in zip(r["runs"], steps)))

    # What cannot be read: one toast each, nothing else.
    bad = os.path.join(w.folder, "bad scene")
    os.mkdir(bad)
    with open(os.path.join(bad, "transforms.json"), "w") as file:
        file.write('{"frames": [')
    told = len(w.report()["toasts"])
    w.drop(bad)
    print(w.wait_for_toast("Cannot open bad scene"))
    empty = os.path.join(w.folder, "empty folder")
    os.mkdir(empty)
    w.drop(empty)
    w.wait_for_toast("Cannot open empty folder", "posed views")
    report = w.report()
    assert len(report["toasts"]) == told + 2, report["toasts"][told:]
    assert report["dataset"]["name"].startswith("ball")

    # Frames without their picture are left out, and told.
    os.remove(os.path.join(good, "train", "r_3.png"))
    w.drop(os.path.join(good, "transforms_train.json"))
    report = w.wait("it is read again", lambda r: r["scene"] and r["scene"]["warnings"])
    assert "side.notes" in report["widgets"]

    # Back to a picture, and to the built-in scene.
    w.click("toolbar.dataset")
    w.click("dataset.demo")
    w.wait("the picture is learned", lambda r: r["dataset"]["task"] == "image" and
           r["scene"] is None and all(x["picture"] for x in r["runs"]))
    w.click("toolbar.dataset")
    w.click("dataset.demo_scene")
    w.wait("the built-in scene is seen",
           lambda r: r["scene"] and all(x["view"]["stride"] > 0 for x in r["runs"]), 60)
    w.close()
print("scenes are learned, seen, turned, flown through and compared")
