#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What bulkhead takes in the memory of the booted appliance, and its plan in flash.

tests/size calls this; O is the build directory. The device is the demo's with one service more, the tests' root shell,
which reads the figures. Prints `skipped` and why where no VM can run.
"""
import lzma
import os
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.dont_write_bytecode = True
# Debian keeps mkfs where an ordinary user's PATH does not lead.
os.environ["PATH"] += ":/usr/sbin:/sbin"
HERE = Path(__file__).resolve().parent
TOOLS = ["qemu-system-x86_64", "musl-gcc", "mkfs.erofs", "fakeroot", "secilc", "dpkg-deb", "apt-get"]
EXAMPLE = "nginx"  # the service whose cell is looked at
ROLLUP = ["Rss", "Pss", "Anonymous"]  # of /proc/PID/smaps_rollup, in kB
STAT = ["anon", "file", "kernel"]  # of memory.stat, in bytes


def lacking():
    tools = [t for t in TOOLS if not shutil.which(t)]
    try:
        import pytest  # noqa: F401
    except ImportError:
        tools.append("pytest")
    return tools


def table(head, rows):
    print(f"{head[0]:<28}" + "".join(f" {word:>9}" for word in head[1:]))
    for name, *figures in rows:
        print(f"{name:<28}" + "".join(f" {f:>9}" for f in figures))


def make_images(base):
    """The image, and the plan that the build put into it."""
    from conftest import HERE as tests, make_image, make_overlay
    services = base / "services"
    services.mkdir()
    shutil.copy(tests / "services/warden.ini", services)
    image = make_image(base / "out", make_overlay(base / "overlay", services))
    return image, (image / "plan").read_bytes()


def read_process(device, pid):
    """[RSS, PSS, anonymous] in kB. All of them are there, or this fails."""
    lines = (x.split() for x in device.sh(f"cat /proc/{pid}/smaps_rollup").splitlines())
    figures = {x[0].rstrip(":"): int(x[1]) for x in lines if x[-1] == "kB"}
    return [figures[key] for key in ROLLUP]


def read_cgroup(device, name):
    """[memory.current, anonymous, page cache, kernel] in kB."""
    current, *stat = device.sh(f"cd /sys/fs/cgroup/{name} && cat memory.current memory.stat").splitlines()
    figures = dict(x.split() for x in stat)
    return [int(x) // 1024 for x in (current, *(figures[key] for key in STAT))]


def report(device, plan):
    device.wait_console(r"bulkhead: \d+ services up(, \d+ not: .*)?\n")
    device.sh("bulkctl stop flaky")  # crashes on purpose: it might be gone between two looks
    services = {name: s for name, s in device.services().items() if s["state"] == "up" and s["reaper"] and name != "warden"}
    cells = [read_process(device, s["reaper"]) for s in services.values()]
    table(["kB of a process", "RSS", "PSS", "anonymous"], [
        ["init (PID 1)", *read_process(device, 1)],
        ["bulkhead-log", *read_process(device, services["bulkhead-log"]["pid"])],
        [f"bulkhead-cell ({EXAMPLE})", *read_process(device, services[EXAMPLE]["reaper"])],
        [f"all {len(cells)} cells", *(sum(column) for column in zip(*cells))],
    ])
    print()
    groups = [[name, *read_cgroup(device, name)] for name in sorted(services)]
    table(["kB of a service's cgroup", "current", "anonymous", "cache", "kernel"],
          [*groups, ["all", *(sum(column) for column in list(zip(*groups))[1:])]])
    print("(memory.current; cache: files and tmpfs, each page with the group that touched it first)\n")
    info = device.json("bulkctl info --json")
    packed = lzma.compress(plan, preset=9 | lzma.PRESET_EXTREME)
    table(["bytes of the plan", "memory", "file", "xz"],
          [[f"{info['services']} services", info["plan_bytes"], len(plan), len(packed)]])


def main():
    if lacks := lacking():
        print(f"memory on the booted device: skipped: no {', '.join(lacks)} here")
        return
    sys.path.insert(0, str(HERE))
    from device import Device
    with tempfile.TemporaryDirectory(prefix="bulkhead-size-") as directory:
        image, plan = make_images(Path(directory))
        # Connected afterwards, so that a device on which no shell comes up is closed too.
        with closing(Device(image, directory, warden=False)) as device:
            device.connect()
            report(device, plan)


if __name__ == "__main__":
    main()
