#!/usr/bin/env python3
"""Runs clang-tidy over the sources named, two at a time, with the dev preset's compile commands. Prints findings only."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build/dev/compile_commands.json"


def tidy(path):
    run = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(DATABASE.parent), str(path)], capture_output=True, text=True)
    return path, run.returncode, run.stdout.strip()


def main(paths):
    known = {os.path.realpath(entry["file"]) for entry in json.loads(DATABASE.read_text())}
    files = [p for p in map(os.path.realpath, paths) if p in known]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, code, said in pool.map(tidy, files):
            if code != 0:
                failed += 1
                print(f"{os.path.relpath(path, ROOT)}:\n{said}", flush=True)
    print(f"clang-tidy: {len(files)} files, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
