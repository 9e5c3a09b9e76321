"""The CPU backend compiles for 64-bit ARM, whose vectors are NEON's, without a warning."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["FIELDSCOPE_SOURCE"])
COMPILER = "aarch64-linux-gnu-g++"
FLAGS = ["-std=c++20", "-O1", "-fno-math-errno", "-ffp-contract=fast", "-Wall", "-Wextra", "-Werror"]


def highway_headers():
    for folder in (pathlib.Path("/usr/include/hwy"), pathlib.Path("/usr/local/include/hwy")):
        if (folder / "highway.h").exists():
            return folder
    return None


def main():
    headers = highway_headers()
    if shutil.which(COMPILER) is None or headers is None:
        print(f"skipped: {COMPILER} (package g++-aarch64-linux-gnu) or Highway's headers not found")
        return 77
    with tempfile.TemporaryDirectory() as name:
        # Highway's headers alone, without those that lie beside them for the host.
        include = pathlib.Path(name) / "include"
        include.mkdir()
        (include / "hwy").symlink_to(headers)
        sources = sorted((SOURCE / "engine/backend").glob("*.cpp"))
        sources += sorted((SOURCE / "engine/backend/cpu").glob("*.cpp"))
        eigen = pathlib.Path("/usr/include/eigen3/Eigen")
        if eigen.exists():
            (include / "Eigen").symlink_to(eigen)
        else:
            sources = [source for source in sources if source.stem != "decompositions_eigen"]
        for source in sources:
            command = [COMPILER, *FLAGS, "-I", SOURCE, "-isystem", include]
            subprocess.run([*command, "-c", source, "-o", f"{name}/{source.stem}.o"], check=True)
        symbols = subprocess.run(["aarch64-linux-gnu-nm", "-C", f"{name}/kernels.o"], check=True,
                                 capture_output=True, text=True).stdout
        assert "N_NEON::run_tile<float>" in symbols, "the kernels were not compiled for NEON"
    print(f"{len(sources)} sources compile for NEON")
    return 0


sys.exit(main())
