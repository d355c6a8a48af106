"""What a process and its descendants have used: CPU seconds and resident memory, read from /proc."""
import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid):
    """Fields of /proc/PID/stat after the command name, or None when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def family(pid):
    """`pid` and all its descendants that live."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(entry)
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += parents.get(one, [])
    return found


def cpu_seconds(pid):
    """User and system time of the family, with that of the children that have ended and were waited for."""
    ticks = 0
    for one in family(pid):
        fields = _stat(one)
        if fields:
            ticks += sum(map(int, fields[11:15]))  # utime stime cutime cstime
    return ticks / TICKS


def rss_mib(pid):
    """Sum of the family's resident sets (shared pages are counted in each)."""
    pages = 0
    for one in family(pid):
        fields = _stat(one)
        if fields:
            pages += int(fields[21])
    return pages * PAGE / 2**20


def pss_kib(pid):
    """Proportional set of one process."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def peak_rss_mib(pid):
    """The most one process has had resident since it began or since forget_peak()."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def machine_cpu_seconds():
    """What all processes and the kernel have used, over all cores."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, soft = map(int, fields[:7])
    return (user + nice + system + irq + soft) / TICKS


def wait_until_quiet(pid, seconds=15):
    """Until the family uses less than 5 % of a core: background work belongs to the messages that caused it."""
    before, deadline = cpu_seconds(pid), time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.4)
        now = cpu_seconds(pid)
        if now - before <= 0.02:
            return
        before = now
