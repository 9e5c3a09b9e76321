"""Starting the program shows ESGD and Adam learning; pause, step, reset and undo do what they say."""

import time

from window import Window

with Window(hints=True) as w:
    report = w.wait("both runs train and show pictures",
                    lambda r: len(r["runs"]) == 2 and
                    all(run["step"] > 3 and run["picture"] for run in r["runs"]), 60)
    assert [run["optimizer"] for run in report["runs"]] == ["esgd", "adam"], report["runs"]
    assert {run["activation"] for run in report["runs"]} == {"sine"}
    assert report["dataset"]["name"].startswith("lighthouse"), report["dataset"]

    # First start: three hints, once.
    for _ in range(3):
        w.click("hint.next")
    w.wait("the hints are gone", lambda r: "hint.next" not in r["widgets"])

    # Pause by the button: the counters stand still.
    w.click("toolbar.pause")
    w.wait("both runs are paused", lambda r: all(x["status"] == "paused" for x in r["runs"]))
    time.sleep(0.3)
    before = [run["step"] for run in w.runs()]
    time.sleep(1.5)
    assert [run["step"] for run in w.runs()] == before, "steps went on while paused"

    # One step by the button and one by the key.
    for action in (lambda: w.click("toolbar.step"), lambda: w.key("period")):
        before = [run["step"] for run in w.runs()]
        action()
        w.wait("one step was taken",
               lambda r: [x["step"] for x in r["runs"]] == [s + 1 for s in before], 10)
        time.sleep(0.5)
        assert [run["step"] for run in w.runs()] == [s + 1 for s in before]

    # Going on by the key.
    paused_at = w.run()["step"]
    w.key("space")
    w.wait("training goes on", lambda r: all(x["step"] > paused_at + 3 for x in r["runs"]))

    # Pause, reset, undo: back where it was.
    w.key("space")
    w.wait("both runs are paused", lambda r: all(x["status"] == "paused" for x in r["runs"]))
    time.sleep(0.5)
    before = [run["step"] for run in w.runs()]
    w.click("toolbar.reset")
    w.wait("both runs are at the start", lambda r: all(x["step"] == 0 for x in r["runs"]))
    w.wait_for_toast("Every run starts again")
    w.key("ctrl+z")
    w.wait("the reset is undone", lambda r: [x["step"] for x in r["runs"]] == before)

    # The settings are remembered where they belong, and nothing is left in the working folder.
    w.close()
    import os
    assert os.path.exists(os.path.join(w.home, ".config", "fieldscope", "window.json"))
    assert not os.path.exists("imgui.ini")

with Window(hints=True) as w:
    time.sleep(0.5)
    assert "hint.next" not in w.report()["widgets"], "hints came again at the second start"
print("start-up, pause, step, reset and undo work")
