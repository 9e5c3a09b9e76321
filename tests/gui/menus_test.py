"""The menus of optimizers and activations show every entry within the window, at any scale."""

import time

from window import HEIGHT, WIDTH, Window


def entries_of(report, prefix):
    return {name: box for name, box in report["widgets"].items() if name.startswith(prefix)}


def inside(box):
    return box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT


def check_apart(entries):
    boxes = sorted(entries.values())
    for i, a in enumerate(boxes):
        for b in boxes[i + 1:]:
            over = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert min(over) <= 0, (a, b)


def open_menu(w, button, prefix, least):
    w.click(button)
    report = w.wait("the menu is open", lambda r: len(entries_of(r, prefix)) >= least)
    entries = entries_of(report, prefix)
    check_apart(entries)
    return entries


def lowest(entries):
    """The entry that ends last: the last of the menu's longer column."""
    return max(entries, key=lambda name: entries[name][3])


with Window() as w:
    w.wait("both runs train", lambda r: all(run["step"] > 5 for run in r["runs"]), 90)
    w.key("space")
    w.wait("paused", lambda r: all(run["status"] == "paused" for run in r["runs"]))

    # At 100% everything is seen at once, and the last entry works.
    for button, prefix, least, field in (
            ("run.1.optimizer", "run.1.optimizer.menu.", 12, "optimizer"),
            ("run.1.activation", "run.1.activation.menu.", 11, "activation")):
        entries = open_menu(w, button, prefix, least)
        assert all(inside(box) for box in entries.values()), entries
        last = max(entries, key=lambda name: (entries[name][0], entries[name][1]))
        w.click(last)
        w.wait(last + " is in force", lambda r: r["runs"][0][field] == last[len(prefix):])
    # A run from the tile's menu, and by the key.
    w.click("tile.1", 3)
    w.click("tile.1.menu.fork")
    w.wait("the fork menu is open", lambda r: "tile.1.fork.sgd" in r["widgets"])
    entries = entries_of(w.report(), "tile.1.fork.")
    assert all(inside(box) for box in entries.values()), entries
    w.click("tile.1.fork.sgd")
    w.wait("a third run", lambda r: len(r["runs"]) == 3 and r["runs"][2]["optimizer"] == "sgd")
    w.key("1")

    # At 250% the menu may scroll; its last entry is reached with the wheel.
    for _ in range(15):
        w.key("ctrl+plus")
    w.wait("the interface is at 250%", lambda r: abs(r["scale"] - 2.5) < 0.01)
    w.key("n")
    w.wait("the menu is open", lambda r: "runs.new.adam" in r["widgets"])
    time.sleep(0.5)
    entries = entries_of(w.report(), "runs.new.")
    assert len(entries) >= 12, entries
    assert all(box[0] >= 0 and box[2] <= WIDTH for box in entries.values()), entries
    last = lowest(entries)
    w.move("runs.new.adam")
    for _ in range(40):
        if inside(w.report()["widgets"][last]):
            break
        w.xdotool("click", 5)
        time.sleep(0.15)
    w.click(last)
    w.wait("the fourth run is " + last,
           lambda r: len(r["runs"]) == 4 and r["runs"][3]["optimizer"] == last[len("runs.new."):])
    w.close()
print("every entry of every menu can be reached")
