# SPDX-License-Identifier: MIT
"""Hundreds of services behind their walls, told to start by one request, under a hardware watchdog of one second, which must not reset the device; and
beside them services that feed watchdogs of their own. The clock of the emulated machine goes by its instructions, so it does not matter how fast they are
carried out."""
import re
import shutil
import subprocess

import mail
import pytest
from conftest import BUILD, HERE, make_image, make_overlay
from device import BOARD, TOP, Device

CROWD, SOME = 500, 200
FIRST_RANGE = 20000 << 16  # of those that no name gives
GROUP = "[Service]\nType = group\nEnabled = no\n"
SERVICE = "[Service]\nExecStart = /usr/libexec/probe stay\nWantedBy = {}\n[Namespaces]\nIdRange = {}\n"
CLOCK = ["--accel", "tcg", "--qemu=-icount", "--qemu=shift=2,sleep=off,align=off"]

pytestmark = pytest.mark.skipif(not BOARD.native, reason="half an hour on an emulated machine of another kind")


@pytest.fixture(scope="module")
def many():
    top = BUILD / "options/crowd"
    top.mkdir(parents=True, exist_ok=True)
    if not (top / ".config").exists():
        (top / ".config").write_text("CONFIG_MAX_SERVICES=768\nCONFIG_MAX_PLAN_KB=4096\n")
    common = ["make", "--no-print-directory", f"BOARD={BOARD.name}", f"O={top}", f"LIB={BOARD.libraries(BUILD)}", "DEPS=no"]
    programs = [str(top / name) for name in ("init", "bulkhead-cell", "bulkhead-log", "bulkhead-data", "bulkctl", "bulkhead-compile")]
    for goals in (["olddefconfig"], ["-j2", *programs]):
        done = subprocess.run([*common, *goals], cwd=TOP, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return top


@pytest.fixture(scope="module")
def device(tmp_path_factory, many):
    base = tmp_path_factory.mktemp("crowd")
    services = base / "services"
    services.mkdir()
    for name in ("warden", *mail.NAMES.split()):
        shutil.copy(HERE / f"services/{name}.ini", services)
    for name in ("t-some", "t-crowd"):
        (services / f"{name}.ini").write_text(GROUP)
    for n in range(CROWD):
        groups = "t-crowd t-some" if n < SOME else "t-crowd"
        (services / f"t-crowd-{n:03}.ini").write_text(SERVICE.format(groups, FIRST_RANGE + (n << 16)))
    overlay = make_overlay(base / "overlay", services)
    ini = overlay / "etc/bulkhead/init.ini"
    text, lines = re.subn(r"(?m)^TimeoutSec .*", "TimeoutSec = 1s", ini.read_text())
    assert lines == 1
    ini.write_text(text)
    for source in ("init", "bulkhead-cell", "bulkhead-log", "bulkhead-data", "bulkctl"):
        target = {"init": "usr/sbin", "bulkctl": "usr/bin"}.get(source, "usr/lib/bulkhead")
        (overlay / target).mkdir(parents=True, exist_ok=True)
        shutil.copy(many / source, overlay / target)
    image = make_image(base / "out", overlay, "--compiler", many / "bulkhead-compile")
    d = Device(image, tmp_path_factory.mktemp("device"), arguments=["--memory", "1536", *CLOCK])
    yield d
    d.close()


def info(device):
    return device.json("bulkctl --json info")


@pytest.mark.parametrize("group, seconds", [("t-some", 20), ("t-crowd", 40)])
def test_starting_all_does_not_starve_the_hardware_watchdog(device, group, seconds):
    before = info(device)
    assert before["watchdog_ms"] == 1000
    boot = device.sh("cat /proc/sys/kernel/random/boot_id")
    mail.start(device)
    # An emulated machine takes ten minutes for all. PID 1 has them all before it from the first moment on, and is watched for a while.
    said = device.try_sh(f"timeout {seconds} bulkctl start {group}", 300)
    up = int(device.sh("ls -d /sys/fs/cgroup/t-crowd-* | wc -l", 120))
    after = info(device)
    print(f"\n{group}: {up} services begun in {(after['up_ms'] - before['up_ms']) / 1000:.1f} s {said}; watchdog of 1000 ms, longest time between two feeds: "
          f"{before['watchdog_gap_ms']} ms before, {after['watchdog_gap_ms']} ms in all; longest stay away from the loop: {before['loop_max_ms']} ms before, "
          f"{after['loop_max_ms']} ms in all ({after['loop_max_in']})")
    assert up > seconds
    assert device.sh("cat /proc/sys/kernel/random/boot_id") == boot
    assert after["recoveries"] == 0 and after["watchdog_gap_ms"] < 1000
    mail.judge(device, f"beside the start of {group}, {up} begun")
    device.sh("bulkctl stop " + mail.NAMES.replace(" ", "; bulkctl stop "))
