"""`veredus backup` while it serves, and what can be done with the copy."""
import shutil
import threading

import pytest
import wire

SERVER = {"people": ("bob",)}
BIG = "".join(f"line {i} of a message of several chunks\r\n" for i in range(20_000))


@pytest.fixture
def copy(veredus):
    place = veredus.directory / "copy"
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_a_backup_taken_under_load_is_sound_and_has_all_that_came_before(veredus, copy):
    veredus.send(wire.message("before", BIG))
    stop, sent = threading.Event(), []

    def keep_sending():
        with veredus.smtp() as session:
            session.hello()
            while not stop.is_set():
                assert session.mail("a@example.org", "bob@demo.test", wire.message(f"{len(sent)}", BIG)).code == 250
                sent.append(len(sent))

    sender = threading.Thread(target=keep_sending, daemon=True)
    sender.start()
    try:
        before = len(sent)
        assert f"backed up to {copy}" in veredus.run("backup", str(copy)).stdout
    finally:
        stop.set()
        sender.join(wire.PATIENCE)
    assert "sound" in veredus.run("verify", str(copy)).stdout
    report = veredus.json("verify", str(copy))
    assert report["sound"] is True and report["damage"] == [] and report["bodies"] > 0

    veredus.stop()
    live = veredus.data.rename(veredus.directory / "live")
    try:
        serve_from(veredus, copy)
        assert veredus.take_one("alice").endswith(BIG.encode())
        subjects = [wire.subject_of(m) for m in veredus.take("bob")]
        assert subjects == [str(i) for i in range(len(subjects))] and before <= len(subjects) <= len(sent)
        veredus.send(wire.message("after"))
        assert wire.subject_of(veredus.take_one()) == "after"
    finally:
        veredus.stop()
        shutil.rmtree(veredus.data, ignore_errors=True)
        live.rename(veredus.data)
    veredus.start()
    assert len(veredus.take("bob", len(sent))) == len(sent)


def serve_from(veredus, copy):
    """The copy is what stands in the data directory as `store`."""
    veredus.data.mkdir(mode=0o700)
    shutil.copytree(copy, veredus.data / "store")
    veredus.start()


def test_a_backup_overwrites_nothing(veredus, copy):
    copy.mkdir()
    (copy / "precious").write_text("x")
    done = veredus.run("backup", str(copy), check=False)
    assert done.returncode == 1 and done.stderr
    assert (copy / "precious").read_text() == "x"
    assert veredus.json("status")["healthy"] is True


def test_damage_in_a_copy_is_found(veredus, copy):
    for i in range(5):
        veredus.send(wire.message(str(i), BIG))
    veredus.run("backup", str(copy))
    files = sorted((path for path in copy.rglob("*") if path.is_file() and path.suffix in (".sst", ".blob", ".log")),
                   key=lambda path: path.stat().st_size)
    damaged = files[-1]
    octets = bytearray(damaged.read_bytes())
    damaged.unlink()  # it may be a link to the server's own file
    octets[len(octets) // 2] ^= 0xFF
    damaged.write_bytes(octets)
    done = veredus.run("verify", str(copy), check=False)
    assert done.returncode == 1, done.stdout


def test_a_directory_without_a_store_is_no_backup(veredus, tmp_path):
    done = veredus.run("verify", str(tmp_path), check=False)
    assert done.returncode == 1 and done.stderr
    assert list(tmp_path.iterdir()) == []
