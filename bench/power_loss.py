"""Takes back what a program under bench/shim/unsynced.c had not made durable, as a power loss would.

Strict POSIX: the octets of a file last as far as its last fsync or fdatasync, names as far as the last fsync of their folder.
What was not synced may still have reached the disk, in part: `luck` chooses how much (None: nothing of it): names up to some
point, the ends of files up to some octet, and of what was overwritten each sector as some of its writes left it."""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

import workshop


SECTOR = 512


@dataclass
class _File:
    synced: int = 0
    undo: list = field(default_factory=list)  # (is_cut, offset, length, place in the undo file), in order
    durable: int = 0  # of undo: how many the last sync has made good


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
            elif kind in "UT":
                inode, offset, length, at = map(int, values)
                files.setdefault(inode, _File()).undo.append((kind == "T", offset, length, at))
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
        file.durable = max(undone, file.durable)
        file.synced = max(size, file.synced) if len(file.undo) > file.durable else size
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
        taken = 0
        undo = file.undo[file.durable:]
        with open(path, "r+b") as stream:
            if undo:
                with open(self.journal / "undo", "rb") as old:
                    taken += self._overwrite_back(stream, old, undo, luck)
            end = stream.seek(0, os.SEEK_END)
            if end <= file.synced:
                return taken
            keep = luck.randint(file.synced, end) if luck and luck.random() < 0.5 else file.synced
            if path.suffix == ".log":
                self._dig_holes(stream, file.synced, keep, luck)
            stream.truncate(keep)
        return taken + max(0, size - keep)

    @staticmethod
    def _overwrite_back(stream, old, undo, luck):
        """Each sector goes back to where a random one of its writes left it; what was cut off comes back whole."""
        taken, kept = 0, {}
        for index in reversed(range(len(undo))):
            is_cut, offset, length, at = undo[index]
            first = offset
            while first < offset + length:
                after = offset + length if is_cut else min((first // SECTOR + 1) * SECTOR, offset + length)
                sector = first // SECTOR
                if luck and not is_cut and sector not in kept:
                    kept[sector] = luck.randint(0, len(undo))
                if is_cut or index >= kept.get(sector, 0):
                    old.seek(at + first - offset)
                    stream.seek(first)
                    stream.write(old.read(after - first))
                    taken += after - first
                first = after
        stream.flush()
        return taken

    @staticmethod
    def _dig_holes(stream, first, end, luck):
        """In the part of an unsynced end that survives, sectors that do not: a new block may be there and its octets not."""
        for sector in range(first // SECTOR + 1, end // SECTOR):
            if luck.random() < 0.1:
                stream.seek(sector * SECTOR)
                stream.write(bytes(SECTOR))

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
put("level", bytes(8192), True)
put("level", b"1" * 3000, True, os.O_WRONLY, at=0)
sync_folder()
os.write(put("half", b"", False, os.O_WRONLY | os.O_APPEND), b" and not")
os.rename("renamed.new", "renamed")
put("overwritten", b"NEW", False, os.O_WRONLY, at=0)
put("level", b"2" * 3000, False, os.O_WRONLY, at=3000)
put("level", b"3" * 2000, False, os.O_WRONLY, at=5000)
os.unlink("removed")
put("unnamed", b"its name was not synced", True)
os.ftruncate(os.open("synced", os.O_WRONLY), 3)
os.kill(os.getpid(), 9)
"""
EXPECTED = {"synced": b"all of it", "half": b"durable", "renamed.new": b"new", "overwritten": b"old octets",
            "removed": b"still here", "never": b"", "level": b"1" * 3000 + bytes(5192)}


def self_check():
    """A writer that forgets to sync in every way there is; raises when anything but what it synced is left."""
    left = _left_of_writer(None)
    if left != EXPECTED:
        raise RuntimeError(f"the shim does not do what it is for: {left}")
    seen = set()
    for seed in range(20):
        level = _left_of_writer(random.Random(seed))["level"]
        if level[:3000] != b"1" * 3000 or any(octets.strip(b"\0") for octets in (level[7000:],)):
            raise RuntimeError("the shim takes back what was synced")
        seen |= {level[at] for at in (3000, 3100, 4000, 5100, 6000, 6900)}
    if seen != {0, ord("2"), ord("3")}:
        raise RuntimeError(f"the shim leaves no holes: {seen}")


def _left_of_writer(luck):
    place = pathlib.Path(tempfile.mkdtemp(dir=workshop.scratch("shim")))
    (place / "root").mkdir()
    loss = PowerLoss(place / "root", place / "journal")
    subprocess.run([sys.executable, "-c", WRITER, str(place / "root")], env={**os.environ, **loss.environment()})
    loss.strike(luck)
    left = {path.name: path.read_bytes() for path in (place / "root").iterdir()}
    shutil.rmtree(place.parent)
    return left
