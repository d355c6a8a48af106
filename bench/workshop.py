"""Builds what benchmarks need: the release binary, the load generator, the shim. Nothing is built that is newer than its source."""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench-tools"
POSTFIX = ROOT / "build" / "peers" / "postfix"


def say(text):
    """Progress goes to standard error: standard output is the result."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def release_binary():
    """build/release/src/veredus, up to date."""
    say("building the release")
    subprocess.run([ROOT / "dev", "build-only", "release", "veredus"], check=True, cwd=ROOT)
    return ROOT / "build/release/src/veredus"


def _compiled(name, source, command):
    BUILD.mkdir(parents=True, exist_ok=True)
    made, source = BUILD / name, ROOT / "bench" / source
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([*command, "-o", str(made), str(source)], check=True)
    return made


def smtp_load():
    return _compiled("smtp_load", "load/smtp_load.cc", ["clang++-19", "-std=c++20", "-O2", "-Wall", "-Wextra"])


def smtp_sink():
    return _compiled("smtp_sink", "load/smtp_sink.cc", ["clang++-19", "-std=c++20", "-O2", "-Wall", "-Wextra"])


def unsynced_shim():
    return _compiled("unsynced.so", "shim/unsynced.c",
                     ["clang-19", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-ldl"])


def scratch(name):
    """A new folder on the disk that holds the build: /tmp may be memory, and syncing memory costs nothing."""
    place = ROOT / "build" / "bench-work"
    place.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))
