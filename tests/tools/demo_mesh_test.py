#!/usr/bin/env python3
"""The committed demo mesh comes from the committed generator, byte by byte.

usage: FIELDSCOPE_DEMO_MESH=path/to/generator demo_mesh_test.py
"""

import os
import subprocess
import sys
import tempfile

ASSET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "demo", "knot.ply")


def check(condition, message):
    if not condition:
        sys.exit(f"FAIL: {message}")
    print(f"ok: {message}")


def check_refusals(generator, folder):
    for words in ([], ["--nonsense"], ["one.ply", "two.ply"]):
        done = subprocess.run([generator, *words], cwd=folder, capture_output=True, text=True, check=False)
        check(done.returncode == 2 and done.stderr.count("\n") == 1, f"{words or 'no file name'}: refused in one line")
    nowhere = os.path.join(folder, "missing", "knot.ply")
    done = subprocess.run([generator, nowhere], capture_output=True, text=True, check=False)
    check(done.returncode == 1 and nowhere in done.stderr, "a folder that is not there is named")
    check(os.listdir(folder) == [], "a refused command writes nothing")


def main():
    generator = os.environ.get("FIELDSCOPE_DEMO_MESH")
    if not generator:
        sys.exit("set FIELDSCOPE_DEMO_MESH to the built fieldscope_demo_mesh")
    with open(ASSET, "rb") as file:
        asset = file.read()
    check(len(asset) < 1_000_000, "the asset is smaller than a megabyte")
    with tempfile.TemporaryDirectory() as folder:
        check_refusals(generator, folder)
        path = os.path.join(folder, "knot.ply")
        subprocess.run([generator, path], check=True)
        check(os.listdir(folder) == ["knot.ply"], "nothing but the mesh is left behind")
        with open(path, "rb") as file:
            check(file.read() == asset, "the asset is what the generator makes")


if __name__ == "__main__":
    main()
