"""A private Veredus for benchmarks: made by `veredus init`, as shipped but for the listeners' addresses."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

from admin_api import AdminApi, AdminError

PASSWORD = "a password for benchmarks only"


class Veredus:
    """Runs from start() to stop() or kill(); what it stored stays until remove(). `mailboxes` users, user0@demo.test and so on."""

    name = "veredus"

    def __init__(self, home, binary, mailboxes=16, extra="", environment=None, wrapped=()):
        """`extra`: further text for the configuration. `environment` is added to the server's, `wrapped` goes before its command."""
        self.home = pathlib.Path(home).resolve()
        self.binary = pathlib.Path(binary).resolve()
        self.config = self.home / "etc/veredus.toml"
        self.data = self.home / "data"
        self.environment = {**os.environ, **(environment or {})}
        self.wrapped = list(wrapped)
        self.process = None
        self.ports = {}
        self.admin = AdminApi(self.data / "admin.sock")
        self._init(extra)
        self.start()
        for i in range(mailboxes):
            self.admin.create_account(f"user{i}@demo.test")

    def _init(self, extra):
        self.config.parent.mkdir(parents=True, exist_ok=True)
        made = subprocess.run([self.binary, "--config", self.config, "init", "mx.demo.test", "admin@demo.test",
                               "--data-directory", self.data], input=PASSWORD + "\n", text=True, capture_output=True)
        if made.returncode != 0:
            raise RuntimeError(f"veredus init: {made.stderr}{made.stdout}")
        text = re.sub(r'address = "[^"]*:\d+"', 'address = "127.0.0.1:0"', self.config.read_text())
        top, listeners = text.split("[[listener]]", 1)
        self.config.write_text(f"{top}{extra}\n[[listener]]{listeners}")

    def launch(self):
        """Begins it and waits for nothing."""
        with open(self.home / "server.log", "ab") as log:
            self.process = subprocess.Popen([*self.wrapped, self.binary, "--config", self.config, "serve"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            env=self.environment)

    def start(self):
        """Returns the seconds from exec to the first greeting on the SMTP port."""
        began = time.monotonic()
        self.launch()
        self.admin.close()
        self.ports = self._ports(began + 60)
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as probe:
            if not probe.recv(512).startswith(b"220"):
                raise RuntimeError("no greeting")
        return time.monotonic() - began

    def _ports(self, deadline):
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                listeners = self.admin.status()["listeners"]
                return {one["protocol"]: int(one["address"].rpartition(":")[2]) for one in listeners}
            except (OSError, ValueError, AdminError):
                time.sleep(0.01)
        said = (self.home / "server.log").read_bytes()[-2000:].decode(errors="replace")
        self.stop()
        raise RuntimeError(f"veredus did not start:\n{said}")

    @property
    def port(self):
        return self.ports["smtp"]

    @property
    def pid(self):
        return self.process.pid

    def wait_for_fan_out(self, seconds=60):
        deadline = time.monotonic() + seconds
        while self.admin.status()["fan_out_waiting"] > 0:
            if time.monotonic() > deadline:
                raise RuntimeError("messages wait for their accounts and do not get there")
            time.sleep(0.02)

    def kill(self):
        """As the kernel does it when memory is short."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def remove(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
