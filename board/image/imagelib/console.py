# SPDX-License-Identifier: MIT
"""The appliance's console, driven by pexpect: boots it, logs in, runs commands one at a time."""
import re
import sys
from pathlib import Path

import pexpect

RUN = Path(__file__).resolve().parent.parent / "run"
BOOT_SECONDS = 400  # an emulated ARM board on a busy machine; a PC takes a tenth of it
COMMAND_SECONDS = 60
END = "@@end:"


class ConsoleError(Exception):
    pass


class Console:
    def __init__(self, arguments, log=None):
        self.child = pexpect.spawn(sys.executable, [str(RUN), "--console", *map(str, arguments)], encoding="utf-8", codec_errors="replace",
                                   timeout=COMMAND_SECONDS, dimensions=(50, 160))
        self.child.logfile_read = log

    def _expect(self, pattern, seconds, what):
        try:
            self.child.expect(pattern, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF) as e:
            tail = "\n".join(self.child.before.splitlines()[-15:]) if isinstance(self.child.before, str) else ""
            raise ConsoleError(f"{what}: {'nothing came' if isinstance(e, pexpect.TIMEOUT) else 'the machine ended'}; last:\n{tail}") from e
        return self.child.before

    def login(self, user="root", password="bulkhead"):
        """Returns what the console showed until it asked."""
        shown = self._expect(r"login: ", BOOT_SECONDS, "no login on the console")
        self.child.sendline(user)
        self._expect("Password: ", COMMAND_SECONDS, "login does not ask for a password")
        self.child.sendline(password)
        self._expect(r"[#$] ", COMMAND_SECONDS, "login failed")
        # A shell that reads lines as they come: no line editing, no echo, no prompt between a command and its output. It is
        # interactive as long as its standard error is a terminal.
        self.child.sendline("stty -echo; sh -s 2>&1 | cat; exit")
        self.child.sendline(f"echo {END}''start")  # quotes: the echo of this line must not look like its output
        self._expect(END + "start\r*\n", COMMAND_SECONDS, "no shell")
        return shown

    def command(self, line, seconds=COMMAND_SECONDS):
        """(exit status, output)."""
        self.child.sendline(f"{line}\nstatus=$?; echo; echo {END}$status")
        shown = self._expect(END + r"(\d+)\r*\n", seconds, line)
        status = int(self.child.match.group(1))
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", shown.replace("\r", "").replace("\0", ""))
        # PID 1 speaks on the same console, at any time.
        return status, re.sub(r"^bulkhead: .*\n+", "", text, flags=re.M).strip("\n")

    def wait_power_off(self, line="bulkctl poweroff", seconds=90, halts=False):
        """halts: the machine has nothing that could cut its power."""
        last = "reboot: System halted" if halts else "reboot: Power down"
        self.child.sendline(line)
        shown = self._expect(last, seconds, "no clean power-off")
        if not halts:
            self._expect(pexpect.EOF, 20, "the machine did not go off")
        return shown + last

    def close(self):
        self.child.close(force=True)
