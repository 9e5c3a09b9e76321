"""Where runs train: without a GPU the menu says why; with GPUs (the fake ones of tests/fake_cuda)
every run, or one of them, moves while it trains, and the others go on; there, a run's precision can
be turned."""

import os
import time

from window import Window, skip

FAKE = os.environ.get("FIELDSCOPE_CUDA_FAKE")
if not FAKE or not os.path.exists(FAKE):
    skip("FIELDSCOPE_CUDA_FAKE does not name the fake CUDA library")

SMALL = ["--hidden", "16,16", "--batch", "64"]
PRECISION = "run.1.training.precision"


def show_precision(w):
    """Scrolls down the knobs of the first run to where it is wholly on the screen."""
    w.move("run.1.optimizer")
    for _ in range(40):
        box = w.report()["widgets"].get(PRECISION)
        if box and box[3] < 700:
            return
        w.xdotool("click", 5)
        time.sleep(0.2)
    raise AssertionError("no precision among the knobs")


os.environ["FIELDSCOPE_CUDA_LIBRARY"] = "/nowhere/libfieldscope_cuda.so"
with Window(*SMALL) as w:
    w.wait("the runs train on the CPU", lambda r: all(x["device"] == "cpu" and x["step"] > 3
                                                      for x in r["runs"]))
    w.click("toolbar.device")
    w.wait("the menu says why there is no GPU", lambda r: "device.cuda" in r["widgets"])
    w.click("device.cuda")
    w.key("Escape")
    step = w.run(1)["step"]
    w.wait("nothing has changed", lambda r: r["runs"][0]["step"] > step + 3)
    # There is a precision, but nothing to choose.
    w.click("run.1.more")
    show_precision(w)
    w.click(PRECISION, x=0.8)
    w.wait("it stays shut", lambda r: PRECISION + ".2" not in r["widgets"])
    assert all(run["device"] == "cpu" and not run["events"] for run in w.runs())
    w.close()

os.environ["FIELDSCOPE_CUDA_LIBRARY"] = FAKE
os.environ["FIELDSCOPE_CUDA_PASSES"] = "layers"  # fused ones are slow on a fake
with Window(*SMALL) as w:
    w.wait("without a word, runs train on the first GPU",
           lambda r: all(x["device"] == "cuda:0" and x["step"] > 3 for x in r["runs"]))
    # The precision of one, while both train.
    before = w.run(1)["training"]["precision"]
    w.click("run.1.more")
    show_precision(w)
    w.click(PRECISION)
    w.click(PRECISION + ".2")
    w.wait("the first multiplies in bf16", lambda r: r["runs"][0]["training"]["precision"] == 2)
    at = [run["step"] for run in w.runs()]
    w.wait("both train on", lambda r: all(x["step"] > s + 3 for x, s in zip(r["runs"], at)))
    assert [event["label"] for event in w.run(1)["events"]] == ["precision bf16"], w.run(1)
    assert w.run(2)["training"]["precision"] == before and not w.run(2)["events"], w.run(2)
    w.click(PRECISION + ".restore")
    w.wait("back at its preset", lambda r: r["runs"][0]["training"]["precision"] == before)
    marks = [[event["label"] for event in run["events"]] for run in w.runs()]

    w.click("toolbar.device")
    w.click("device.cpu")
    w.wait("all runs are on the CPU", lambda r: all(x["device"] == "cpu" for x in r["runs"]))
    at = [run["step"] for run in w.runs()]
    w.wait("they go on", lambda r: all(x["step"] > s + 3 for x, s in zip(r["runs"], at)))
    for run, earlier in zip(w.runs(), marks):
        assert [event["label"] for event in run["events"]] == earlier + ["→ CPU"], run["events"]

    # One of them alone, by the menu of its tile.
    w.click("tile.2", button=3)
    w.click("tile.2.menu.device.cuda:1")
    w.wait("the second is on the second GPU",
           lambda r: [x["device"] for x in r["runs"]] == ["cpu", "cuda:1"])
    at = [run["step"] for run in w.runs()]
    w.wait("both go on", lambda r: all(x["step"] > s + 3 for x, s in zip(r["runs"], at)))
    assert [event["label"] for event in w.run(2)["events"]] == ["→ CPU", "→ cuda:1"]
    w_uploads = w.report()["device_uploads"]
    w.close()

# Where OpenGL draws on the same device, pictures come without a way over the host, and are the same.
def picture_of_tile(w):
    x, y, width, height = w.report()["widgets"]["tile.1"]
    shown = w.screenshot()
    if shown is None:
        skip("no screenshots without ImageMagick")
    screen_width, _, pixels = shown
    rows = range(int(y + 0.4 * height), int(y + 0.8 * height))
    left, right = int(x + 0.2 * width), int(x + 0.8 * width)
    return b"".join(pixels[3 * (row * screen_width + left):3 * (row * screen_width + right)]
                    for row in rows)


assert w_uploads == 0, "the fake has no OpenGL unless it is asked for"
os.environ["FAKE_CUDA_OPENGL"] = "1"
with Window(*SMALL) as w:
    w.wait("pictures come from the device", lambda r: r["device_uploads"] > 2)
    w.key("space")
    w.wait("both rest", lambda r: all(x["status"] == "paused" for x in r["runs"]))
    w.wait("with their last pictures",
           lambda r: all(x["measured_step"] == x["step"] for x in r["runs"]))
    uploads = w.report()["device_uploads"]
    on_device = picture_of_tile(w)
    w.click("toolbar.device")
    w.click("device.cpu")
    w.wait("the CPU's picture is there",
           lambda r: all(x["device"] == "cpu" and not x["old"] for x in r["runs"]))
    time.sleep(1)
    assert w.report()["device_uploads"] == uploads
    on_host = picture_of_tile(w)
    apart = [abs(a - b) for a, b in zip(on_device, on_host)]
    assert len(set(on_device)) > 30, "a picture has more colours"
    assert max(apart) <= 2, max(apart)
    w.close()
del os.environ["FAKE_CUDA_OPENGL"]

# What does not fit there is refused, with the numbers, and the run stays where it is.
os.environ["FAKE_CUDA_MEMORY"] = "16"
with Window("--hidden", "512,512,512,512", "--batch", "8", "--device", "cpu") as w:
    w.wait("it trains", lambda r: r["runs"][0]["step"] > 3)
    w.click("tile.1", button=3)
    w.click("tile.1.menu.device.cuda:1")
    w.wait_for_toast("ESGD", "goes on unchanged", "not enough memory on cuda:1", "17 MB are free")
    step = w.run(1)["step"]
    w.wait("it goes on", lambda r: r["runs"][0]["step"] > step + 3)
    run = w.run(1)
    assert run["device"] == "cpu" and not run["events"], run
    w.close()
print("runs move between devices while they train")
