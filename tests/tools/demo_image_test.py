#!/usr/bin/env python3
"""The committed demo picture comes from the committed generator.

usage: FIELDSCOPE_DEMO_IMAGE=path/to/generator demo_image_test.py

Renders the scene small and compares it with a reference picture, pixel by pixel, and with the full
asset averaged down to the same size. Only the standard library is used.
"""

import os
import subprocess
import sys
import tempfile

from png import differences, read_png

REFERENCE_TOLERANCE = 2  # levels, every channel of every pixel
# Levels on average. Averaging after the tone curve is not quite averaging light, and clouds and noise
# are sampled more coarsely in a small render: 4 is usual, a change of scene gives 10 and more.
ASSET_TOLERANCE = 6.0
SIZE = 64

HERE = os.path.dirname(os.path.abspath(__file__))
REFERENCE = os.path.join(HERE, "demo_image_64.png")
ASSET = os.path.join(HERE, "..", "..", "assets", "demo", "lighthouse.png")


def averaged(rows, factor):
    """Rows of floats, each the mean of a factor x factor block."""
    out = []
    for y in range(len(rows) // factor):
        block = rows[y * factor : (y + 1) * factor]
        line = []
        for x in range(len(rows[0]) // 3 // factor):
            for channel in range(3):
                first = 3 * factor * x + channel
                total = sum(sum(row[first : first + 3 * factor : 3]) for row in block)
                line.append(total / factor**2)
        out.append(line)
    return out


def check(condition, message):
    if not condition:
        sys.exit(f"FAIL: {message}")
    print(f"ok: {message}")


def check_usage_errors(generator, folder):
    target = os.path.join(folder, "bad.png")
    for words in ([], [target, "--size", "0"], [target, "--size", "12x"], [target, "--nonsense"]):
        done = subprocess.run([generator, *words], capture_output=True, text=True, check=False)
        check(done.returncode == 2 and done.stderr.count("\n") == 1, f"{words[1:] or 'no file name'}: refused in one line")
    check(not os.path.exists(target), "a refused command writes nothing")


def main():
    generator = os.environ.get("FIELDSCOPE_DEMO_IMAGE")
    if not generator:
        sys.exit("set FIELDSCOPE_DEMO_IMAGE to the built fieldscope_demo_image")
    with tempfile.TemporaryDirectory() as folder:
        check_usage_errors(generator, folder)
        # An odd number of threads: the picture must not depend on it.
        path = os.path.join(folder, "small.png")
        subprocess.run([generator, path, "--size", str(SIZE), "--threads", "3"], check=True)
        check(os.listdir(folder) == ["small.png"], "nothing but the picture is left behind")
        width, height, _, rendered = read_png(path)
    check((width, height) == (SIZE, SIZE), f"the picture is {SIZE} x {SIZE}")

    _, _, _, reference = read_png(REFERENCE)
    worst = max(differences(rendered, reference))
    check(worst <= REFERENCE_TOLERANCE, f"at most {REFERENCE_TOLERANCE} levels from the reference (worst {worst})")

    width, height, _, asset = read_png(ASSET)
    check((width, height) == (512, 512), "the asset is 512 x 512")
    apart = differences(rendered, averaged(asset, 512 // SIZE))
    mean = sum(apart) / len(apart)
    check(mean <= ASSET_TOLERANCE, f"the asset shows the same picture (mean difference {mean:.2f} levels)")


if __name__ == "__main__":
    main()
