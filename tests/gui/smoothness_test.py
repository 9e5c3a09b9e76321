"""How long frames take while two runs train and somebody uses the window: a figure, no pass mark on
the time itself, since machines differ. That frames are drawn at all, and that an idle window draws
none, is checked."""

import time

from window import Window

with Window() as w:
    w.wait("both runs train", lambda r: all(run["step"] > 10 for run in r["runs"]), 60)
    before = w.report()["frames"]["frames"]
    start = time.time()
    for round_ in range(3):
        for i in range(20):
            w.move("tile.1", 0.2 + 0.03 * i, 0.5)
        w.xdotool("click", "--repeat", 4, "--delay", 40, 4)
        w.move("curves.plot", 0.3 + 0.1 * round_, 0.5)
        w.key("v")
    seconds = time.time() - start
    drawn = w.report()["frames"]["frames"] - before
    assert drawn > 5 * seconds, "only %d frames in %.1f s" % (drawn, seconds)
    w.print_frames("1280x800, two runs training, mouse moving")
    print("%.1f frames a second" % (drawn / seconds))

    # Idle costs nothing: paused and untouched, no frame is drawn.
    w.key("space")
    w.wait("both runs are paused", lambda r: all(x["status"] == "paused" for x in r["runs"]))
    time.sleep(2)
    before = w.report()["frames"]["frames"]
    time.sleep(3)
    drawn = w.report()["frames"]["frames"] - before
    print("idle: %d frames in 3 s" % drawn)
    assert drawn <= 3, drawn
    w.close()
