#!/usr/bin/env python3
"""Reads every #include line below engine/ and app/ and fails on an arrow that runs back.

    layering_test.py ROOT          checks the tree at ROOT
    layering_test.py --self-check  feeds the check wrong includes and expects it to catch each

The picture, from engine/ARCHITECTURE.md; a folder includes only folders to its right:

    app -> experiment -> train -> {task, optim, curvature} -> field -> backend -> math

Folders in braces never include each other. geometry, data and export are leaves: geometry (meshes
and what is computed on them) for data, task and above; data for task and above; export, which knows
the plain data of train, for experiment and above. Files that lie directly in engine/ are vocabulary
(errors, knobs, versions): everybody may include them, they include no folder.
"""

import pathlib
import re
import sys
import tempfile

# Folder of engine/ -> what it may include besides itself and the files directly in engine/.
# An entry with a dot names one header.
ALLOWED = {
    "math": set(),
    "backend": {"math"},
    "field": {"backend", "math"},
    "task": {"field", "backend", "math", "data", "geometry"},
    "optim": {"field/objective.h", "backend", "math"},  # they see an objective, never a field
    "curvature": {"field/objective.h", "backend", "math"},
    "train": {"task", "optim", "curvature", "field", "backend", "math", "data", "geometry"},
    "experiment": {"train", "task", "optim", "curvature", "field", "backend", "math", "data",
                   "geometry", "export"},
    "geometry": {"math"},
    "data": {"geometry", "math"},
    "export": {"data", "geometry", "math", "train/snapshot.h", "train/config.h", "train/edit.h"},
}

# Folder of app/ -> which other folders of app/ it may include. Files directly in app/ other than
# main.cpp are vocabulary again; main.cpp may include everything.
ALLOWED_APP = {
    "gl": set(),
    "gui": {"gl", "headless"},
    "headless": set(),
}

SOURCE_SUFFIXES = {".h", ".hpp", ".cpp", ".cu", ".cuh", ".inl"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
GRAPHICS = re.compile(r"^(imgui|imstb_|imconfig|misc/|backends/imgui|GLFW/|glad/|GL/|GLES|EGL/|KHR/|X11/)")
CUDA = re.compile(r"^(cuda|cublas|cusolver|curand|cufft|cusparse|nvrtc|nvToolsExt|nvtx3?/|nvml|"
                  r"device_launch|device_functions|cooperative_groups|mma\.h|thrust/|cub/|cooperative)")


def may_include_engine(source: str, target: str) -> str | None:
    """Why `source` (engine/...) must not include `target` (engine/...), or None."""
    source_parts, target_parts = source.split("/"), target.split("/")
    if len(target_parts) == 2:
        return None  # vocabulary
    if len(source_parts) == 2:
        return "files directly in engine/ are vocabulary and include no folder of it"
    source_folder, target_folder = source_parts[1], target_parts[1]
    if target_folder == source_folder:
        return None
    allowed = ALLOWED.get(source_folder)
    if allowed is None:
        return f"engine/{source_folder} is not in the picture: give it a place in layering_test.py"
    if target_folder in allowed or "/".join(target_parts[1:]) in allowed:
        return None
    return f"{source_folder} must not include {target_folder}"


def may_include_app(source: str, target: str) -> str | None:
    """Why `source` (app/...) must not include `target` (app/...), or None."""
    source_parts, target_parts = source.split("/"), target.split("/")
    if source == "app/main.cpp" or len(target_parts) == 2:
        return None
    if len(source_parts) == 2:
        return "files directly in app/ are vocabulary and include no folder of it"
    source_folder, target_folder = source_parts[1], target_parts[1]
    if target_folder == source_folder:
        return None
    allowed = ALLOWED_APP.get(source_folder)
    if allowed is None:
        return f"app/{source_folder} is not in the picture: give it a place in layering_test.py"
    return None if target_folder in allowed else f"app/{source_folder} must not include app/{target_folder}"


def judge(root: pathlib.Path, source: str, quote: str, target: str) -> str | None:
    """Why this one include is wrong, or None."""
    if ".." in target.split("/"):
        return "includes are written from the project root"
    in_cuda = source.startswith("engine/backend/cuda/")
    if GRAPHICS.match(target):
        if source.startswith(("app/gui/", "app/gl/")):
            return None
        return "only app/gui and app/gl know Dear ImGui, GLFW and OpenGL"
    if target.startswith("engine/backend/cuda/"):
        return None if in_cuda else "the CUDA backend is opened at run time, nobody includes it"
    if target.startswith("engine/"):
        return None if source.startswith("app/") else may_include_engine(source, target)
    if target.startswith("app/"):
        if source.startswith("engine/"):
            return "the engine does not know the app"
        return may_include_app(source, target)
    if target.startswith(("tests/", "tools/")):
        return "the program does not include tests or tools"
    if CUDA.match(target):
        return None if in_cuda else "only engine/backend/cuda knows CUDA"
    if quote == '"' and (root / source).parent.joinpath(target).exists():
        return "includes are written from the project root"
    return None


def check(root: pathlib.Path) -> tuple[int, list[str]]:
    """Number of files read below root, and one line for every include that must not be."""
    files = sorted(path for folder in ("engine", "app") for path in (root / folder).rglob("*")
                   if path.suffix in SOURCE_SUFFIXES)
    wrong = []
    for path in files:
        source = path.relative_to(root).as_posix()
        if source.startswith("engine/") and source.count("/") > 1 and source.split("/")[1] not in ALLOWED:
            wrong.append(f"{source}:1: engine/{source.split('/')[1]} is not in the picture: "
                         "give it a place in layering_test.py")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            reason = judge(root, source, *match.groups()) if match else None
            if reason:
                wrong.append(f"{source}:{number}: {line.strip()}  <- {reason}")
    return len(files), wrong


GOOD = {
    "engine/error.h": "#include <string>",
    "engine/math/a.h": '#include <cmath>\n#include "engine/error.h"',
    "engine/backend/b.h": '#include "engine/math/a.h"',
    "engine/backend/cuda/c.cu": '#include <cuda_runtime.h>\n#include "engine/backend/b.h"',
    "engine/field/f.h": '#include "engine/backend/b.h"\n#include "engine/math/a.h"',
    "engine/data/image.h": "#include <vector>",
    "engine/data/load.cpp": "#include <stb_image.h>",
    "engine/task/t.h": '#include "engine/data/image.h"\n#include "engine/field/f.h"',
    "engine/field/objective.h": '#include "engine/field/f.h"',
    "engine/optim/o.h": '#include "engine/field/objective.h"',
    "engine/curvature/c.h": '#include "engine/field/objective.h"',
    "engine/train/snapshot.h": "#include <vector>",
    "engine/train/trainer.h": '#include "engine/task/t.h"\n#include "engine/optim/o.h"',
    "engine/train/trainer2.h": '#include "engine/data/image.h"',
    "engine/export/csv.h": '#include "engine/train/snapshot.h"\n#include "engine/data/image.h"',
    "engine/experiment/run.h": '#include "engine/train/trainer.h"\n#include "engine/export/csv.h"',
    "app/gl/g.h": "#include <glad/gl.h>",
    "app/gui/w.h": '#include <imgui.h>\n#include <GLFW/glfw3.h>\n#include "app/gl/g.h"',
    "app/headless/h.h": '#include "engine/experiment/run.h"\n#include <CLI/CLI.hpp>',
    "app/main.cpp": '#include "app/gui/w.h"\n#include "app/headless/h.h"',
}

WRONG = {
    "engine/math/x.h": '#include "engine/backend/b.h"',
    "engine/error2.h": '#include "engine/math/a.h"',
    "engine/backend/x.h": '#include "engine/field/f.h"',
    "engine/backend/cpu/x.h": "#include <cuda_runtime.h>",
    "engine/backend/cpu/y.h": '#include "engine/backend/cuda/c.h"',
    "engine/field/x.h": '#  include "engine/optim/o.h"',
    "engine/task/x.h": '#include "engine/optim/o.h"',
    "engine/optim/y.h": '#include "engine/field/f.h"',
    "engine/optim/x.h": '#include "engine/curvature/c.h"',
    "engine/curvature/x.h": '#include <engine/task/t.h>',
    "engine/train/x.h": '#include "engine/experiment/run.h"',
    "engine/data/x.h": '#include "engine/task/t.h"',
    "engine/export/x.h": '#include "engine/train/trainer.h"',
    "engine/export/y.h": "#include <imgui.h>",
    "engine/field/y.h": '#include "engine/data/image.h"',
    "engine/train/y.h": '#include "engine/export/csv.h"',
    "engine/experiment/x.h": '#include "app/gui/w.h"',
    "engine/experiment/y.h": '#include "run.h"',
    "engine/experiment/z.h": '#include "../train/trainer.h"',
    "engine/newcomer/x.h": "#include <vector>",
    "app/headless/x.h": '#include "app/gui/w.h"',
    "app/headless/y.h": "#include <glad/gl.h>",
    "app/gl/x.h": '#include "app/gui/w.h"',
    "app/gui/x.h": "#include <cuda_runtime.h>",
}


def self_check() -> int:
    """0 if the right tree passes and every wrong include, added alone to it, is caught."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in GOOD.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n", encoding="utf-8")
        count, wrong = check(root)
        if count != len(GOOD) or wrong:
            failures.append(f"the right tree: {count} of {len(GOOD)} files read, found {wrong}")
        for name, text in WRONG.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n", encoding="utf-8")
            _, wrong = check(root)
            if len(wrong) != 1 or not wrong[0].startswith(name + ":"):
                failures.append(f"{name} with {text}: expected one finding there, got {wrong}")
            (root / name).unlink()
    print("\n".join(failures) or f"{len(WRONG)} wrong includes caught, {len(GOOD)} right files pass")
    return 1 if failures else 0


def main() -> int:
    if sys.argv[1:] == ["--self-check"]:
        return self_check()
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    count, wrong = check(pathlib.Path(sys.argv[1]))
    print("\n".join(wrong + [f"{count} files read, {len(wrong)} wrong includes"]))
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
