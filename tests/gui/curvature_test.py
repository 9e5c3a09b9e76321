"""The curvature tab: measured at a click and by itself while training goes on, exactly where the
field is small enough and estimated otherwise; every view opens; the loss is drawn around the
weights."""

import time

from window import Window

VIEWS = ("training", "spectrum", "products", "matrix", "landscape")


def curvatures(report):
    return [run["curvature"] for run in report["runs"]]


with Window("--hidden", "12,12", "--batch", "64") as w:
    w.wait("both runs train", lambda r: all(run["step"] > 20 for run in r["runs"]), 60)
    w.click("curves.tab.2")
    w.wait("the tab is open", lambda r: r["metric"] == "Curvature"
           and "curves.curvature.measure" in r["widgets"])
    # Before anything was measured there is a way to begin, in every view but the landscape.
    assert "curves.curvature.first" in w.report()["widgets"]
    # A quarter of the usual work is enough here.
    w.click("curves.curvature.settings")
    w.type_into_knob("curves.curvature.knob.batch", "256")
    w.type_into_knob("curves.curvature.knob.steps", "20")
    w.key("Escape")

    w.click("curves.curvature.first")
    report = w.wait("both runs have an exact report", lambda r: all(
        c["exact"] and c["points"] == 1 and not c["busy"] for c in curvatures(r)), 60)
    for c in curvatures(report):
        assert c["kappa_raw"] >= 1 and c["spread_raw"] >= 1 and c["largest"] > 0, c
        assert c["seconds"] > 0 and c["problem"] == "" and c["every"] == 0, c

    # By itself, while training goes on.
    before = w.report()
    w.click("curves.curvature.every")
    w.click("curves.curvature.every.4")
    report = w.wait("points are added by themselves", lambda r: all(
        c["every"] == 100 and c["points"] >= 3 for c in curvatures(r)), 60)
    for was, now in zip(before["runs"], report["runs"]):
        assert now["step"] > was["step"] and now["status"] in ("running", "waiting"), now["status"]

    # A click ends it.
    w.click("curves.curvature.stop")
    report = w.wait("nothing is under way", lambda r: not any(
        c["busy"] or c["every"] for c in curvatures(r)))
    points = [c["points"] for c in curvatures(report)]
    time.sleep(0.6)
    assert [c["points"] for c in curvatures(w.report())] == points

    # Every view opens on what there is.
    for i, view in enumerate(VIEWS):
        w.click("curves.curvature.view.%d" % i)
        w.wait(view + " is shown", lambda r: r["curvature_view"] == view)
    w.click("curves.curvature.draw")
    w.wait("a landscape is drawn", lambda r: r["runs"][0]["curvature"]["landscape"]
           and "curves.curvature.surface" in r["widgets"], 60)
    w.drag("curves.curvature.surface", (0.3, 0.5), (0.7, 0.4))

    # With no room for the whole matrix, what can be had is an estimate; of the selected run alone.
    w.click("curves.curvature.view.0")
    w.click("curves.curvature.scope")
    w.click("curves.curvature.scope.selected")
    w.click("curves.curvature.settings")
    w.type_into_knob("curves.curvature.knob.exact_limit", "0")
    w.key("Escape")
    w.click("curves.curvature.measure")
    report = w.wait("the first run has an estimate", lambda r: not curvatures(r)[0]["exact"]
                    and curvatures(r)[0]["points"] > points[0], 60)
    first, second = curvatures(report)
    assert first["kappa_raw"] is None and first["spread_raw"] > 0, first
    assert second["exact"] and second["points"] == points[1], second
    for i in range(len(VIEWS)):
        w.click("curves.curvature.view.%d" % i)
    assert w.report()["runs"][0]["status"] in ("running", "waiting")
    w.close()
print("curvature is measured beside the training, and every view shows it")
