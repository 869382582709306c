# SPDX-License-Identifier: MIT
"""The log in need: no room for its rings, and no bulkhead-log at all. Nobody waits for ever, nothing that pipes and rings hold is lost, and what is
dropped is counted and said."""
import re
import time

import pytest
from conftest import copy_services, make_image, make_overlay
from device import Device

LOGS = "/run/log/bulkhead"
PROGRAM = "/usr/lib/bulkhead/bulkhead-log"


@pytest.fixture(scope="module")
def needy(tmp_path_factory, image):
    d = Device(image, tmp_path_factory.mktemp("device"))
    d.wait_console(r"\d+ services up")  # whoever starts meanwhile would take the room that is left
    yield d
    d.close()


def numbers(device):
    """(all, used) of the file system that the rings are on, in kB."""
    return [int(x) for x in device.sh(f"df -k {LOGS} | tail -n 1").split()[1:3]]


def mount_point(device):
    return device.sh(f"df {LOGS} | tail -n 1").split()[-1]


FILL = "dd if=/dev/zero of={0}/fill bs=4k count=1000"


def fill_up(device):
    """How to undo it. Without an inode it is the same errno, of which tests/unit/test_log_store.c has the rest."""
    where, (whole, used) = mount_point(device), numbers(device)
    device.sh(f"mount -o remount,size={used + 64}k {where}")
    device.try_sh(FILL.format(where))
    return f"rm -f {where}/fill; mount -o remount,size={whole}k {where}"


def test_no_room_for_the_rings(needy):
    """bulkhead-log is killed, and started where nothing can be made: it lives on, goes on with the rings that are there, and makes the others later."""
    needy.wait_state("t-says", "down")
    needy.sh(f"rm -f {LOGS}/t-says; dmesg -c >/dev/null")
    back = fill_up(needy)
    try:
        needy.sh("bulkctl kill -s KILL bulkhead-log; bulkctl start t-says")
        before = needy.wait_state("bulkhead-log", "up")
        needy.sh("sleep 7; bulkctl restart t-says")
        now = needy.status("bulkhead-log")
        assert now["pid"] == before["pid"] and now["restarts"] == before["restarts"], now
        assert "t-says: no log: no space left on device" in needy.sh("dmesg")
    finally:
        needy.sh(back)
    needy.wait_log("t-says", r"\d lines? dropped", 60)
    needy.sh("bulkctl restart t-says")
    needy.wait_log("t-says", "hello")
    needy.sh("bulkctl stop t-says")


def test_a_ring_s_file_is_removed(needy):
    """By root: what it held and what comes next is in a new one, which says so."""
    needy.sh("bulkctl restart t-says")
    before = needy.wait_log("t-says", "hello").count("hello")
    needy.sh(f"rm {LOGS}/t-says; sleep 1; bulkctl restart t-says")
    text = needy.wait_log("t-says", "(?s)removed and has been created again.*hello")
    assert text.count("hello") == before + 1, text
    needy.sh("bulkctl stop t-says")


def fill_run(device, what):
    """How to undo it: of /run's bytes or inodes none are left."""
    flag, option, unit = {"bytes": ("-k", "size", "k"), "inodes": ("-i", "nr_inodes", "")}[what]
    whole, used = [int(x) for x in device.sh(f"df {flag} /run | tail -n 1").split()[1:3]]
    device.sh(f"mount -o remount,{option}={used + 8}{unit} /run")
    device.try_sh("dd if=/dev/zero of=/run/fill bs=4k count=100; for i in $(seq 20); do touch /run/fill$i; done")
    return f"rm -rf /run/fill*; mount -o remount,{option}={whole}{unit} /run"


@pytest.mark.parametrize("what", ["bytes", "inodes"])
def test_run_is_full(needy, what):
    """Each service starts all the same or says ENOSPC; each stops, and starts once there is room again. PID 1 answers throughout."""
    names = ("nginx", "t-notify", "t-base", "t-says")
    needy.wait_state("bulkhead-log", "up")
    before = needy.json("bulkctl info --json")["recoveries"]
    back = fill_run(needy, what)
    try:
        assert "No space left" in needy.try_sh(f"mkdir /run/fill-{what}; dd if=/dev/zero of=/run/fill bs=4k count=100")[1]
        for name in names:
            needy.try_sh(f"for i in 1 2 3; do bulkctl restart {name}; bulkctl stop {name}; bulkctl start {name}; done")
        found = {name: needy.status(name) for name in names}
        print(f"\n/run without {what}:", {name: (now["state"], now["why"]) for name, now in found.items()})
        for now in found.values():
            assert now["state"] in ("up", "done", "down") or "ENOSPC" in now["why"], now
        needy.sh("bulkctl stop nginx t-notify t-base t-says")
    finally:
        needy.sh(back)
    needy.sh("bulkctl start nginx t-notify t-base && bulkctl start t-says")
    needy.wait_log("t-says", "dropped|hello", 60)  # its ring is made a little later, where it could not be before
    needy.sh("bulkctl restart t-says")
    needy.wait_log("t-says", "hello")
    assert needy.json("bulkctl info --json")["recoveries"] == before
    needy.sh("bulkctl stop t-notify t-base t-says")


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory):
    """An image whose bulkhead-log copies lines for the kernel's log."""
    base = tmp_path_factory.mktemp("forwarding")
    services = base / "services"
    services.mkdir()
    copy_services(services, "warden", "t-says")
    overlay = make_overlay(base / "overlay", services)
    ini = overlay / "etc/bulkhead/init.ini"
    text = ini.read_text()
    assert "[Log]" not in text
    ini.write_text(text.replace("[Boot]\n", "[Boot]\nConsoleMessages = all\n") + "\n[Log]\nForward = kmsg\n")
    return make_image(base / "out", overlay)


def test_the_kernel_s_log_is_gone(boot, forwarding):
    """/dev/kmsg is removed at run time: PID 1 has it open, and bulkhead-log, when it is started anew, does without and says so once in each log.
    Permissive: enforcing, nobody may remove it."""
    d = boot(which=forwarding, append=["enforcing=0"])
    d.wait_state("bulkhead-log", "up")
    d.sh("bulkctl restart t-says")
    d.wait_log("t-says", "hello")
    assert "t-says: hello" in d.sh("dmesg")
    d.sh("rm /dev/kmsg; dmesg -c >/dev/null")
    for n in range(3):
        d.sh("bulkctl kill -s KILL bulkhead-log; sleep 1")
        assert d.wait_state("bulkhead-log", "up")["restarts"] == n + 1
    d.sh("bulkctl restart t-says; bulkctl restart nginx; sleep 1")
    text = d.wait_log("t-says", "(?s)(hello.*){2}")
    found = text.count("no /dev/kmsg: these lines are not copied there")
    print(f"\nwithout /dev/kmsg, 3 lives of bulkhead-log: said {found} times in the log of t-says; restarts: {d.status('bulkhead-log')['restarts']}")
    assert found == 3 and d.status("bulkhead-log")["restarts"] == 3
    assert "bulkhead: bulkhead-log: ended" in d.sh("dmesg")  # PID 1 goes on to write there
    assert d.console().count("bulkhead: bulkhead-log: ended: killed by SIGKILL") == 3  # ConsoleMessages = all
    assert "t-says: hello" not in d.sh("dmesg")
    assert d.status("nginx")["state"] == "up"


def test_no_log_at_all(needy):
    """A service that writes more than its pipe holds goes on all the same, and what the pipe holds is in the log once there is one."""
    lost_before = needy.status("t-writer")["log_lost"]
    needy.sh(f"mount --bind /dev/null {PROGRAM} && bulkctl kill -s KILL bulkhead-log")
    begin = time.monotonic()
    needy.sh("bulkctl start t-writer", 240)
    took, lost = time.monotonic() - begin, needy.status("t-writer")["log_lost"] - lost_before
    assert needy.status("t-writer")["state"] == "done" and lost > 100000
    assert "of its output, because bulkhead-log was not running" in needy.try_sh("bulkctl status t-writer")[1]
    needy.wait_console("bulkhead-log is not running: output of services is dropped, oldest first, and counted")
    needy.sh(f"umount {PROGRAM}")
    needy.wait_state("bulkhead-log", "up", seconds=60)
    text = needy.wait_log("t-writer", r"(?m)\b60000$", 60)
    note = re.search(r"(\d+) bytes dropped before this: bulkhead-log was not running", needy.sh("bulkctl logs -n 100000 t-writer"))
    assert note is None or int(note[1]) == lost, (note, lost)  # the ring holds less than the pipe, and may have overwritten it
    assert text.rstrip().endswith("60000")
    needy.wait_console(r"bulkhead-log is back: \d+ bytes of output were dropped", 60)
    print(f"{lost} bytes counted as dropped in {took:.0f} s")
