# SPDX-License-Identifier: MIT
"""PID 1 lives; and the ways in which a device starts and ends."""
import base64
import re
import struct
import subprocess

import pytest
from device import BUILD, STATE, TOP, Device


@pytest.fixture(scope="module")
def crashing(tmp_path_factory, image):
    """One device for all crashes: what they do to it they must not do."""
    d = Device(image, tmp_path_factory.mktemp("device"))
    d.wait_state("appliance", "up")
    yield d
    d.close()


def recoveries(d):
    return d.json("bulkctl info --json")["recoveries"]


def test_a_crash_of_pid_1_is_not_noticed(crashing):
    d = crashing
    survived = recoveries(d)
    before = {n: s for n, s in ((n, d.wait_state(n, "up")) for n in ("nginx", "dropbear", "mosquitto", "bulkhead-log"))}
    for crash in range(1, 4):
        d.sh("kill -SEGV 1; sleep 1")
        assert recoveries(d) == survived + crash
    d.wait_console("PID 1 crashed and has taken over its services again")
    for name, then in before.items():
        now = d.status(name)
        assert (now["pid"], now["restarts"], now["state"]) == (then["pid"], then["restarts"], "up"), name
    d.sh("bulkctl restart nginx; bulkctl start t-chatty")
    assert len(re.findall(r"line \d+", d.wait_log("t-chatty", r"line 199\b"))) == 200
    d.sh("bulkctl kill -s KILL mosquitto; sleep 2")
    assert d.wait_state("mosquitto", "up")["restarts"] == before["mosquitto"]["restarts"] + 1
    assert d.sh("cat /proc/1/attr/current").startswith("system_u:system_r:init_t:s0")


def test_a_crash_while_services_start_fails_none(crashing):
    """Restart = no: what PID 1 forgets in a crash is not started a second time."""
    d = crashing
    survived = recoveries(d)
    names = ("simple", "notify", "once", "pre")
    d.sh("bulkctl start t-crash-count")
    before = {n: d.status(n) for n in ("nginx", "dropbear", "bulkhead-log", "t-crash-count")}
    rounds, kills = 30, 8
    script = f"""for n in $(seq {rounds}); do
        for s in {' '.join(names)}; do bulkctl start t-crash-$s || echo failed: $s & done
        for k in $(seq {kills}); do kill -SEGV 1; usleep 4000; done
        wait; for s in {' '.join(names)}; do bulkctl stop t-crash-$s; done; done"""
    text = d.sh(script, seconds=400)
    crashes = recoveries(d) - survived
    print(f"{crashes} crashes of PID 1 in a row survived, {rounds * len(names)} starts during them, {text.count('failed')} failed")
    assert crashes > rounds and "failed" not in text, text + d.console()[-3000:]
    for name, then in before.items():
        now = d.status(name)
        assert (now["pid"], now["restarts"], now["state"]) == (then["pid"], then["restarts"], "up"), name
    numbers = [int(n) for n in re.findall(r"line (\d+)$", d.logs("t-crash-count", 100000), re.M)]
    assert len(numbers) > 100 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    d.sh("bulkctl stop t-crash-count")


def test_a_thousand_crash_signals_without_a_pause(crashing):
    d = crashing
    survived = recoveries(d)
    before = {n: d.status(n)["pid"] for n in ("nginx", "dropbear", "mosquitto", "bulkhead-log")}
    d.sh("i=0; while [ $i -lt 1000 ]; do kill -SEGV 1; kill -BUS 1; kill -ABRT 1; i=$((i+1)); done", seconds=200)
    print(f"3000 crash signals without a pause: {recoveries(d) - survived} crashes of PID 1, which lives")
    assert {n: d.status(n)["pid"] for n in before} == before
    d.sh("bulkctl restart nginx")


def test_a_crash_with_a_spoilt_state(boot, tmp_path):
    """What PID 1 would be mute, deaf or blind without, or would end its services for: the word in its state is another one."""
    words = ("control_fd", "final_request", "watchdog_fd", "cgroup_root", "epoll_fd")
    text = "".join(f'printf("%zu ", offsetof(struct pid1, {w}));' for w in words)
    (tmp_path / "where.c").write_text(f"#include <stddef.h>\n#include <stdio.h>\n#include \"pid1/state.h\"\nint main(void) {{ {text} }}\n")
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-I", TOP / "init", "-o", tmp_path / "where", tmp_path / "where.c"], check=True)
    places = subprocess.run([tmp_path / "where"], check=True, capture_output=True, text=True).stdout.split()
    d = boot()
    before = d.wait_state("nginx", "up")
    for crash, (word, place) in enumerate(zip(words, places), 1):
        d.try_sh(f"printf '\\377\\377\\377\\177' | dd bs=1 seek={place} of={STATE} conv=notrunc 2>/dev/null && kill -SEGV 1; sleep 1")
        now = d.wait_state("nginx", "up")
        print(f"{word}: {d.json('bulkctl info --json')['recoveries']} recoveries")
        assert now["pid"] == before["pid"] and recoveries(d) >= crash, (word, d.console()[-2000:])
        assert "watchdog" in d.sh("ls -l /proc/1/fd"), word


def forget(d, name):
    """PID 1 forgets the process of a service, as if it had crashed between the process's end and the note of it; and crashes."""
    pid = d.status(name)["pid"]
    cell = int(re.search(r"PPid:\t(\d+)", d.sh(f"cat /proc/{pid}/status"))[1])
    fd = d.sh(f"echo {STATE}").strip()
    state = base64.b64decode(d.sh(f"base64 {fd}"))
    places = [n for n in range(0, len(state) - 8, 4) if state[n:n + 8] == struct.pack("<ii", cell, pid)]  # struct slot: pid, main
    assert len(places) == 1, places
    before = recoveries(d)
    d.sh(f"printf '\\0\\0\\0\\0' | dd of={fd} bs=1 seek={places[0]} conv=notrunc 2>/dev/null; kill -SEGV 1; sleep 1")
    assert recoveries(d) == before + 1
    return pid


def test_what_a_crash_has_lost_is_said(boot):
    """Permissive, for no policy allows anybody to write what PID 1 remembers."""
    d = boot(append=["enforcing=0"])
    d.wait_state("appliance", "up")
    pid = forget(d, "mosquitto")  # it is up
    d.wait_console("bulkhead: mosquitto: its process was lost when PID 1 crashed")
    assert d.wait_state("mosquitto", "up")["pid"] not in (None, pid)
    assert d.try_sh(f"test -e /proc/{pid}")[0] != 0  # nothing of it is left behind
    d.sh("bulkctl start t-lost")
    pid = d.wait_state("t-lost", "up")["pid"]
    d.sh("bulkctl stop t-lost & sleep 1")
    assert forget(d, "t-lost") == pid  # it is being stopped, and does not heed it
    assert "lost when PID 1 crashed" in d.wait_state("t-lost", "down", "failed")["why"]
    assert d.try_sh(f"test -e /proc/{pid}")[0] != 0


def test_eight_crashes_in_a_row_restart_the_device(boot):
    """Real ones: a byte of what PID 1 runs is spoilt, each time of the new program. Permissive, for no policy allows that to anybody."""
    d = boot(append=["enforcing=0"])
    d.wait_state("appliance", "up")
    symbols = subprocess.run(["nm", BUILD / "unstripped/init"], check=True, capture_output=True, text=True).stdout
    where = int(re.search(r"(?m)^(\w+) T core_deadline$", symbols)[1], 16)
    spoil = f"printf '\\377\\377\\377\\377' | dd of=/proc/1/mem bs=1 seek={where} conv=notrunc 2>/dev/null; bulkctl info >/dev/null; sleep 1"
    for crash in range(1, 8):
        d.sh(spoil)
        assert recoveries(d) == crash
    d.line.sendall(f"{spoil}\n@@run\n".encode())
    d.wait_console("reboot: Restarting system", 60)
    assert "did not restart" not in d.console()


def test_pid_1_survives_signals(crashing):
    d = crashing
    d.wait_state("nginx", "up")
    for sig in (1, 3, 10 + 3, 17, 18, 20, 28, 29):  # HUP QUIT PIPE CHLD CONT TSTP WINCH IO: not requests
        d.try_sh(f"kill -{sig} 1")
    d.try_sh("kill -KILL 1; kill -STOP 1")
    assert d.status("nginx")["state"] == "up"


def test_power_off_is_ordered_and_clean(boot):
    d = boot(append=["bulkhead.log=debug"])
    d.wait_state("nginx", "up")
    d.wait_state("appliance", "up")
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    console = d.wait_off()
    end = console[console.rindex("every service is down, powering off"):]
    assert "reboot: Power down" in end
    stopped = re.findall(r"bulkhead: ([\w-]+): stopped", console)
    place = {name: i for i, name in enumerate(stopped)}
    for later, earlier in (("bulkhead-log", "nginx"), ("network", "dnsmasq"), ("network", "nginx"), ("network", "mosquitto"), ("bulkhead-log", "syslogd")):
        assert place[earlier] < place[later], stopped
    assert stopped[-1] == "bulkhead-log"
    assert not re.search(r"EXT4-fs.*(error|recover)|Kernel panic", console)


def test_reboot(boot):
    d = boot()
    d.wait_state("nginx", "up")
    d.line.sendall(b"reboot\n@@run\n")  # the link to init, as BusyBox users type it
    d.wait_console("every service is down, rebooting")
    d.wait_console("reboot: Restarting system")
    d.wait_console(r"(?s)Restarting system.*bulkhead: \d+ services up")


def test_another_group(boot):
    d = boot(append=["bulkhead.group=syslogd"], warden=False)
    d.wait_console(r"bulkhead: 2 services up")
    assert "nginx" not in d.console()


def test_permissive_and_off_by_command_line(boot):
    d = boot(append=["enforcing=0"])
    assert d.json("bulkctl info --json")["selinux"] == "permissive"
    d.wait_state("nginx", "up")
    d.close()
    d = boot(append=["selinux=0"])
    assert d.json("bulkctl info --json")["selinux"] == "off"
    d.wait_state("nginx", "up")
    d.wait_state("dropbear", "up")
