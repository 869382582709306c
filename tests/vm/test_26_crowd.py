# SPDX-License-Identifier: MIT
"""Hundreds of services behind their walls, told to start by one request, under a hardware watchdog of one second, which must not reset the device; and
beside them services that feed watchdogs of their own, and a flood of messages with descriptors. The clock of the emulated machine goes by its instructions,
4 ns each, so it does not matter how fast they are carried out. `make crowd` starts 500, more than the default build has places for, in a build of its own."""
import os
import re
import shutil
import subprocess

import mail
import pytest
from conftest import BUILD, HERE, copy_services, make_image, make_overlay
from device import BOARD, COUNTED_MACHINE, TOP, Device

CROWD = int(os.environ.get("CROWD", "200"))
PLACES = 240  # that the default build's CONFIG_MAX_SERVICES leaves for a crowd
FIRST_RANGE = 20000 << 16  # of those that no name gives
PROGRAMS = {"init": "usr/sbin", "bulkhead-cell": "usr/lib/bulkhead", "bulkhead-log": "usr/lib/bulkhead", "bulkhead-data": "usr/lib/bulkhead",
            "bulkctl": "usr/bin"}
GROUP = "[Service]\nType = group\nEnabled = no\n"
SERVICE = "[Service]\nExecStart = /usr/libexec/probe stay\nWantedBy = t-crowd\n[Namespaces]\nIdRange = {}\n"

pytestmark = pytest.mark.skipif(not BOARD.native, reason="half an hour on an emulated machine of another kind")


def build_for_many(overlay):
    """Programs with more places than the default, into the overlay; the compiler."""
    top = BUILD / "options/crowd"
    top.mkdir(parents=True, exist_ok=True)
    if not (top / ".config").exists():
        (top / ".config").write_text("CONFIG_MAX_SERVICES=768\nCONFIG_MAX_PLAN_KB=4096\n")
    common = ["make", "--no-print-directory", f"BOARD={BOARD.name}", f"O={top}", f"LIB={BOARD.libraries(BUILD)}", "DEPS=no"]
    for goals in (["olddefconfig"], ["-j2", *(str(top / name) for name in (*PROGRAMS, "bulkhead-compile"))]):
        done = subprocess.run([*common, *goals], cwd=TOP, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    for name, where in PROGRAMS.items():
        (overlay / where).mkdir(parents=True, exist_ok=True)
        shutil.copy(top / name, overlay / where)
    return top / "bulkhead-compile"


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    base = tmp_path_factory.mktemp("crowd")
    services = base / "services"
    services.mkdir()
    copy_services(services, "warden", *mail.NAMES.split())
    shutil.copy(HERE / "strangers/t-st-flood.ini", services)
    (services / "t-crowd.ini").write_text(GROUP)
    for n in range(CROWD):
        (services / f"t-crowd-{n:03}.ini").write_text(SERVICE.format(FIRST_RANGE + (n << 16)))
    overlay = make_overlay(base / "overlay", services)
    ini = overlay / "etc/bulkhead/init.ini"
    text, lines = re.subn(r"(?m)^TimeoutSec .*", "TimeoutSec = 1s", ini.read_text())
    assert lines == 1
    ini.write_text(text)
    compiler = ["--compiler", build_for_many(overlay)] if CROWD > PLACES else []
    image = make_image(base / "out", overlay, *compiler)
    d = Device(image, tmp_path_factory.mktemp("device"), arguments=["--memory", "1536", *COUNTED_MACHINE])
    yield d
    d.close()


def info(device):
    return device.json("bulkctl --json info")


def judge(device, what, before):
    """Wall time is what a loaded host makes of it; this is the device's own. No reset, no crash, no feed that was late."""
    after = info(device)
    print(f"\n{what}: PID 1's longest stay away from its loop {after['loop_max_ms']} ms, most of it for {after['loop_max_in']} (before: {before['loop_max_ms']} "
          f"ms); longest time between two feeds of a watchdog of {after['watchdog_ms']} ms: {after['watchdog_gap_ms']} ms (before: "
          f"{before['watchdog_gap_ms']} ms)")
    assert after["watchdog_ms"] == 1000
    assert after["recoveries"] == 0 and after["watchdog_gap_ms"] < 1000
    mail.judge(device, what)


def test_starting_all_does_not_starve_the_hardware_watchdog(device):
    boot = device.sh("cat /proc/sys/kernel/random/boot_id")
    mail.start(device)
    before = info(device)
    device.sh("time -p bulkctl start t-crowd", 900)
    assert device.status("t-crowd")["state"] == "up"
    up = int(device.sh("bulkctl status --json | grep -c '\"t-crowd-' || true", 120))
    assert up >= CROWD
    assert device.sh("cat /proc/sys/kernel/random/boot_id") == boot
    judge(device, f"start of {CROWD} services", before)


def test_a_flood_of_messages_with_descriptors(device):
    mail.start(device)
    before = info(device)
    device.sh("bulkctl start t-st-flood; sleep 5", 120)
    judge(device, "flood of messages with descriptors", before)
    device.sh("bulkctl stop t-st-flood", 120)


def test_what_pid_1_starts_does_not_come_first(device):
    """PID 1 has nice value -20, and its children none of it, nor what would reset theirs."""
    assert device.sh("cut -d' ' -f19 /proc/1/stat").strip() == "-20"
    groups = "/sys/fs/cgroup/t-crowd-*/cgroup.procs /sys/fs/cgroup/bulkhead-log/cgroup.procs"
    others = device.sh(f"cut -d' ' -f19 $(for p in $(cat {groups}); do echo /proc/$p/stat; done)", 120)
    assert len(others.split()) > 2 * CROWD and set(others.split()) == {"0"}, others
