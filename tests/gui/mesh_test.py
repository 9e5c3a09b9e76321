"""A mesh in the window: learned, turned, seen in every way, cut open, saved, dropped; and back to
pictures."""

import array
import math
import os
import struct
import time

from window import Window, distinct_colours, read_png, write_png


def octahedron(path, faces=8):
    corners = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    triangles = [(x, y, z) if sign > 0 else (y, x, z)
                 for z in (4, 5) for y in (2, 3) for x in (0, 1)
                 for sign in [(-1) ** (x + y + z)]]
    with open(path, "w") as file:
        for x, y, z in corners:
            file.write("v %g %g %g\n" % (10 * x, 20 * y, 5 * z))
        for triangle in triangles[:faces]:
            file.write("f %d %d %d\n" % tuple(i + 1 for i in triangle))


def torus(path, around=1000, across=400):
    """So many triangles that reading them takes a while."""
    points, faces = array.array("f"), bytearray()
    for i in range(around):
        for j in range(across):
            a, b = 2 * math.pi * i / around, 2 * math.pi * j / across
            r = 2 + math.cos(b)
            points.extend((r * math.cos(a), r * math.sin(a), math.sin(b)))
    for i in range(around):
        for j in range(across):
            p, q = i * across, (i + 1) % around * across
            k = (j + 1) % across
            faces += struct.pack("<BiiiBiii", 3, p + j, q + j, q + k, 3, p + j, q + k, p + k)
    with open(path, "wb") as file:
        file.write(b"ply\nformat binary_little_endian 1.0\nelement vertex %d\n"
                   b"property float x\nproperty float y\nproperty float z\n"
                   b"element face %d\nproperty list uchar int vertex_indices\nend_header\n"
                   % (around * across, 2 * around * across))
        file.write(points.tobytes() + bytes(faces))


def camera(w):
    time.sleep(0.3)  # of what was just done, the report tells a moment later
    return w.report()["meshes"]["camera"]


def apart(a, b):
    return math.dist(a, b)


# Small networks: what is looked at here is the window.
with Window("--task", "occupancy", "--optimizer", "esgd,adam", "--hidden", "32,32") as w:
    report = w.wait("the demo mesh is learned and both surfaces are shown",
                    lambda r: all(x["surface"]["triangles"] > 0 and x["iou"] is not None
                                  for x in r["runs"]), 60)
    assert report["dataset"]["name"].startswith("knot"), report["dataset"]
    assert report["dataset"]["task"] == "occupancy"
    assert report["meshes"]["truth_triangles"] > 10000
    assert report["runs"][0]["psnr"] is None

    # The mouse: left orbits, Shift or the middle button pans, the wheel zooms; all tiles together.
    before = camera(w)
    w.drag("tile.1", (0.4, 0.5), (0.6, 0.6))
    turned = camera(w)
    assert 10 < abs(turned["yaw"] - before["yaw"]) < 60, (before, turned)
    assert turned["pitch"] > before["pitch"] + 5, (before, turned)
    assert apart(turned["pivot"], before["pivot"]) < 1e-4
    w.drag("tile.2", (0.4, 0.5), (0.5, 0.5), modifier="shift")
    panned = camera(w)
    assert abs(panned["yaw"] - turned["yaw"]) < 1e-3
    assert apart(panned["target"], turned["target"]) > 0.1, (turned, panned)
    w.move("tile.0")
    w.xdotool("click", "--repeat", 3, "--delay", 60, 4)
    w.wait("the wheel comes nearer",
           lambda r: r["meshes"]["camera"]["distance"] < 0.9 * panned["distance"])
    w.key("0")
    fitted = camera(w)
    assert fitted["distance"] > 0.9 * before["distance"]
    assert abs(fitted["yaw"] - panned["yaw"]) < 1e-3, "fitting turned the view"
    w.key("0")
    assert abs(camera(w)["yaw"] - before["yaw"]) < 1e-3, "the second fit shows the front"

    # A double click on the true mesh makes that place the pivot; on the ground, the tile fills the
    # centre. The rope passes the left of the view.
    w.double_click("tile.0", 0.17, 0.42)
    w.wait("another pivot",
           lambda r: apart(r["meshes"]["camera"]["pivot"], before["pivot"]) > 0.1 and
           r["full_tile"] == -1)
    w.double_click("tile.0", 0.97, 0.04)
    w.wait("the tile fills the centre", lambda r: r["full_tile"] == 0)
    w.key("Escape")
    w.double_click("tile.1.header")
    w.wait("a double click on its header does too", lambda r: r["full_tile"] == 1)
    w.key("f")
    w.wait("all tiles again", lambda r: r["full_tile"] == -1)
    w.key("0")

    # A tile with a camera of its own.
    w.move("tile.2", 0.5, 0.5)
    w.click("tile.2.pin")
    linked = camera(w)
    w.drag("tile.2", (0.4, 0.5), (0.6, 0.5))
    assert camera(w)["yaw"] == linked["yaw"], "an unlinked tile turned the others"
    w.wait("it has its own", lambda r: r["runs"][1]["surface"]["own_camera"])
    w.click("tile.2.pin")
    w.wait("it has not", lambda r: not r["runs"][1]["surface"]["own_camera"])

    # Every view.
    w.key("e")
    w.wait("errors, with their scale", lambda r: r["meshes"]["mode"] == "error" and
           "view.scale" in r["widgets"] and r["meshes"]["error_limit_percent"] > 0)
    w.key("v")
    w.wait("the next view is the first", lambda r: r["meshes"]["mode"] == "shaded" and
           "view.scale" not in r["widgets"])
    w.click("view.mode.1")
    w.wait("normals", lambda r: r["meshes"]["mode"] == "normals")
    w.click("view.wire")
    w.wait("edges", lambda r: r["meshes"]["wire"])
    w.click("view.wire")
    w.click("view.mode.0")
    w.click("view.section")
    w.click("view.axis.2")
    w.wait("the cut through the middle is drawn",
           lambda r: r["meshes"]["axis"] == 2 and all(x["surface"]["section"] for x in r["runs"]))
    w.drag("view.offset", (0.5, 0.5), (0.7, 0.5))
    report = w.wait("it follows the slider",
                    lambda r: r["meshes"]["offset"] > 0.2 and
                    all(x["surface"]["section"] for x in r["runs"]))
    w.click("view.section")

    # At rest, surfaces become finer.
    w.click("view.grid")
    w.click("view.rest.128")
    w.key("Escape")
    w.key("space")
    report = w.wait("both are refined at rest",
                    lambda r: all(x["status"] == "paused" and x["surface"]["resolution"] == 128
                                  for x in r["runs"]))

    # Files: the surface as PLY and OBJ in the units of the source, the tile's picture.
    w.click("tile.1", button=3, y=0.7)
    w.click("tile.1.menu.ply")
    toast = w.wait_for_toast("Mesh saved", ".ply")
    with open(toast[toast.index("/"):], "rb") as file:
        head = file.read(600).decode("latin-1")
    triangles = w.run(1)["surface"]["triangles"]
    assert "element face %d\n" % triangles in head and "red" in head and "error" in head, head
    w.click("tile.2", button=3, y=0.7)
    w.click("tile.2.menu.obj")
    w.wait_for_toast("Mesh saved", ".obj")
    w.click("tile.1", button=3, y=0.7)
    w.click("tile.1.menu.save")
    toast = w.wait_for_toast("Picture of the tile saved")
    width, height, pixels = read_png(toast[toast.index("/"):])
    assert (width, height) == (1024, 1024)
    assert distinct_colours((width, height, pixels)) > 100, "the picture is empty"
    w.click("toolbar.export")
    w.click("export.figure")
    toast = w.wait_for_toast("Figure saved")
    width, height, pixels = read_png(toast[toast.index("/"):])
    assert width > 1000 and distinct_colours((width, height, pixels)) > 500

    w.key("ctrl+s")
    toast = w.wait_for_toast("Experiment saved")
    saved = toast[toast.index("/"):]
    saved_steps = [x["step"] for x in w.runs()]

    # A broken mesh: one toast, nothing else.
    broken = os.path.join(w.folder, "broken.obj")
    with open(broken, "w") as file:
        file.write("v 0 0 0\nv 1 0 0\nf 1 2 77\n")
    told = len(w.report()["toasts"])
    steps = [x["step"] for x in w.runs()]
    w.drop(broken)
    w.wait_for_toast("broken.obj")
    report = w.report()
    assert len(report["toasts"]) == told + 1, report["toasts"][told:]
    assert report["dataset"]["name"].startswith("knot")
    assert [x["step"] for x in report["runs"]] == steps

    # A large one takes a while: it can be called off, and nothing has changed then.
    large = os.path.join(w.folder, "large torus.ply")
    torus(large)
    w.drop(large)
    w.wait("it is being read", lambda r: r["dataset"]["loading"] and "side.cancel" in r["widgets"])
    w.click("side.cancel")
    w.wait_for_toast("Not opened: large torus.ply")
    report = w.report()
    assert not report["dataset"]["loading"] and report["dataset"]["name"].startswith("knot")
    assert [x["step"] for x in report["runs"]] == steps

    # An open mesh: learned, and told that it is open.
    dropped = os.path.join(w.folder, "open octahedron.obj")
    octahedron(dropped, faces=7)
    w.drop(dropped)
    print(w.wait_for_toast("Learning open octahedron.obj", "7 triangles", "3 boundary edges"))
    report = w.wait("every run starts again on it",
                    lambda r: r["dataset"]["name"] == "open octahedron.obj" and
                    all(x["surface"]["drawn"] and x["step"] > 0 for x in r["runs"]))
    assert [x["optimizer"] for x in report["runs"]] == ["esgd", "adam"]
    assert "side.notes" in report["widgets"]

    # A fork has a surface of its own.
    w.key("k")
    w.click("run.1.fork.adam")
    w.wait("the fork's surface is shown",
           lambda r: len(r["runs"]) == 3 and r["runs"][2]["surface"]["drawn"])

    # And back to pictures.
    picture = os.path.join(w.folder, "stripes.png")
    write_png(picture, 64, 48, lambda x, y: (4 * x, 5 * y, 255 * ((x // 8 + y // 8) % 2)))
    w.drop(picture)
    report = w.wait("the picture is learned",
                    lambda r: r["dataset"]["name"] == "stripes.png" and
                    all(x["picture"] and x["psnr"] for x in r["runs"]))
    assert report["dataset"]["task"] == "image"
    assert report["runs"][0]["iou"] is None
    w.click("toolbar.dataset")
    w.click("dataset.demo_mesh")
    w.wait("and the built-in mesh again",
           lambda r: r["dataset"]["name"].startswith("knot") and
           all(x["surface"]["drawn"] for x in r["runs"]))

    # A saved experiment brings its mesh along.
    w.drop(saved)
    report = w.wait("the saved runs are there, paused, with their surfaces",
                    lambda r: len(r["runs"]) == 2 and
                    all(x["status"] == "paused" and x["surface"]["drawn"] for x in r["runs"]))
    assert [x["step"] for x in report["runs"]] == saved_steps
    assert report["dataset"]["name"].startswith("knot")
    w.close()

# Named at the start, a large one is read in the open window.
with Window(large, "--hidden", "32,32") as w:
    report = w.wait("the large one is learned",
                    lambda r: r["dataset"]["name"] == "large torus.ply" and
                    r["meshes"]["truth_triangles"] == 800000, 60)
    w.close()
print("meshes are learned, seen, cut, saved and dropped")
