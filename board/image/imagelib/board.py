# SPDX-License-Identifier: MIT
"""What a board is: board/NAME/board.conf, lines of `KEY = value`, and what its architecture is called by whom.

  ARCH      x86_64, aarch64 or armv7
  PAGE_KB   the pages of its kernel, where an architecture has several sizes; without it programs are padded to the largest
  KERNEL    Debian's package of its kernel (a meta package will do)
  MODULES   kernel modules for the initramfs, in the order of their loading
  CONSOLE   the terminal of the login, as below /dev
  ROOT      what the kernel command line calls the device of the root
  DTB       the device tree's file name in the kernel's package, where the firmware has none
  SDCARD    the boot program (PACKAGE:PATH of a Debian package) that goes before the first partition; an SD card is made then
  MACHINE   QEMU's machine; without one the board is a recipe, and nothing here can run it
  CPU       QEMU's processor when it emulates one; CPU_WORDS goes to its kernel's command line then
  SERIAL    how QEMU gives the tests' second line (virtconsole: /dev/hvc0; without it the machine's own second serial port)
  DISK NET  QEMU's devices
  DATA_DISK the data partition, as the device sees it
  DATA      QEMU's device of it, or card: it is on the SD card; without it there is none
  POWEROFF  halts: it has nothing that could cut its power
  MEMORY    in MiB; SMP processors, where the machine wants a number of them
  STAGES    what `make check` runs
"""
import os
import platform
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
DEFAULT = "qemu-x86_64"


@dataclass(frozen=True)
class Arch:
    debian: str  # as package names have it
    multiarch: str  # the directory of its libraries
    plan: str  # bulkhead-compile --arch
    qemu: str


ARCHES = {"x86_64": Arch("amd64", "x86_64-linux-gnu", "x86_64", "qemu-system-x86_64"),
          "aarch64": Arch("arm64", "aarch64-linux-gnu", "aarch64", "qemu-system-aarch64"),
          "armv7": Arch("armhf", "arm-linux-gnueabihf", "arm", "qemu-system-arm")}


class BoardError(Exception):
    pass


class Board:
    def __init__(self, name=None):
        self.name = name or os.environ.get("BOARD") or DEFAULT
        self.directory = TOP / "board" / self.name
        path = self.directory / "board.conf"
        if not path.is_file():
            known = " ".join(sorted(p.parent.name for p in TOP.glob("board/*/board.conf")))
            raise BoardError(f"there is no board {self.name}, only {known}")
        self.values = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            key, equals, value = line.split("#", 1)[0].partition("=")
            if equals:
                self.values[key.strip()] = value.strip()
            elif key.strip():
                raise BoardError(f"{path}:{number}: KEY = value was expected")
        if self["ARCH"] not in ARCHES:
            raise BoardError(f"{path}: ARCH is one of {' '.join(ARCHES)}")
        self.arch = ARCHES[self["ARCH"]]

    def __getitem__(self, key):
        return self.values.get(key, "")

    @property
    def native(self):
        """Whether this machine's own processor runs its programs."""
        return platform.machine() == self["ARCH"]

    def build(self, out):
        """The board's part of a build directory, as the Makefile has it."""
        out = Path(out)
        return out if self.name in (DEFAULT, out.name) else out / self.name

    def out(self, build):
        """The whole of the build directory that build() gave."""
        build = Path(build)
        return build.parent if self.name != DEFAULT and build.name == self.name else build

    def compiler(self, build):
        """The C compiler of its static programs, as a command line's beginning."""
        if self.native:
            return ["musl-gcc"]
        return [str(TOP / "board/host/musl-gcc"), str(self.libraries(build)), self.arch.multiarch]

    def plan_compiler(self, build):
        """The bulkhead-compile that runs here, with the board's own bounds if it has some."""
        own = Path(build) / "native/bulkhead-compile"
        return Path(build) / "bulkhead-compile" if self.native else own if own.is_file() else self.out(build) / "bulkhead-compile"

    def init_ini(self):
        """The device's init.ini: the demo's, with the board's own disk."""
        return (TOP / "rootfs/skeleton/etc/bulkhead/init.ini").read_text(encoding="utf-8").replace("@DATA_DISK@", self["DATA_DISK"])

    @property
    def second_console(self):
        return "hvc0" if self["SERIAL"] == "virtconsole" else "ttyS1"

    def libraries(self, build):
        return self.out(build).resolve() / "lib" / self["ARCH"]
