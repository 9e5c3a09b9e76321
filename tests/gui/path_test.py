"""The camera's path through a scene: key frames recorded, moved in time, played, saved and opened
again; videos along it, one whole and one cancelled."""

import json
import math
import os
import time

from scenes import SIDE, scene
from window import Window, distinct_colours, read_png


def path(report):
    return report["scene"]["path"]


def eye(report):
    return report["scene"]["eye"]


def times(report):
    return [k["time"] for k in path(report)["keys"]]


def settled(w):
    time.sleep(0.3)
    return w.wait("the camera is there", lambda r: not r["scene"]["flies"])


def near(a, b, far=0.02):
    return math.dist(a, b) < far


def record(w, turn):
    """Turns the camera and records where it is."""
    w.drag("tile.1", (0.4, 0.5), (0.4 + turn, 0.5))
    count = len(path(settled(w))["keys"])
    w.key("i")
    report = w.wait("one more key frame", lambda r: len(path(r)["keys"]) == count + 1)
    assert any(near(k["eye"], eye(report)) for k in path(report)["keys"]), report["scene"]
    return report


def press_at(w, widget, x, then=None):
    """Presses on the widget at x; moves to `then` before it lets go."""
    w.move(widget, x, 0.3)
    w.xdotool("mousedown", 1)
    time.sleep(0.1)
    if then is not None:
        for i in range(1, 7):
            w.xdotool("mousemove", *w.place(widget, x + (then - x) * i / 6, 0.3))
            time.sleep(0.05)
    time.sleep(0.1)
    w.xdotool("mouseup", 1)
    time.sleep(0.2)


def file_of(toast):
    return toast[toast.index("/"):]


with Window("--optimizer", "esgd,adam", "--hidden", "16,16") as w:
    folder = os.path.join(w.folder, "ball")
    os.mkdir(folder)
    scene(folder)
    w.drop(folder)
    report = w.wait("both runs' views are shown",
                    lambda r: r["scene"] and all(x["view"]["stride"] > 0 for x in r["runs"]))
    assert path(report)["kind"] == "orbit" and not path(report)["open"]
    assert "path.timeline" not in report["widgets"]

    # The dataset's own: there at once, and it leads around.
    w.click("view.path")
    w.wait("its row", lambda r: path(r)["open"] and "path.timeline" in r["widgets"])
    first = eye(w.report())
    w.click("path.play")
    report = w.wait("the camera goes around",
                    lambda r: path(r)["playing"] and path(r)["position"] > 1)
    assert report["scene"]["through"] is None
    assert abs(eye(report)[2] - first[2]) < 0.05, "an orbit is level"
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    report = w.wait("the mouse takes the camera", lambda r: not path(r)["playing"])
    at = path(report)["position"]
    time.sleep(0.5)
    assert path(w.report())["position"] == at

    # Three key frames of one's own.
    w.click("path.kind.1")
    w.wait("none yet", lambda r: path(r)["kind"] == "key frames" and not path(r)["keys"] and
           "path.timeline" not in r["widgets"])
    eyes = [eye(record(w, turn)) for turn in (0.1, 0.2, 0.15)]
    report = w.report()
    assert times(report) == [0, 2, 4], times(report)
    assert path(report)["seconds"] == 4 and path(report)["position"] == 4

    # A click on one flies there; a drag elsewhere on the line takes the camera along.
    w.click("path.key.1")
    report = settled(w)
    assert near(eye(report), eyes[1]), (eye(report), eyes)
    assert path(report)["position"] == 2
    press_at(w, "path.timeline", 0.75, then=0.25)
    report = settled(w)
    assert abs(path(report)["position"] - 1) < 0.05, path(report)
    assert not any(near(eye(report), e, 0.1) for e in eyes)
    between = sum(a * b for a, b in zip(eye(report), eyes[0]))
    assert between > sum(a * b for a, b in zip(eyes[2], eyes[0])), "between the first two"
    w.wait("all tiles look from there", lambda r: all(x["view"]["here"] for x in r["runs"]))

    # Playing: once through, and there it ends.
    w.key("l")
    w.wait("it plays", lambda r: path(r)["playing"])
    steps = [x["step"] for x in w.runs()]
    report = w.wait("it is at the end", lambda r: not path(r)["playing"])
    assert path(report)["position"] == 4 and near(eye(report), eyes[2]), path(report)
    assert all(x["step"] > s for x, s in zip(report["runs"], steps)), "training went on"

    # In time: dragged, evenly spaced, another duration, a loop.
    press_at(w, "path.timeline", 0.5, then=0.7)
    report = w.wait("the second comes later", lambda r: 2.6 < times(r)[1] < 3)
    w.click("path.more")
    w.click("path.even")
    w.wait("evenly again", lambda r: times(r) == [0, 2, 4])
    w.click("path.loop")
    report = w.wait("the way back has its time",
                    lambda r: path(r)["loop"] and abs(times(r)[2] - 8 / 3) < 1e-6)
    assert path(report)["seconds"] == 4
    w.click("path.loop")
    w.wait("to the end again", lambda r: not path(r)["loop"] and abs(times(r)[2] - 4) < 1e-6)
    w.click("path.seconds")
    w.click("path.seconds.8")
    w.wait("slower", lambda r: path(r)["seconds"] == 8 and abs(times(r)[1] - 4) < 1e-6)

    # Replaced and removed, with an Undo.
    w.drag("tile.1", (0.4, 0.5), (0.4, 0.4))
    moved = eye(settled(w))
    w.click("path.key.1", button=3)
    w.click("path.key.replace")
    report = w.wait("it is where the camera is", lambda r: near(path(r)["keys"][1]["eye"], moved))
    assert abs(times(report)[1] - 4) < 1e-6
    w.click("path.key.1", button=3)
    w.click("path.key.remove")
    w.wait("two", lambda r: len(times(r)) == 2)
    w.key("ctrl+z")
    w.wait("three again", lambda r: len(times(r)) == 3 and near(path(r)["keys"][1]["eye"], moved))

    # To a file and back.
    w.click("path.more")
    w.click("path.save")
    saved = file_of(w.wait_for_toast("Camera path saved", ".json"))
    with open(saved) as file:
        written = json.load(file)
    assert written["fieldscope"] == "camera path" and len(written["keyframes"]) == 3
    assert written["seconds"] == 8 and not written["loop"], written
    before = path(w.report())["keys"]
    w.click("path.more")
    w.click("path.clear")
    w.wait_for_toast("The path is empty", "3 key frames")
    w.wait("none", lambda r: not times(r))
    w.drop(saved)
    w.wait_for_toast("Camera path opened", "3 key frames, 8")
    report = w.wait("three", lambda r: len(times(r)) == 3)
    assert all(near(a["eye"], b["eye"], 1e-3) and abs(a["time"] - b["time"]) < 1e-3
               for a, b in zip(before, path(report)["keys"])), (before, path(report))
    assert report["dataset"]["name"] == "ball", "the scene is the same"
    # One that is broken: told once, nothing is lost. One that is a dataset is none.
    broken = os.path.join(w.folder, "broken.json")
    with open(broken, "w") as file:
        file.write('{"fieldscope": "camera path", "seconds": 4, "keyframes": [{}]}')
    told = len(w.report()["toasts"])
    w.drop(broken)
    w.wait_for_toast("Cannot open broken.json", "transform_matrix")
    report = w.report()
    assert len(report["toasts"]) == told + 1 and len(times(report)) == 3
    # From the dialog.
    w.click("path.more")
    w.click("path.load")
    w.wait("the dialog", lambda r: r["dialog_open"])
    w.double_click("open.item." + os.path.basename(saved))
    w.wait("opened twice", lambda r: sum("Camera path opened" in t for t in r["toasts"]) == 2)

    # A small video: half a second of it, 8 frames a second.
    w.click("path.seconds")
    w.type_into_knob("path.seconds.knob", "0.5")
    w.key("Escape")
    w.wait("short", lambda r: path(r)["seconds"] == 0.5)
    w.click("path.video")
    w.type_into_knob("video.rate", "8")
    w.wait("few frames", lambda r: path(r)["frames_per_second"] == 8)
    steps = [x["step"] for x in w.runs()]
    w.click("video.export")
    toast = w.wait_for_toast("saved", "video", timeout=60)
    home = file_of(toast)
    ffmpeg = home.endswith("video.mp4")
    home = os.path.dirname(home)
    frames = sorted(os.listdir(os.path.join(home, "frames")))
    assert frames == ["%04d.png" % (i + 1) for i in range(4)], frames
    pictures = [read_png(os.path.join(home, "frames", name)) for name in frames]
    assert all(p[:2] == (SIDE, SIDE) for p in pictures), [p[:2] for p in pictures]
    assert distinct_colours(pictures[0]) > 20, "the frames are blank"
    assert pictures[0][2] != pictures[-1][2], "the camera stands still"
    with open(os.path.join(home, "path.json")) as file:
        assert len(json.load(file)["keyframes"]) == 3
    if ffmpeg:
        with open(os.path.join(home, "video.mp4"), "rb") as file:
            head = file.read()
        assert head[4:8] == b"ftyp" and len(head) > 500, (head[:16], len(head))
    else:
        w.wait_for_toast("Only frames", "FFmpeg")
    print("video of 4 frames in", os.path.basename(home), "with MP4" if ffmpeg else "without MP4")
    w.wait("training goes on",
           lambda r: all(x["step"] > s for x, s in zip(r["runs"], steps)))

    # Of all runs, large; cancelled.
    w.click("path.seconds")
    w.click("path.seconds.60")
    w.click("path.video")
    w.click("video.runs.1")
    w.click("video.size.2")
    w.type_into_knob("video.width", "200")
    w.click("video.export")
    report = w.wait("it is under way, and says how long it takes",
                    lambda r: path(r)["video"] and path(r)["video"]["frame"] > 2 and
                    path(r)["video"]["seconds_left"] and "status.video" in r["widgets"])
    video = path(report)["video"]
    assert video["frames"] == 480 and 0 < video["share"] < 0.5, video
    w.drag("tile.1", (0.4, 0.5), (0.5, 0.5))
    assert eye(settled(w)) != eye(report), "the window is used meanwhile"
    w.click("status.video.cancel")
    toast = w.wait_for_toast("Ended early", "of 480 frames")
    report = w.wait("it is gone", lambda r: path(r)["video"] is None)
    home = os.path.dirname(file_of(toast))
    frames = os.listdir(os.path.join(home, "frames"))
    assert 0 < len(frames) < 480, len(frames)
    assert "Ended early: %d of 480 frames: /" % len(frames) in toast, (toast, len(frames))
    first = read_png(os.path.join(home, "frames", "0001.png"))
    assert first[:2] == (200, 200)
    if ffmpeg:
        assert os.path.getsize(os.path.join(home, "video.mp4")) > 500
    others = [f for f in os.listdir(os.path.dirname(home)) if "video" in f]
    assert len(others) == 2, "the second run has not begun: %s" % others

    # A saved experiment keeps the path.
    w.key("ctrl+s")
    experiment = file_of(w.wait_for_toast("Experiment saved"))
    kept = path(w.report())["keys"]
    w.click("path.more")
    w.click("path.clear")
    w.wait("none", lambda r: not times(r))
    w.drop(experiment)
    report = w.wait("it is back with its key frames",
                    lambda r: all(x["status"] == "paused" for x in r["runs"]) and
                    len(times(r)) == 3, 60)
    assert all(near(a["eye"], b["eye"], 1e-3) for a, b in zip(kept, path(report)["keys"]))

    # Where no scene is learned a path has nowhere to lead.
    w.click("toolbar.dataset")
    w.click("dataset.demo")
    w.wait("a picture", lambda r: r["scene"] is None and r["dataset"]["task"] == "image")
    w.drop(saved)
    w.wait_for_toast("Cannot open " + os.path.basename(saved), "scene first")
    w.close()
print("paths are recorded, played, kept, and become videos")
