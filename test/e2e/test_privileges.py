"""Started as root, it does its work as somebody else."""
import os
import pathlib
import pwd
import shutil
import tempfile

import pytest
import server
import wire

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def folder():
    made = pathlib.Path(tempfile.mkdtemp(prefix="veredus-e2e-data-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@needs_root
def test_the_server_runs_as_the_user_of_the_configuration(folder):
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    running = server.Veredus(top='run_as = "nobody"', data=folder / "data", people=(),
                             prepare=lambda made: give_away(made, nobody))
    try:
        status = pathlib.Path(f"/proc/{running.pid}/status").read_text()
        ids = {line.split()[0]: line.split()[1:] for line in status.splitlines() if line.startswith(("Uid", "Gid"))}
        assert ids == {"Uid:": [str(nobody.pw_uid)] * 4, "Gid:": [str(nobody.pw_gid)] * 4}
        groups = next(line for line in status.splitlines() if line.startswith("Groups"))
        assert "0" not in groups.split()[1:]
        running.send(wire.message("by nobody"))
        assert wire.subject_of(running.take_one()) == "by nobody"
        assert {entry.owner() for entry in (folder / "data/store").rglob("*")} == {"nobody"}
        assert running.stop() == 0
    finally:
        running.remove()


def give_away(running, user):
    """What `veredus init` made as root before run_as was written."""
    for path in [running.data, *running.data.rglob("*"), running.directory / "key.pem", running.directory]:
        os.chown(path, user.pw_uid, user.pw_gid)


@needs_root
def test_init_gives_everything_to_the_user_it_is_told(folder):
    config = folder / "etc/veredus.toml"
    made = server.run("--config", config, "init", "mx.demo.test", "alice@demo.test", "--data-directory",
                      folder / "data", "--run-as", "nobody", stdin="correct horse battery\n")
    assert made.returncode == 0, made.stderr
    assert 'run_as = "nobody"' in config.read_text()
    assert (folder / "etc/key.pem").owner() == "nobody"
    assert (folder / "etc/key.pem").stat().st_mode & 0o077 == 0
    assert {entry.owner() for entry in (folder / "data").rglob("*")} == {"nobody"}


def test_an_unknown_user_is_said_so(folder):
    config = folder / "veredus.toml"
    made = server.run("--config", config, "init", "mx.demo.test", "alice@demo.test", "--data-directory",
                      folder / "data", "--run-as", "no-such-user", stdin="correct horse battery\n")
    assert made.returncode == 1
    assert "no user 'no-such-user'" in made.stderr
    assert not config.exists()
