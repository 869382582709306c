# SPDX-License-Identifier: MIT
"""Timers on a device whose clock starts in 1970, jumps by more than fifty years, goes back and is lost; and over a loss of power."""
import calendar
import shutil
import subprocess
import time

import pytest
from conftest import HERE, make_image, make_overlay
from device import Device

MIDNIGHT = calendar.timegm((2027, 1, 1, 0, 0, 0))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    base = tmp_path_factory.mktemp("timers")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    overlay = make_overlay(base / "overlay", services, HERE / "timers")
    return make_image(base / "out", overlay)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    path = tmp_path_factory.mktemp("disk") / "data.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", path, "32M"], check=True, capture_output=True)
    return path


def boot(tmp_path_factory, image, disk, clock):
    d = Device(image, tmp_path_factory.mktemp("life"), data=disk, append=["bulkhead.log=debug"], arguments=["--qemu=-rtc", f"--qemu=base={clock}"])
    d.wait_state("nginx", "up")
    return d


def timers(d):
    return {t["service"]: t for t in d.json("bulkctl timers --json")}


def runs(d, name):
    return int(d.sh(f"dmesg | grep -c '{name}: its timer has elapsed' || true"))


def wait_runs(d, name, count):
    end = time.monotonic() + 60
    while runs(d, name) < count and time.monotonic() < end:
        time.sleep(0.5)
    assert runs(d, name) == count, d.sh("bulkctl timers; date -u; dmesg | tail -n 30")


def set_clock(d, seconds):
    d.sh(f"date -u -s @{seconds}")


def test_the_life_of_a_clock(tmp_path_factory, image, disk):
    d = boot(tmp_path_factory, image, disk, "1970-01-01T00:00:00")
    try:
        # it was never set: what needs no calendar runs, the rest waits and says so
        assert int(d.sh("date -u +%s")) < 1000000
        d.wait_log("t-tick", "leaving")
        found = timers(d)
        assert found["t-timer"]["waits_for_clock"] and found["t-timer"]["next"] is None
        assert "once the clock is set" in d.sh("bulkctl timers") and "once the clock is set" in d.try_sh("bulkctl status t-timer")[1]
        assert d.try_sh("test -e /var/lib/bulkhead/timers/t-timer")[0] == 1
        # NTP answers: a time that lies between is not made up for, the next one comes
        set_clock(d, MIDNIGHT - 8)
        assert timers(d)["t-timer"]["next"] == MIDNIGHT and not timers(d)["t-timer"]["waits_for_clock"]
        assert runs(d, "t-timer") == 0
        wait_runs(d, "t-timer", 1)
        wait_runs(d, "t-night", 1)
        assert MIDNIGHT <= timers(d)["t-timer"]["last"] < MIDNIGHT + 60
        # back by seconds: midnight does not come again; by hours: it does
        set_clock(d, MIDNIGHT - 2)
        assert timers(d)["t-timer"]["next"] == MIDNIGHT + 86400
        set_clock(d, MIDNIGHT - 7200)
        assert timers(d)["t-timer"]["next"] == MIDNIGHT
        # forward over two midnights: once
        set_clock(d, MIDNIGHT + 86400 + 43200)
        wait_runs(d, "t-timer", 2)
        wait_runs(d, "t-night", 2)
        assert timers(d)["t-timer"]["next"] == MIDNIGHT + 2 * 86400
        # lost again: it waits again
        set_clock(d, 1000)
        assert timers(d)["t-timer"]["waits_for_clock"]
        # PID 1 crashes, and its timers go on
        d.sh("kill -SEGV 1; sleep 3")
        assert timers(d)["t-timer"]["armed"] and timers(d)["t-timer"]["waits_for_clock"]
        set_clock(d, MIDNIGHT + 10 * 86400 - 3)
        wait_runs(d, "t-timer", 3)
        d.sh("bulkctl stop t-night")
        assert not timers(d)["t-night"]["armed"]
        end = time.monotonic() + 30
        while time.monotonic() < end and int(d.sh("stat -c %Y /var/lib/bulkhead/timers/t-timer")) < MIDNIGHT + 10 * 86400:
            time.sleep(0.5)
        kernel = d.sh("dmesg")
        assert "cannot be kept" not in kernel
        assert not [line for line in kernel.splitlines() if "denied" in line and "timers" in line]
    finally:
        d.close()  # the power goes: nothing is stopped or unmounted


def test_what_was_missed_without_power_is_made_up_for(tmp_path_factory, image, disk):
    d = boot(tmp_path_factory, image, disk, "2027-02-10T12:00:00")
    try:
        wait_runs(d, "t-timer", 1)
        d.wait_log("t-timer", "leaving")
        found = timers(d)
        assert runs(d, "t-night") == 0 and found["t-night"]["last"] is None
        assert found["t-timer"]["last"] >= calendar.timegm((2027, 2, 10, 12, 0, 0))
        assert found["t-timer"]["next"] == calendar.timegm((2027, 2, 11, 0, 0, 0))
    finally:
        d.close()
