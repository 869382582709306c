# SPDX-License-Identifier: MIT
"""A service that wants to be waited for until next month does not hold up a power-off."""
import re
import shutil

import pytest
from conftest import HERE, make_image, make_overlay
from device import Device

STUBBORN = "[Service]\nExecStart = /usr/libexec/probe stubborn\nEnabled = no\nTimeoutStopSec = 1000h\n"
DOWN = "RebootTimeoutSec = 20s\n"


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    base = tmp_path_factory.mktemp("down")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    (services / "t-down-stubborn.ini").write_text(STUBBORN)
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
    device.sh("bulkctl start t-down-stubborn")
    device.sh("{ sleep 1; bulkctl poweroff; } >/dev/null 2>&1 &")  # which ends the shell that says so
    console = device.wait_off()
    assert "bulkhead: t-down-stubborn: did not stop in time" in console
    assert "every service is down, powering off" in console
