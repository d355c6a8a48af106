"""Takes back what a program under bench/shim/unsynced.c had not made durable, as a power loss would.

Strict POSIX: the octets of a file last as far as its last fsync or fdatasync, names as far as the last fsync of their folder.
What was not synced may still have reached the disk, in part: `luck` chooses how much (None: nothing of it)."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

import workshop


@dataclass
class _File:
    synced: int = 0
    undo: list = field(default_factory=list)  # (offset, length, number), in order


class PowerLoss:
    """For one run of a program: construct it before the start, give it environment(), and after the end call strike()."""

    def __init__(self, root, journal):
        self.root, self.journal = pathlib.Path(root).resolve(), pathlib.Path(journal).resolve()
        shutil.rmtree(self.journal, ignore_errors=True)
        self.journal.mkdir(parents=True)
        self.before = {str(path): path.stat() for path in self.root.rglob("*") if path.is_file()}

    def environment(self, ignores_sync=False):
        values = {"LD_PRELOAD": str(workshop.unsynced_shim()), "UNSYNCED_ROOT": str(self.root), "UNSYNCED_JOURNAL": str(self.journal)}
        return {**values, "UNSYNCED_IGNORES_SYNC": "1"} if ignores_sync else values

    def strike(self, luck=None):
        """The octets and names taken back: (octets, names). `luck`: a random.Random."""
        files, names = self._replay()
        kept = int(luck.random() * (len(names) + 1)) if luck else 0  # names become durable in order
        octets = self._take_back_octets(files, luck)
        for operation in reversed(names[kept:]):
            self._take_back_name(operation)
        return octets, max(0, len(names) - kept) + self._remove_unknown(names)

    def _replay(self):
        """What was synced of each inode, and the changes of names that were not."""
        files = {status.st_ino: _File(status.st_size) for status in self.before.values()}
        names, begun = [], {}
        path = self.journal / "journal"
        for line in path.read_text().splitlines() if path.exists() else []:
            kind, *values = line.split(" ")
            if kind == "C":
                files[int(values[1])] = _File()
                names.append((kind, *values))
            elif kind in "RXLM":
                names.append((kind, *values))
            elif kind == "U":
                inode, offset, length, number = map(int, values)
                files.setdefault(inode, _File()).undo.append((offset, length, number))
            elif kind == "B":
                inode, size, number = map(int, values)
                begun[number] = (inode, size, len(files.setdefault(inode, _File()).undo))
            elif kind == "D":
                begun[int(values[1])] = (values[0], list(names))
            elif kind == "E":
                names = self._sync_ended(files, names, begun.pop(int(values[0])))
        return files, names

    @staticmethod
    def _sync_ended(files, names, sync):
        if isinstance(sync[0], str):
            folder, then = sync
            durable = {id(one) for one in then if _folder_of(one) == folder}
            return [one for one in names if id(one) not in durable]
        inode, size, undone = sync
        file = files[inode]
        file.undo = file.undo[undone:]
        file.synced = max(size, file.synced) if file.undo else size
        return names

    def _take_back_octets(self, files, luck):
        taken = 0
        paths = [path for place in (self.root, self.journal) for path in place.rglob("*") if path.is_file()]
        done = set()
        for path in paths:
            if path.parent == self.journal and not path.name.startswith("grave."):
                continue
            inode, size = path.stat().st_ino, path.stat().st_size
            if inode in done or inode not in files:
                continue
            done.add(inode)
            taken += self._take_back_file(path, size, files[inode], luck)
        return taken

    def _take_back_file(self, path, size, file, luck):
        with open(path, "r+b") as stream:
            for offset, _, number in reversed(file.undo):
                stream.seek(offset)
                stream.write((self.journal / f"undo.{number}").read_bytes())
            stream.flush()
            end = stream.seek(0, os.SEEK_END)
            if end <= file.synced:
                return 0
            keep = luck.randint(file.synced, end) if luck and not file.undo and luck.random() < 0.5 else file.synced
            stream.truncate(keep)
        return max(0, size - keep)

    def _take_back_name(self, operation):
        kind, path = operation[0], pathlib.Path(operation[1])
        try:
            if kind in "CL":
                path.unlink()
            elif kind == "M":
                path.rmdir()
            elif kind == "X":
                os.link(self.journal / f"grave.{operation[2]}", path)
            elif kind == "R":
                target = pathlib.Path(operation[2])
                if target.stat().st_ino == int(operation[3]):
                    os.rename(target, path)
                    if operation[4] != "0":
                        os.link(self.journal / f"grave.{operation[4]}", target)
        except OSError:
            pass  # the operation had been written down and not come to pass

    def _remove_unknown(self, names):
        """Files made behind the shim's back (by the C library's own calls) were never synced either."""
        known = set(self.before) | {name for one in names for name in one[1:3] if name.startswith("/")}
        created = {line.split(" ")[1] for line in self._lines("C")} | {line.split(" ")[2] for line in self._lines("R")}
        unknown = [path for path in self.root.rglob("*")
                   if path.is_file() and str(path) not in known and str(path) not in created]
        for path in unknown:
            path.unlink()
        return len(unknown)

    def _lines(self, kind):
        path = self.journal / "journal"
        return [line for line in path.read_text().splitlines() if line.startswith(kind + " ")] if path.exists() else []


def _folder_of(operation):
    return operation[2 if operation[0] == "R" else 1].rpartition("/")[0]


WRITER = """
import os, sys
os.chdir(sys.argv[1])
def put(name, octets, sync, flags=os.O_CREAT | os.O_WRONLY, at=None):
    file = os.open(name, flags, 0o600)
    os.write(file, octets) if at is None else os.pwrite(file, octets, at)
    if sync: os.fsync(file)
    return file
def sync_folder():
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
put("synced", b"all of it", True)
put("half", b"durable", True)
put("renamed.new", b"new", True)
put("overwritten", b"old octets", True)
put("removed", b"still here", True)
put("never", b"lost", False)
sync_folder()
os.write(put("half", b"", False, os.O_WRONLY | os.O_APPEND), b" and not")
os.rename("renamed.new", "renamed")
put("overwritten", b"NEW", False, os.O_WRONLY, at=0)
os.unlink("removed")
put("unnamed", b"its name was not synced", True)
os.ftruncate(os.open("synced", os.O_WRONLY), 3)
os.kill(os.getpid(), 9)
"""
EXPECTED = {"synced": b"all of it", "half": b"durable", "renamed.new": b"new", "overwritten": b"old octets",
            "removed": b"still here", "never": b""}


def self_check():
    """A writer that forgets to sync in every way there is; raises when anything but what it synced is left."""
    place = pathlib.Path(tempfile.mkdtemp(dir=workshop.scratch("shim")))
    (place / "root").mkdir()
    loss = PowerLoss(place / "root", place / "journal")
    subprocess.run([sys.executable, "-c", WRITER, str(place / "root")], env={**os.environ, **loss.environment()})
    loss.strike()
    left = {path.name: path.read_bytes() for path in (place / "root").iterdir()}
    shutil.rmtree(place.parent)
    if left != EXPECTED:
        raise RuntimeError(f"the shim does not do what it is for: {left}")
