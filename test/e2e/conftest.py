"""Fixtures of the end-to-end tests: `veredus` is a running server, one for each test file."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import imap_people  # noqa: E402
import server as servers  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.access(servers.BINARY, os.X_OK):
        return
    absent = pytest.mark.skip(reason=f"{servers.BINARY} is not built (VEREDUS_BINARY names another)")
    for item in items:
        if pathlib.Path(__file__).parent in item.path.parents:
            item.add_marker(absent)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what the server logged."""
    outcome = yield
    report = outcome.get_result()
    if report.when != "call" or not report.failed:
        return
    for value in item.funcargs.values():
        if isinstance(value, servers.Veredus):
            report.sections.append(("log of the server", value.log()[getattr(value, "log_begin", 0):][-6000:]))


@pytest.fixture(scope="module")
def veredus_of_file(request):
    """Settings come from the file's SERVER, a dict of Veredus' arguments."""
    with servers.serving(**getattr(request.module, "SERVER", {})) as running:
        yield running


@pytest.fixture
def veredus_as_left(veredus_of_file):
    """The file's server, running, with whatever the tests before have left."""
    running = veredus_of_file
    running.log_begin = len(running.log())
    if running.process is None:
        running.start()
    return running


@pytest.fixture
def veredus(veredus_as_left):
    """The file's server, with empty mailboxes."""
    running = veredus_as_left
    running.settled()
    for account in running.json("account", "list")["accounts"]:
        name = account["address"].partition("@")[0]
        if name in servers.PASSWORDS and running.json("account", "show", account["address"])["used_messages"]:
            running.take(name)
    return running


@pytest.fixture
def person(veredus_as_left):
    """An account that only this test has."""
    with contextlib.closing(imap_people.Person(veredus_as_left)) as one:
        yield one


@pytest.fixture
def people(person, veredus_as_left):
    """Two of them."""
    with contextlib.closing(imap_people.Person(veredus_as_left)) as other:
        yield person, other


@pytest.fixture
def new_server():
    """Makes servers that only one test has: new_server(settings="…")."""
    with contextlib.ExitStack() as stack:
        yield lambda **arguments: stack.enter_context(servers.Veredus(**arguments))


@pytest.fixture
def tool():
    """tool("swaks") is the path of a program that must be installed, else the test is skipped."""
    def find(name):
        path = shutil.which(name)
        if not path:
            pytest.skip(f"{name} is not installed")
        return path
    return find


@pytest.fixture
def node(tool):
    """node("send.mjs", {…}) runs a script of test/e2e/node with that on standard input; answers what it prints."""
    program = tool("node")
    if not servers.NODE_MODULES.is_dir():
        pytest.skip("tools/install_node_clients.sh has not been run")

    def run(script, given):
        path = pathlib.Path(__file__).parent / "node" / script
        done = subprocess.run([program, path], input=json.dumps(given), capture_output=True, text=True, timeout=120,
                              env={**os.environ, "NODE_PATH": str(servers.NODE_MODULES)})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run
