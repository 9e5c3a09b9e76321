#!/usr/bin/env python3
"""The committed demo scene is whole, and comes from the committed generator.

usage: FIELDSCOPE_DEMO_SCENE=path/to/generator demo_scene_test.py

Reads all views and their cameras; makes one view again and compares it, pixel by pixel.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

from png import differences, read_png

ASSET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "demo", "island")
VIEWS = {"train": 48, "val": 4, "test": 8}
SIZE = 128
DISTANCE = 4.0
AGAIN = "test/r_2"
TOLERANCE = 2  # levels, every channel of every pixel


def check(condition, message):
    if not condition:
        sys.exit(f"FAIL: {message}")
    print(f"ok: {message}")


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def check_camera(name, matrix):
    """Camera to world: a rotation and a position, from where the origin is straight ahead."""
    columns = [[matrix[row][column] for row in range(3)] for column in range(4)]
    right, up, back, position = columns
    for i, a in enumerate((right, up, back)):
        for j, b in enumerate((right, up, back)):
            if abs(dot(a, b) - (i == j)) > 1e-6:
                check(False, f"{name}: the axes are at right angles and of length 1")
    cross = [right[1] * up[2] - right[2] * up[1], right[2] * up[0] - right[0] * up[2], right[0] * up[1] - right[1] * up[0]]
    if dot(cross, back) < 0.999 or matrix[3] != [0, 0, 0, 1]:
        check(False, f"{name}: a right-handed rotation and the row 0 0 0 1")
    if abs(dot(position, right)) > 1e-6 or abs(dot(position, up)) > 1e-6 or abs(dot(position, back) - DISTANCE) > 1e-6:
        check(False, f"{name}: the origin is in the middle of the picture, {DISTANCE} away")
    if position[2] <= 0 or up[2] <= 0:
        check(False, f"{name}: from above, the right way up")
    return back


def check_picture(name):
    width, height, channels, rows = read_png(os.path.join(ASSET, name + ".png"))
    if (width, height, channels) != (SIZE, SIZE, 4):
        check(False, f"{name}: {SIZE} x {SIZE} RGBA")
    alpha = [row[3::4] for row in rows]
    if any(alpha[0]) or any(alpha[-1]) or any(row[0] or row[-1] for row in alpha):
        check(False, f"{name}: nothing at the border")
    covered = sum(map(sum, alpha)) / (255 * SIZE * SIZE)
    if not 0.18 < covered < 0.45:
        check(False, f"{name}: the scene fills its part of the picture ({covered:.2f})")
    for row in rows:
        for x in range(0, len(row), 4):
            if row[x + 3] == 0 and any(row[x : x + 3]):
                check(False, f"{name}: what is empty is black")
    if not any(0 < value < 255 for row in alpha for value in row):
        check(False, f"{name}: the silhouette is smooth")


def check_asset():
    seen = {}
    size = 0
    for split, count in VIEWS.items():
        with open(os.path.join(ASSET, f"transforms_{split}.json"), encoding="utf-8") as file:
            transforms = json.load(file)
        check(abs(transforms["camera_angle_x"] - 0.6911112) < 1e-6, f"{split}: the angle of view")
        names = [frame["file_path"] for frame in transforms["frames"]]
        check(names == [f"./{split}/r_{i}" for i in range(count)], f"{split}: {count} frames by name")
        files = sorted(os.listdir(os.path.join(ASSET, split)))
        check(files == sorted(f"r_{i}.png" for i in range(count)), f"{split}: a picture for each, and no other")
        seen[split] = [check_camera(f["file_path"], f["transform_matrix"]) for f in transforms["frames"]]
        for name in names:
            check_picture(name)
        check(True, f"{split}: cameras and pictures")
        size += sum(os.path.getsize(os.path.join(ASSET, split, name)) for name in files)
    check(size < 1_500_000, f"all pictures are smaller than 1.5 MB ({size})")
    nearest = min(math.acos(min(dot(a, b), 1)) for a in seen["test"] for b in seen["train"] + seen["val"])
    check(nearest > math.radians(8), f"no test view is close to another ({math.degrees(nearest):.1f} degrees)")


def check_refusals(generator, folder):
    target = os.path.join(folder, "bad")
    for words in ([], [target, "--size", "0"], [target, "--view", "train/r_48"], [target, "--nonsense"]):
        done = subprocess.run([generator, *words], capture_output=True, text=True, check=False)
        check(done.returncode == 2 and done.stderr.count("\n") == 1, f"{words[1:] or 'no folder'}: refused in one line")
    check(not os.path.exists(target), "a refused command writes nothing")


def same_text(folder, name):
    with open(os.path.join(folder, name), "rb") as made, open(os.path.join(ASSET, name), "rb") as asset:
        return made.read() == asset.read()


def main():
    generator = os.environ.get("FIELDSCOPE_DEMO_SCENE")
    if not generator:
        sys.exit("set FIELDSCOPE_DEMO_SCENE to the built fieldscope_demo_scene")
    check_asset()
    with tempfile.TemporaryDirectory() as folder:
        check_refusals(generator, folder)
        # An odd number of threads: the picture must not depend on it.
        subprocess.run([generator, folder, "--view", AGAIN, "--threads", "3"], check=True)
        for split in VIEWS:
            check(same_text(folder, f"transforms_{split}.json"), f"{split}: the cameras are the generator's")
        made = read_png(os.path.join(folder, AGAIN + ".png"))
    asset = read_png(os.path.join(ASSET, AGAIN + ".png"))
    worst = max(differences(made[3], asset[3]))
    check(worst <= TOLERANCE, f"{AGAIN} is the generator's, within {TOLERANCE} levels (worst {worst})")


if __name__ == "__main__":
    main()
