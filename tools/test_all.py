#!/usr/bin/env python3
"""`./dev test`: build, unit tests (the dialogs among them), end to end, checks, unit tests under sanitizers, one summary.

A program or story that fails is run once more, unless many fail: what passes then counts as passed and is listed as
unsteady. The last line is `N passed, N failed, N skipped` over all suites."""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as xml

MOST_RETRIED = 3  # more faults than this are no accident
ROOT = pathlib.Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build/reports"
SANITIZER_OPTIONS = {
    # librocksdb and the other libraries are not instrumented: containers that cross the border look overflown.
    "ASAN_OPTIONS": "detect_container_overflow=0:detect_leaks=1:strict_string_checks=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/test/lsan.supp:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"suppressions={ROOT}/test/tsan.supp:second_deadlock_stack=1",
}


@dataclasses.dataclass
class Suite:
    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    faults: list = dataclasses.field(default_factory=list)
    unsteady: list = dataclasses.field(default_factory=list)


def say(text):
    print(text, flush=True)


class Build:
    """A build that runs while other suites do. With `nice` it takes only the processor time they leave."""

    def __init__(self, preset, *targets, nice=0):
        say(f"building {preset}: {' '.join(targets)}" + (", beside what follows" if nice else ""))
        self.preset, self.began, self.ended = preset, time.monotonic(), None
        self.process = subprocess.Popen(["nice", "-n", str(nice), str(ROOT / "dev"), "build-only", preset, *targets],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        errors="replace")
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        self.output = self.process.communicate()[0]
        self.ended = time.monotonic()

    def suite(self):
        """Waits for the end; what the compiler had to say is printed now, not amid the lines of other suites."""
        self.reader.join()
        suite = Suite(f"build {self.preset}", seconds=self.ended - self.began)
        if self.process.returncode:
            say(self.output)
            suite.failed, suite.faults = 1, [f"the {self.preset} build failed"]
        else:
            suite.passed = 1
        return suite


def run_program(program, report):
    """One test program, from start to end: its Suite and what it printed. One that dies counts as one failure."""
    suite, code, output = Suite(program.name), 0, ""
    report.unlink(missing_ok=True)
    try:
        run = subprocess.run([str(program), "--gtest_brief=1", f"--gtest_output=json:{report}"], cwd=ROOT, timeout=600,
                             capture_output=True, text=True, errors="replace", env={**os.environ, **SANITIZER_OPTIONS})
        code, output = run.returncode, run.stdout + run.stderr
    except subprocess.TimeoutExpired as stuck:
        code, output = "no end in 600 s", str(stuck.output or "")
    count(suite, report)
    if code and not suite.failed:
        suite.failed = 1
        suite.faults.append(f"{program.name}: ended with {code}")
    return suite, output


def unit(preset):
    """Runs every test_* program of the preset, as many at a time as there are processors."""
    suite, began = Suite(f"unit ({preset})"), time.monotonic()
    REPORTS.mkdir(parents=True, exist_ok=True)
    programs = sorted(p for p in (ROOT / f"build/{preset}/src").glob("test_*") if os.access(p, os.X_OK) and p.is_file())
    reports = [REPORTS / f"{preset}-{program.name}.json" for program in programs]
    failed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program, report, (part, output) in zip(programs, reports, pool.map(run_program, programs, reports)):
            for line in output.splitlines():
                if line.startswith("suite ") or "Skipped" in line:
                    say(f"  {line}")
            if part.failed:
                say(output[-6000:])
                failed.append((program, report, part))
            else:
                add(suite, part)
    for program, report, part in failed:
        again = run_program(program, report)[0] if len(failed) <= MOST_RETRIED else part
        if not again.failed:
            again.unsteady = part.faults
        add(suite, again)
    suite.seconds = time.monotonic() - began
    return suite


def add(suite, part):
    suite.passed += part.passed
    suite.failed += part.failed
    suite.skipped += part.skipped
    suite.faults += part.faults
    suite.unsteady += part.unsteady


def count(suite, report):
    """Adds what a GoogleTest report says."""
    if not report.is_file():
        return
    for group in json.loads(report.read_text())["testsuites"]:
        for test in group["testsuite"]:
            if test.get("failures"):
                suite.failed += 1
                suite.faults.append(f"{group['name']}.{test['name']}")
            elif test.get("result") == "SKIPPED":
                suite.skipped += 1
            else:
                suite.passed += 1


def run_stories(binary, *which):
    """The end-to-end tests, all or `which` of pytest's options: their Suite."""
    suite, report = Suite("stories"), REPORTS / "e2e.xml"
    report.unlink(missing_ok=True)
    environment = {**os.environ, **SANITIZER_OPTIONS, "VEREDUS_BINARY": str(binary)}
    subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "--timeout=300", "-rs", f"--junitxml={report}", *which, "test"],
                   cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    if not report.is_file():
        suite.failed, suite.faults = 1, ["pytest wrote no report"]
        return suite
    for case in xml.parse(report).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            suite.failed += 1
            suite.faults.append(f"{case.get('classname')}::{case.get('name')}")
        elif "skipped" in kinds:
            suite.skipped += 1
        else:
            suite.passed += 1
    return suite


def end_to_end(binary):
    suite, began = Suite("end to end"), time.monotonic()
    REPORTS.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(ROOT / "tools/install_node_clients.sh")], check=False)
    add(suite, run_stories(binary))
    if 0 < suite.failed <= MOST_RETRIED:
        say("once more, what failed:")
        again = run_stories(binary, "--last-failed", "--last-failed-no-failures=none")
        suite.unsteady = [fault for fault in suite.faults if fault not in again.faults]
        suite.faults = again.faults
        suite.passed += suite.failed - again.failed
        suite.failed = again.failed
    suite.seconds = time.monotonic() - began
    return suite


def checks():
    suite, began = Suite("checks"), time.monotonic()
    sys.path.insert(0, str(ROOT / "tools"))
    import check
    for name, faults in check.main([]):
        if faults:
            suite.failed += 1
            suite.faults.append(f"check {name}")
        else:
            suite.passed += 1
    suite.seconds = time.monotonic() - began
    return suite


def run_suites(arguments):
    if arguments.unit_only:
        yield unit("dev")
        return
    preset = arguments.sanitizer or "dev"
    built = Build(preset, "veredus", "unit_tests").suite()
    yield built
    if built.failed:
        return
    yield unit(preset)
    # The end-to-end tests mostly wait: the sanitized build takes the processors meanwhile, and only what is left of them.
    sanitizing = None if arguments.sanitizer else Build("asan", "unit_tests", nice=19)
    yield end_to_end(ROOT / f"build/{preset}/src/veredus")
    if arguments.sanitizer:
        return
    yield checks()
    sanitized = sanitizing.suite()
    yield sanitized
    if not sanitized.failed:
        yield unit("asan")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unit-only", action="store_true", help="the unit tests of the dev build, as it stands")
    parser.add_argument("--sanitizer", choices=["asan", "tsan"], help="unit and end to end under this sanitizer")
    suites = []
    for suite in run_suites(parser.parse_args()):
        suites.append(suite)
        say(f"== {suite.name}: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped in {suite.seconds:.0f} s")
    say("\n" + f"{'suite':22} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for s in suites:
        say(f"{s.name:22} {s.passed:>7} {s.failed:>7} {s.skipped:>8} {s.seconds:>8.0f}")
    for s in suites:
        for fault in s.unsteady:
            say(f"UNSTEADY {s.name}: {fault} (passed when run again)")
        for fault in s.faults:
            say(f"FAILED {s.name}: {fault}")
    failed = sum(s.failed for s in suites)
    say(f"{sum(s.passed for s in suites)} passed, {failed} failed, {sum(s.skipped for s in suites)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
