"""What a test has started is stopped when what it starts next does not start."""
import os
import pathlib
import signal
import subprocess
import sys
import uuid

import pytest

import dns_server
import server

HERE = pathlib.Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("test_*.py")
               if path.name != pathlib.Path(__file__).name and "dns_server.DnsServer" in path.read_text())
MARK = "VEREDUS_E2E_MARK"

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")


@pytest.fixture(scope="module")
def never_serves(tmp_path_factory):
    """The program, but `serve` ends at once."""
    path = tmp_path_factory.mktemp("program") / "veredus"
    path.write_text(f'#!/bin/sh\nfor word; do [ "$word" = serve ] && exit 1; done\nexec "{server.BINARY}" "$@"\n')
    path.chmod(0o755)
    return path


def end(mark):
    """Ends all processes begun with that mark. Their command lines."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:  # it has just ended, or is another's
            continue
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_process_is_left(never_serves, name):
    mark = f"{uuid.uuid4()}"
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", HERE / name], cwd=HERE, text=True,
                          capture_output=True, timeout=300, env={**os.environ, "VEREDUS_BINARY": str(never_serves), MARK: mark})
    left = end(mark)
    assert not left, left
    if " skipped" in done.stdout and "failed" not in done.stdout and "error" not in done.stdout:
        pytest.skip("it needs more than there is here")
    assert "`veredus serve` ended with 1" in done.stdout, done.stdout[-4000:]
