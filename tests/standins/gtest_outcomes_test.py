"""The stand-in for GoogleTest lists, selects and judges tests as GoogleTest does: the same program,
built with each."""
import re
import subprocess
import sys

OUTCOME = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (\S+?)(?:,? .*)?$", re.MULTILINE)
FILTERS = ["*", "Passing.*", "*.Nothing", "Fixture.?ailsInTearDown:Other.*", "*-Failing.*:Some/*",
           "-Failing.*", "Both/Named.IsTrue/yes", "Nobody.*"]


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def listed(program, chosen):
    lines = run(program, "--gtest_list_tests", f"--gtest_filter={chosen}").stdout.splitlines()
    return [line.rstrip() for line in lines if "main()" not in line]


def judged(program, chosen, *more):
    done = run(program, f"--gtest_filter={chosen}", *more)
    return done.returncode, sorted({(name, outcome) for outcome, name in
                                    OUTCOME.findall(done.stdout) if "." in name})


def main():
    theirs, ours = sys.argv[1:]
    for chosen in FILTERS:
        assert listed(theirs, chosen) == listed(ours, chosen), (
            chosen, listed(theirs, chosen), listed(ours, chosen))
        for more in ((), ("--gtest_also_run_disabled_tests",)):
            wanted, got = judged(theirs, chosen, *more), judged(ours, chosen, *more)
            assert wanted == got, (chosen, set(wanted[1]) ^ set(got[1]), wanted[0], got[0])
    outcomes = judged(ours, "*")[1]
    assert {outcome for _, outcome in outcomes} == {"OK", "FAILED", "SKIPPED"}, outcomes
    print(f"{len(outcomes)} tests end the same way")


main()
