"""The Google Benchmarks of the modules, built with preset `bench`."""
import argparse
import subprocess

import workshop


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench micro", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as wire/mime; all without")
    parser.add_argument("--quick", action="store_true", help="a tenth of a second for each benchmark")
    options = parser.parse_args(arguments)
    wanted = [f"bench_{module.replace('/', '_')}" for module in options.modules]
    workshop.say("building the benchmarks")
    subprocess.run([workshop.ROOT / "dev", "build-only", "bench", *(wanted or ["all"])], check=True, cwd=workshop.ROOT)
    folder = workshop.ROOT / "build/bench/src"
    programs = [folder / name for name in wanted] or sorted(p for p in folder.glob("bench_*") if p.is_file())
    failed = 0
    for program in programs:
        print(f"\n{program.name}", flush=True)
        quick = ["--benchmark_min_time=0.1"] if options.quick else []
        failed += subprocess.run([program, *quick], cwd=workshop.ROOT).returncode != 0
    print(f"bench micro: programs={len(programs)} failed={failed}")
    return 1 if failed else 0
