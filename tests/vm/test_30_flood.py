# SPDX-License-Identifier: MIT
"""A service floods its log; what others write is stored all the same. The clock of the machine goes by its instructions, 4 ns each, so what is counted in so
many of its seconds does not depend on how loaded the host is."""
import re
import shutil

import pytest
from conftest import HERE, make_image, make_overlay
from device import BOARD, COUNTED_MACHINE, Device

SECONDS = 3
LINE = 80
SERVICE = "[Service]\nExecStart = {}\nEnabled = no\n"
POUR = '/usr/libexec/probe pour "{} {}"'  # bytes of a write, bytes of a line
WRITERS = {"quiet": (LINE, LINE), "byte": (1, 2), "block": (65536, 2), "block2": (65536, 2), "block3": (65536, 2)}

pytestmark = pytest.mark.skipif(not BOARD.native, reason="an emulated machine of another kind has no clock that goes by its instructions")


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    base = tmp_path_factory.mktemp("flood")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    for name, sizes in WRITERS.items():
        (services / f"t-pour-{name}.ini").write_text(SERVICE.format(POUR.format(*sizes)))
    (services / "t-pour-busy.ini").write_text(SERVICE.format("/usr/bin/busybox sh -c 'while :; do :; done'"))
    image = make_image(base / "out", make_overlay(base / "overlay", services))
    d = Device(image, tmp_path_factory.mktemp("device"), arguments=COUNTED_MACHINE)
    yield d
    d.close()


def cpu_ms(device):
    """Of the log program, and of PID 1."""
    log = int(device.sh("grep usage_usec /sys/fs/cgroup/bulkhead-log/cpu.stat").split()[1]) // 1000
    return log, sum(int(x) for x in device.sh("cut -d' ' -f14-15 /proc/1/stat").split()) * 10


def stored(device, name):
    """Lines stored in the ring, which numbers them, since it was made (ring.h)."""
    return int(device.try_sh(f"od -A n -t u4 -j 40 -N 4 /run/log/bulkhead/t-pour-{name} 2>/dev/null")[1] or 0)


def pour(device, *others):
    """Lines of the quiet one that were stored in some seconds of the device. None of those that it wrote is missing."""
    names = [f"t-pour-{n}" for n in ("quiet", *others)]
    writers = [n for n in ("quiet", *others) if n in WRITERS]
    before, used = {n: stored(device, n) for n in writers}, cpu_ms(device)
    device.sh(f"for n in {' '.join(names)}; do bulkctl start $n; done; sleep {SECONDS}; for n in {' '.join(names)}; do bulkctl stop $n; done; sleep 1", 300)
    lines, now = {n: stored(device, n) - before[n] for n in writers}, cpu_ms(device)
    print(f"\n{' + '.join(names)}: lines in {SECONDS} s: {lines}; CPU in ms: bulkhead-log {now[0] - used[0]}, PID 1 {now[1] - used[1]}")
    last = re.findall(r"\b(\d{10}) a", device.sh("bulkctl logs -n 3 t-pour-quiet"))[-1]
    assert int(last) == lines["quiet"], (last, lines)
    return lines["quiet"]


def test_a_flood_costs_the_flooder(device):
    """As much goes through of the others as beside one who only computes: the kernel divides the CPU, and bulkhead-log gives no flooder more of it."""
    busy = pour(device, "busy")
    for floods in (("byte",), ("block", "block2", "block3")):
        found = pour(device, *floods)
        print(f"{' + '.join(floods)}: {found / busy:.2f} of what goes through beside one who computes")
        assert found > busy * 3 / 4
