# SPDX-License-Identifier: MIT
"""PID 1 in namespaces of this machine. A test says which services there are, and then uses the device as a user does: with bulkctl, with signals,
and by reading its console. Nothing here measures time; what is waited for has PATIENCE seconds."""
import json
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("O", "build")).resolve()
STAND = BUILD / "pid1/stand"
PATIENCE = 30
# What this machine's kernel may lack is not what is tested here.
OPTIONAL = "\nOptionalWalls = user time landlock selinux seccomp memory cpu cpuset io pids devices ip\n"
LIFE = "/usr/bin/life"


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(what())


def service(*lines, word="notify", kind="notify", restart="no"):
    """The file of a service: tests/pid1/life.c has the words. Lines from a section's head on come behind it."""
    tail = next((i for i, line in enumerate(lines) if line.startswith("[")), len(lines))
    head = [f"[Service]\nType = {kind}\nExecStart = {LIFE} {word}\nRestart = {restart}", *lines[:tail]]
    return "\n".join(head) + OPTIONAL + "\n".join(lines[tail:]) + "\n"


class Box:
    """A device, from the first instruction of its PID 1 on."""

    def __init__(self, where, services, cmdline="bulkhead.log=debug", init=None, fstab=None, plan=True, kmsg=True, group_kill=True, before=(), container=None, without=None):
        (where / "init").mkdir(parents=True)
        files = {"cmdline": cmdline, "init/init.ini": init, "fstab": fstab, "no-plan": None if plan else "", "no-kmsg": None if kmsg else "",
                 "no-group-kill": None if group_kill else "", "container": container, "without": without}
        files.update({f"{name}.ini": text for name, text in services.items()})
        for name, text in files.items():
            if text is not None:
                (where / name).write_text(text)
        self.said = ""
        self.process = subprocess.Popen([*before, STAND, BUILD, where], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = [self.process.stdout.readline().split(None, 1) for _ in range(2)]
        assert [word[:1] for word in words] == [["place"], ["init"]], f"the box does not stand: {words}"
        self.pid = int(words[1][1])
        self.root = Path(f"/proc/{self.pid}/root")
        self.pipe = os.open(f"/proc/{self.process.pid}/root{words[0][1].strip()}/dev/console", os.O_RDONLY | os.O_NONBLOCK)

    def console(self):
        """All that it has said until now."""
        try:
            while data := os.read(self.pipe, 65536):
                self.said += data.decode(errors="replace")
        except BlockingIOError:
            pass
        return self.said

    def wait_said(self, *texts):
        """That the console says each of them, in this order: a text may come anywhere in a line behind the one before it."""
        return wait_until(lambda: self.in_order(*texts), lambda: f"{texts} not said in this order:\n{self.said}")

    def in_order(self, *texts):
        at, said = 0, self.console()
        for text in texts:
            at = said.find(text, at) + 1
            if not at:
                return False
        return True

    def try_ctl(self, *words, program="bulkctl", user=None):
        """Exit status, and both outputs in one text."""
        enter = ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt", *([] if user is None else ["-S", str(user), "-G", str(user)])]
        done = subprocess.run([*enter, f"/usr/bin/{program}", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE * 2)
        return done.returncode, done.stdout

    def ctl(self, *words):
        status, text = self.try_ctl(*words)
        assert status == 0, f"bulkctl {' '.join(words)}: {status}: {text}\n{self.console()}"
        return text

    def answers(self):
        """bulkctl is answered from here on."""
        wait_until(lambda: (self.root / "run/bulkhead/control").exists(), lambda: f"no control socket:\n{self.console()}")
        return self

    def status(self, name):
        """A service that forks for ever has a share of the processors here, where no group bounds it: bulkctl is asked again while it gets no answer."""
        self.answers()
        end = time.monotonic() + PATIENCE
        status, text = self.try_ctl("status", "--json", name)
        while status == 111 and time.monotonic() < end:
            status, text = self.try_ctl("status", "--json", name)
        assert status in (0, 3), f"{status}: {text}\n{self.console()}"
        found = json.loads(text)
        return found[0] if isinstance(found, list) else found

    def wait(self, name, *states):
        """Its status, once it is in one of the states."""
        last = {}

        def there():
            last.update(self.status(name))
            return last if last["state"] in states else None
        return wait_until(there, lambda: f"{name} is not {states} but {last}:\n{self.console()}")

    def wait_logs(self, name, text):
        return wait_until(lambda: text in self.logs(name) and self.logs(name), lambda: f"{name} did not write {text}: {self.logs(name)}")

    def logs(self, name):
        return self.ctl("logs", "-n", "1000", name)

    def host_pid(self, pid):
        """What this machine calls a process of the device, as bulkctl has its number."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text, group = status.read_text(), status.with_name("cgroup").read_text()
            except OSError:
                continue
            numbers = text.split("NSpid:", 1)[1].split("\n", 1)[0].split()
            if numbers[1:2] == [str(pid)] and f"bulkhead-pid1-{self.process.pid}/" in group:
                return int(numbers[0])
        raise AssertionError(f"no process {pid}")

    def connect(self, path):
        caller = socket.socket(socket.AF_UNIX)
        caller.settimeout(PATIENCE)
        caller.connect(str(self.root) + path)
        return caller

    def crash(self):
        """PID 1 gets the signal of a wild pointer, and goes on."""
        said = "PID 1 crashed and has taken over its services"
        before = self.console().count(said)
        os.kill(self.pid, signal.SIGSEGV)
        wait_until(lambda: self.console().count(said) > before, lambda: f"not taken over:\n{self.said}")

    def ended(self):
        """How it ended: reboot(2) ends the first process of a namespace by SIGINT (power off) or SIGHUP (restart)."""
        assert select.select([self.process.stdout], [], [], 2 * PATIENCE)[0], f"it does not end:\n{self.console()}"
        word = self.process.stdout.readline().strip()
        self.console()
        return word.removeprefix("ended ")

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.console()
        self.process.communicate()
        os.close(self.pipe)


def lacking():
    if os.geteuid() != 0:
        return "needs root"
    return None if STAND.exists() else "tests/pid1/stand is not built (make pid1)"


def pytest_report_header():
    here = Path("/sys/fs/cgroup/cgroup.controllers")
    controllers = here.read_text().split() if here.exists() else []
    return [f"PID 1 in namespaces: {lacking() or 'as root'}; a control group of its own, " +
            (f"controllers of this machine: {' '.join(controllers)}" if controllers else "without controllers (this machine has them in version 1)")]


@pytest.fixture
def box(tmp_path):
    """box(name=FILE, ...): a device that boots."""
    boxes = []

    def make(cmdline="bulkhead.log=debug", init=None, fstab=None, plan=True, kmsg=True, group_kill=True, before=(), container=None, without=None, **services):
        services = {name.replace("_", "-"): text for name, text in services.items()}
        boxes.append(Box(tmp_path / str(len(boxes)), services, cmdline, init, fstab, plan, kmsg, group_kill, before, container, without))
        return boxes[-1]
    if lacking():
        pytest.skip(lacking())
    yield make
    for one in boxes:
        one.close()
