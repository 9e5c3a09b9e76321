"""The stand-in for nlohmann/json writes what nlohmann/json writes: the same program, built with each,
prints the same bytes. Numbers alone may be shorter: nlohmann's algorithm (Grisu2) now and then takes a
digit more than reading back needs, or another last one."""
import os
import pathlib
import re
import subprocess
import sys

FIXTURES = pathlib.Path(os.environ["FIELDSCOPE_TEST_FIXTURES"])
NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?(?:e[-+][0-9]+)?)")


def main():
    files = sorted(FIXTURES.glob("*/*.json"))
    assert files, f"no files below {FIXTURES}"
    theirs, ours = (NUMBER.split(subprocess.run([program, *files], check=True, capture_output=True,
                                                text=True).stdout) for program in sys.argv[1:])
    assert theirs[::2] == ours[::2], "what is between the numbers differs"
    pairs = [pair for pair in zip(theirs[1::2], ours[1::2]) if pair[0] != pair[1]]
    for their, our in pairs:
        assert float(their) == float(our) and len(our) <= len(their), f"{their} became {our}"
    assert len(pairs) < len(theirs) // 2 / 100, f"{len(pairs)} of {len(theirs) // 2} numbers differ"
    print(f"{len(theirs) // 2} numbers, {len(pairs)} of them written otherwise")


main()
