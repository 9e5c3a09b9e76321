"""Files dropped onto the window or named in the dialog: a picture restarts the comparison on it, a
broken one is refused by name while the comparison goes on."""

import os

from window import Window, write_png

with Window() as w:
    w.wait("both runs train", lambda r: all(run["step"] > 20 for run in r["runs"]), 60)

    # No picture at all: refused with its name, everything goes on.
    text = os.path.join(w.folder, "notes about nothing.txt")
    with open(text, "w") as file:
        file.write("this is not a picture\n")
    w.drop(text)
    toast = w.wait_for_toast("notes about nothing.txt")
    print("text file: " + toast)
    steps = [run["step"] for run in w.runs()]
    report = w.wait("the comparison goes on",
                    lambda r: all(x["step"] > s for x, s in zip(r["runs"], steps)))
    assert report["dataset"]["name"].startswith("lighthouse")

    # A picture cut off in the middle.
    whole = os.path.join(w.folder, "whole.png")
    write_png(whole, 96, 64, lambda x, y: ((x * 37 + y * 91) & 255, x * 2, y * 3))
    broken = os.path.join(w.folder, "broken.png")
    with open(whole, "rb") as file:
        data = file.read()
    with open(broken, "wb") as file:
        file.write(data[:len(data) // 2])
    w.drop(broken)
    print("truncated file: " + w.wait_for_toast("broken.png"))
    assert w.report()["dataset"]["name"].startswith("lighthouse")

    # A good one, with a name that needs escaping; while it hovers, the window says what will happen.
    good = os.path.join(w.folder, "stripes & dots 50%.png")
    write_png(good, 64, 48, lambda x, y: (4 * x, 5 * y, 255 * ((x // 8 + y // 8) % 2)))
    plain = w.screenshot()
    hovering = w.drop(good, hover=1.5)
    report = w.wait("the comparison starts again on the new picture",
                    lambda r: r["dataset"]["name"] == "stripes & dots 50%.png" and
                    all(x["step"] < min(steps) for x in r["runs"]))
    assert (report["dataset"]["width"], report["dataset"]["height"]) == (64, 48), report["dataset"]
    if plain and hovering:
        # The promise darkens the window: the mean brightness of the status bar falls.
        def mean(picture):
            width, height, pixels = picture
            rows = pixels[(height - 20) * width * 3:]
            return sum(rows) / len(rows)
        assert mean(hovering) < mean(plain) - 2, (mean(plain), mean(hovering))
    w.wait("both runs learn it", lambda r: all(x["step"] > 5 and x["picture"] for x in r["runs"]))

    # The dialog, by key and typed path with completion.
    w.key("ctrl+o")
    w.wait("the dialog is open", lambda r: r["dialog_open"])
    w.key("ctrl+a")
    w.type(os.path.join(w.folder, "who"))
    w.key("Tab")
    w.key("Return")
    w.wait("the typed picture is learned", lambda r: r["dataset"]["name"] == "whole.png")

    # A path that is nowhere stays in the dialog; Escape closes it.
    w.key("ctrl+o")
    w.wait("the dialog is open", lambda r: r["dialog_open"])
    w.key("ctrl+a")
    w.type("/nowhere/at/all.png")
    w.key("Return")
    assert w.report()["dialog_open"]
    # It can be corrected at once: the field kept the keyboard.
    w.key("ctrl+a")
    w.type(good)
    w.key("Return")
    w.wait("the corrected path is learned", lambda r: r["dataset"]["name"].startswith("stripes"))
    w.key("ctrl+o")
    w.wait("the dialog is open", lambda r: r["dialog_open"])
    w.key("Escape")
    w.wait("the dialog is closed", lambda r: not r["dialog_open"])
    w.close()
print("drops and the dialog work")
