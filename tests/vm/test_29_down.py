# SPDX-License-Identifier: MIT
"""The way down: a service that wants to be waited for until next month does not hold up a power-off, nor a client that reads no answer a rescue."""
import re
import shutil

import pytest
from conftest import HERE, make_image, make_overlay
from device import BOARD, Device

STUBBORN = "[Service]\nExecStart = /usr/libexec/probe stubborn\nEnabled = no\nTimeoutStopSec = 1000h\n"
# In the place of login, as where BusyBox's becomes the shell; TimeoutStopSec is over before the way down as a whole is.
SHELL = f"[Service]\nExecStart =\nExecStart = /sbin/getty -n -l /bin/sh -L 115200 {BOARD['CONSOLE']} vt100\nTimeoutStopSec = 3s\n"
MANY = 220  # whose answer is longer than a socket takes
DOWN = "RebootTimeoutSec = 20s\n"


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    base = tmp_path_factory.mktemp("down")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    (services / "t-down-stubborn.ini").write_text(STUBBORN)
    (services / "getty.d").mkdir()
    (services / "getty.d/shell.ini").write_text(SHELL)
    for n in range(MANY):
        (services / f"t-down-many-{n:03}.ini").write_text("[Service]\nType = group\nEnabled = no\n")
    overlay = make_overlay(base / "overlay", services)
    ini = overlay / "etc/bulkhead/init.ini"
    text, lines = re.subn(r"(?m)^(TimeoutSec .*\n)", rf"\1{DOWN}", ini.read_text())
    assert lines == 1
    ini.write_text(text)
    return make_image(base / "out", overlay)


@pytest.fixture
def device(image, tmp_path):
    d = Device(image, tmp_path)
    yield d
    d.close()


def test_the_whole_way_down_is_bounded(device):
    """A shell on the console is no stubborn service: it ignores SIGTERM, and getty's file says SIGHUP."""
    device.wait_console("/ # ")
    device.type("echo it-is-$((40+2))\n")
    device.wait_console("it-is-42")
    device.sh("bulkctl start t-down-stubborn")
    device.sh("{ sleep 1; bulkctl poweroff; } >/dev/null 2>&1 &")  # which ends the shell that says so
    console = device.wait_off()
    assert "bulkhead: t-down-stubborn: did not stop in time" in console
    assert "getty: did not stop in time" not in console
    assert "every service is down, powering off" in console


def test_a_rescue_while_a_client_has_read_half_of_an_answer(boot):
    """The plan that its services are in is no more: it is told that, and PID 1 goes on."""
    d = boot()
    d.wait_state("appliance", "up")
    d.sh("/usr/libexec/listing >/tmp/listing & sleep 1; cat /tmp/listing; grep -q asked /tmp/listing")
    services = len(d.services())
    d.sh("{ sleep 1; bulkctl rescue; } >/dev/null 2>&1 &")  # which ends the shell that says so
    found = d.wait_console(r"listing: (\d+) services, then (\w+)")
    print(f"\na client that had read none of {services} services: {found[1]}, then {found[2]}")
    assert 0 < int(found[1]) < services and found[2] == "ECANCELED"
    d.wait_console("Password: ")
    d.type("bulkhead\n")
    d.wait_console("(?s)Password: .*# ")
    d.type("bulkctl info; echo alive-$((1+1))\n")
    assert int(d.wait_console(r"recoveries +(\d+)")[1]) == 0
    d.wait_console("alive-2")
