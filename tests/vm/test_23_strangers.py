# SPDX-License-Identifier: MIT
"""Descriptors whose last close waits (a socket that lingers for 60 s), sent to PID 1 by strangers: it is never the one that waits. Enforcing.

What is sent by which way; e: enforcing, p: permissive, b: at boot and at the end too. Each directly, and in the queue of a socket that is sent.

                    tcp   pipe  pty   serial  fuse
readiness message   epb   epb   e     -       p
client              ep    e     p     e       p
queue of a listener ep    ep    p     e       p

A default service has no pty: `[Filesystem] Devices = pts` opens them, and where a policy holds a domain of its own, which is derived from that line. It
has no third serial line at boot, as only one test's machine has that line at all. No domain of the policy may mount, so a file of FUSE's cannot come
from one while it holds, and the tests' shell, whose domain has no ptmx, has no pty then. FUSE stands for NFS: a server that answers no more, which the last
close waits for. The tests' kernel has modules of NFS; nothing in the image can export a directory, or mount one.
"""
import re
import time

import pytest
from conftest import HERE, copy_services, make_image, make_overlay, once
from device import BOARD, COUNTED_MACHINE, STAY_MS, Device

LINGER = 60
SERVICES = ("warden", "t-fed", "t-notify")


def make_strangers_image(base):
    """A device has 256 services, so the tests' own are left out."""
    services = base / "services"
    services.mkdir()
    copy_services(services, *SERVICES)
    make_image(base / "out", make_overlay(base / "overlay", services, HERE / "strangers"))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return once(tmp_path_factory, "strangers", make_strangers_image) / "out"


@pytest.fixture(scope="module")
def device(tmp_path_factory, image):
    """Its clock goes by its instructions, so what is measured is PID 1, and not the host's load."""
    d = Device(image, tmp_path_factory.mktemp("device"), arguments=COUNTED_MACHINE)
    yield d
    d.close()


def stay(device, what):
    """What PID 1 waits for a child, that its program comes from the disk, is the host's: the device's clock jumps on while nothing runs. On other boards all
    time is what a loaded host makes of it, and only sleep is judged."""
    info = device.json("bulkctl --json info")
    ms, asleep = info["loop_max_ms"], info["loop_asleep_ms"]
    print(f"\nPID 1's longest stay away from its loop, {what}: {ms} ms, most of it for {info['loop_max_in']}; asleep, in ms: {asleep}")
    assert ms - asleep["child"] < (STAY_MS if BOARD.native else LINGER * 1000 / 4), ms
    assert all(asleep[name] < STAY_MS for name in ("messages", "clients", "sockets", "exits", "else")), asleep
    return ms


def timed(device, command):
    begin = time.monotonic()
    device.sh(command)
    return time.monotonic() - begin


@pytest.mark.parametrize("name", ["tcp-direct", "tcp-nested", "pipe-direct", "pipe-nested", "pty-direct", "pty-nested"])
def test_a_readiness_message_with_descriptors_is_believed_and_nobody_waits(device, name):
    assert device.json("bulkctl --json info")["selinux"] == "enforcing"
    message(device, name)


def message(device, name):
    before = stay(device, "before")
    took = timed(device, f"bulkctl start t-st-{name}")
    now = device.status(f"t-st-{name}")
    assert now["state"] == "up" and "strange" in str(now), now
    device.wait_log(f"t-st-{name}", "sent")
    device.sh("sleep 1")
    took = max(took, timed(device, "bulkctl status"), timed(device, f"bulkctl stop t-st-{name}"))
    print(f"{name}: {took:.2f} s at most for an answer, {stay(device, name)} ms (before: {before})")
    assert took < LINGER / 2


def test_a_flood_of_them_leaves_time_for_others(device):
    device.sh("bulkctl start t-fed && bulkctl start t-st-flood")
    device.sh("sleep 8")
    fed = device.status("t-fed")
    assert fed["state"] == "up" and fed["restarts"] == 0, fed
    stay(device, "flood of messages with descriptors")
    device.sh("bulkctl stop t-st-flood t-fed")


@pytest.mark.parametrize("way", ["direct", "nested"])
@pytest.mark.parametrize("kind", ["tcp", "pipe"])
def test_what_a_client_sends(device, kind, way):
    client(device, kind, way, 20)


@pytest.mark.parametrize("way", ["direct", "nested"])
@pytest.mark.parametrize("kind", ["tcp", "pipe"])
def test_what_lies_in_a_listener_that_is_closed(device, kind, way):
    queue(device, kind, way, 3)


def queue(device, kind, way, count):
    """What clients have sent to a service that takes no connection, when PID 1 closes its listener."""
    device.sh("bulkctl start t-st-queue")
    send(device, kind, way, "stream:/run/t-st-queue", count)
    took = timed(device, "bulkctl stop t-st-queue")
    took = max(took, timed(device, "bulkctl status"))
    device.sh("kill $(cat /tmp/st.pid)")
    print(f"stop: {took:.2f} s")
    assert took < LINGER / 2
    stay(device, f"listener closed, {kind} {way}")


def send(device, kind, way, target, count):
    device.sh(f"/usr/libexec/strangers {kind} {way} {target} {count} >/tmp/st 2>&1 & echo $! >/tmp/st.pid")
    device.sh("for i in 1 2 3 4 5 6 7 8 9 10; do grep -q sent /tmp/st && break; sleep 1; done; cat /tmp/st; grep -q sent /tmp/st")


def test_messages_of_a_former_life(device):
    """They lie in the socket when the service starts anew: it gets another one."""
    for _ in range(3):
        device.sh("bulkctl start t-st-tcp-nested && bulkctl restart t-st-tcp-nested")
        assert device.status("t-st-tcp-nested")["state"] == "up"
        device.sh("bulkctl stop t-st-tcp-nested")
    stay(device, "restarts")


def client(device, kind, way, count):
    """What a client of the control socket sends; how long others wait then."""
    send(device, kind, way, "seqpacket:/run/bulkhead/control", count)
    took = timed(device, "bulkctl status")
    device.sh("kill $(cat /tmp/st.pid)")
    assert took < LINGER / 2
    stay(device, f"client, {kind} {way}")


@pytest.mark.skipif(BOARD["MACHINE"] != "q35", reason="a third serial line of a PC's kind is needed")
def test_a_serial_line_whose_output_is_stopped(boot):
    """Its last close waits for 30 s, which the sender's own exit shows where nobody else has it."""
    d = boot(arguments=["--qemu=-chardev", "--qemu=null,id=third", "--qemu=-serial", "--qemu=chardev:third", *COUNTED_MACHINE])
    d.wait_state("appliance", "up")
    begin, command = d.sh("cut -d. -f1 /proc/uptime"), "/usr/libexec/strangers serial direct seqpacket:/nowhere 1 || true"
    text = d.sh(f"{command}; cut -d. -f1 /proc/uptime")
    waited = int(text.split()[-1]) - int(begin)
    assert "/nowhere: ENOENT" in text and waited >= 20, text
    for way in ("direct", "nested"):
        for how in (client, queue):
            how(d, "serial", way, 1)
            d.sh(f"sleep {waited + 5}")  # whoever opens it meanwhile waits too
    print(f"a serial line whose output is stopped: its last close takes {waited} s")


@pytest.mark.parametrize("mode", ["enforcing", "permissive"])
def test_at_boot_and_at_the_end(boot, mode):
    """Hostile services are among those that the device boots to, and still there when it goes off."""
    d = boot(append=["bulkhead.group=t-st-boot"] + (["enforcing=0"] if mode == "permissive" else []), arguments=COUNTED_MACHINE)
    assert d.json("bulkctl --json info")["selinux"] == mode
    for name in ("tcp-direct", "tcp-nested", "pipe-direct", "pipe-nested"):
        d.wait_state(f"t-st-{name}", "up")
    stay(d, f"boot, {mode}")
    if mode == "permissive":
        for way in ("direct", "nested"):
            message(d, f"fuse-{way}")
            for kind in ("tcp", "pty", "fuse"):
                client(d, kind, way, 5)
            for kind in ("tcp", "pipe", "pty", "fuse"):
                queue(d, kind, way, 2)
        for way in ("direct", "nested"):
            took = max(timed(d, f"bulkctl restart t-st-tcp-{way}"), timed(d, f"bulkctl stop t-st-tcp-{way}"))
            assert took < LINGER / 2
        stay(d, mode)
    d.sh("bulkctl start t-st-flood")
    fed = d.status("t-fed")
    assert fed["state"] == "up" and fed["restarts"] == 0, fed
    d.line.sendall(b"bulkctl poweroff\n@@run\n")  # it may be off before it answers
    begin = time.monotonic()
    assert "given up" not in d.wait_off()
    print(f"\nthe end, {mode}: off after {time.monotonic() - begin:.1f} s")


def test_a_sender_that_is_gone_is_believed_by_its_uid_alone(device):
    """NotifyAccess = all: READY=1, STATUS= and WATCHDOG=1 of processes of nobody's, that have ended before PID 1 looks, many times."""
    device.sh("bulkctl start t-st-all >/dev/null 2>&1 &")
    device.wait_state("t-st-all", "starting")
    assert "forged: EACCES" in device.try_sh(f"/usr/libexec/probe as-nobody '{forge('notify.d/t-st-all', 200)}'")[1]
    assert "forged: sent" in device.try_sh(forge("notify.d/t-st-all", 200))[1]  # root of the host reaches all
    now = device.status("t-st-all")
    assert now["state"] == "starting" and "stranger" not in str(now), now
    device.sh("bulkctl stop t-st-all")


def forge(place, count):
    return f"NOTIFY_SOCKET=/run/bulkhead/{place} /usr/libexec/probe forge {count}"


def test_strangers_do_not_reach_a_readiness_socket(device):
    """Neither the one that lies in its service's own view, nor that of a service with the host's mounts, which is its user's."""
    device.sh("bulkctl start t-notify t-st-host")
    assert [device.status(name)["state"] for name in ("t-notify", "t-st-host")] == ["up", "up"]
    for place in ("notify.d/t-notify", "notify.host/t-st-host"):
        text = device.try_sh(f"/usr/libexec/probe as-nobody '{forge(place, 1)}'")[1]
        assert "forged: EACCES" in text, text
    print(device.sh("ls -ld /run/bulkhead/notify.d /run/bulkhead/notify.d/t-notify /run/bulkhead/notify.host/t-st-host"))
    device.sh("bulkctl stop t-notify t-st-host")


@pytest.mark.parametrize("name", ["fd", "hold-fd"])
def test_a_notification_descriptor_holds_nobody_up(device, name):
    """NotificationFD: a newline that carries a descriptor, and splice(2) from a silent socket, which would hold a pipe's lock."""
    took = timed(device, f"bulkctl start t-st-{name}")
    assert device.status(f"t-st-{name}")["state"] == "up"
    took = max(took, timed(device, f"bulkctl restart t-st-{name}"), timed(device, f"bulkctl stop t-st-{name}"))
    print(f"\nNotificationFD, {name}: {took:.2f} s at most for an answer")
    assert took < LINGER / 2
    stay(device, f"NotificationFD, {name}")


def test_who_holds_its_output_s_lock_holds_up_nobody(device):
    """splice(2) from a silent socket into its own standard output: bulkhead-log reads the others."""
    restarts = device.status("bulkhead-log")["restarts"]
    device.sh("bulkctl start t-st-tick t-st-hold")
    ticks = lambda: device.sh("bulkctl logs -n 10000 t-st-tick").count("tick")
    begin, before, most = time.monotonic(), ticks(), 0
    while (now := ticks()) < before + 30:
        assert time.monotonic() < begin + 60, (before, now)
        most = max(most, timed(device, "sleep 0.5; bulkctl status t-st-tick"))
    device.wait_state("t-st-hold", "failed")
    print(f"\n{now - before} lines of another service in {time.monotonic() - begin:.1f} s, an answer of bulkctl in {most:.2f} s at most")
    held = device.status("t-st-hold")
    assert held["state"] == "failed" and "t-st-hold: it keeps its output from being read" in device.console(), held
    device.wait_log("t-st-hold", "hold")  # read as soon as it had let go
    assert device.status("bulkhead-log")["restarts"] == restarts
    device.sh("bulkctl stop t-st-tick")
    stay(device, "output held")


FIFO_SERVICES = ("t-st-fifo-a", "t-st-fifo-b", "t-st-fifo-c")


@pytest.fixture
def held_fifos(device):
    """All of three services' FIFOs are held: opening one waits for its lock."""
    names = " ".join(f"{name[-1]}{n}" for name in FIFO_SERVICES for n in (1, 2, 3, 4))
    device.sh("mkdir -p /run/t-st-fifo; rm -f /run/t-st-fifo/*; : >/run/holders")
    device.sh(f"cd /run/t-st-fifo; for f in {names}; do mkfifo -m 600 $f; /usr/libexec/holder 3 3<>$f & echo $! >>/run/holders; done; sleep 1")
    yield
    device.sh("kill -9 $(cat /run/holders) 2>/dev/null; bulkctl stop t-st-fifo-d t-st-fifo-c t-st-fifo-b t-st-fifo-a; true")


def let_go(device):
    device.sh("kill -9 $(cat /run/holders); : >/run/holders")


def test_fifos_that_are_held_hold_up_nobody(device, held_fifos):
    """Three services with four held FIFOs each: a start waits its time for its own, and says for which; PID 1 and all others go on."""
    device.sh("for s in a b d; do bulkctl start t-st-fifo-$s >/dev/null 2>&1 & done; sleep 1")
    took = max(timed(device, "bulkctl status >/dev/null; true"), timed(device, "bulkctl restart t-fed; bulkctl stop t-fed"))
    states = {name: device.status(name)["state"] for name in (*FIFO_SERVICES, "t-st-fifo-d")}
    assert states["t-st-fifo-a"] == states["t-st-fifo-b"] == "starting" and states["t-st-fifo-d"] == "waiting", states
    for name in FIFO_SERVICES:
        now = device.wait_state(name, "failed", seconds=60)
        assert f"nothing answers at /run/t-st-fifo/{name[-1]}1" in str(now) and "ETIMEDOUT" in str(now), now
    assert device.wait_state("t-st-fifo-d", "failed", "down")["pid"] in (0, None)
    print(f"\n12 held FIFOs: {took:.2f} s at most for an answer")
    stay(device, "held FIFOs")


def test_a_stop_while_a_fifo_is_held(device, held_fifos):
    """It does not wait for it; what was open is closed, and its file goes as soon as the FIFO lets the child go."""
    device.sh("bulkctl start t-st-fifo-a >/dev/null 2>&1 & sleep 1; ls /run/t-st-fifo/a")
    assert timed(device, "bulkctl stop t-st-fifo-a") < 8
    assert device.status("t-st-fifo-a")["state"] == "down"
    let_go(device)
    device.sh("for i in 1 2 3 4 5 6 7 8 9; do [ -e /run/t-st-fifo/a ] && sleep 0.3; done; ! [ -e /run/t-st-fifo/a ]")
    device.sh("bulkctl start t-st-fifo-a")
    assert device.status("t-st-fifo-a")["state"] == "up"
    device.sh("bulkctl stop t-st-fifo-a; ! [ -e /run/t-st-fifo/a ]")
    stay(device, "a stop while FIFOs are held")


def test_a_crash_while_fifos_are_held(device, held_fifos):
    """The starts lie in the middle, PID 1 crashes: they go on once the FIFOs are free, and none has failed."""
    before = device.json("bulkctl --json info")["recoveries"]
    device.sh("for s in a b d; do bulkctl start t-st-fifo-$s >/dev/null 2>&1 & done; sleep 1; kill -SEGV 1; sleep 1")
    assert device.json("bulkctl --json info")["recoveries"] == before + 1
    assert device.status("t-st-fifo-d")["state"] == "waiting"
    let_go(device)
    for name in ("t-st-fifo-a", "t-st-fifo-b", "t-st-fifo-d"):
        assert device.wait_state(name, "up")["restarts"] == 0
    assert device.wait_state("t-st-fifo-c", "listening")["restarts"] == 0
    assert device.sh("ls /run/t-st-fifo").split() == sorted([name[-1] + n for name in FIFO_SERVICES for n in ("", "1", "2", "3", "4")])
    stay(device, "a crash while FIFOs are held")


def stored(device, name="t-st-count"):
    """The numbered lines of its last life: (time in seconds, number)."""
    text = device.sh(f"bulkctl logs -n 100000 {name}")
    found = re.findall(r"(\d+):(\d+):([\d.]+) \S+ line (\d+)", text)
    lines = [(int(h) * 3600 + int(m) * 60 + float(s), int(n)) for h, m, s, n in found]
    return lines[max((i for i, x in enumerate(lines) if x[1] == 1), default=0):]


def judge_stored(device, first, what):
    """No line is missing or there twice; the longest time that none was stored."""
    lines = [x for x in stored(device) if x[1] >= first]
    numbers = [n for _, n in lines]
    gap = max(b[0] - a[0] for a, b in zip(lines, lines[1:]))
    print(f"\n{what}: {len(lines)} lines of another service in {lines[-1][0] - lines[0][0]:.1f} s, {gap:.1f} s without one at most")
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return gap


WAYS = {"restart": "bulkctl restart bulkhead-log", "kill": "kill -9 $(pidof bulkhead-log)", "stop": "bulkctl stop bulkhead-log && bulkctl start bulkhead-log"}


@pytest.mark.parametrize("way", WAYS)
def test_who_holds_its_output_holds_up_no_new_log(device, way):
    """bulkhead-log goes while one of its reads is held: its successor comes at once, stores what all others write, and the holder is found by it."""
    device.sh("bulkctl start t-st-count; sleep 1; bulkctl start t-st-hold; sleep 1.5")
    first, old = stored(device)[-1][1], device.status("bulkhead-log")
    took = timed(device, f"{WAYS[way]}; sleep 0.1")
    held = device.wait_state("t-st-hold", "failed", seconds=60)
    device.wait_log("t-st-hold", "hold")
    now = device.wait_state("bulkhead-log", "up")
    assert now["pid"] != old["pid"] and held["why"] == "killed by SIGKILL", (now, held)
    assert judge_stored(device, first, f"a held log, {way}, {took:.1f} s") < LINGER / 2
    device.sh("sleep 1; bulkctl stop t-st-count")
    assert "start time-out" not in device.console()
    stay(device, f"held log, {way}")


AMID = {"crash": "kill -SEGV 1", "reload": "bulkctl reload", "both": "bulkctl reload & kill -SEGV 1; wait"}


@pytest.mark.parametrize("way", AMID)
def test_a_crash_or_a_reload_amid_a_held_log(device, way):
    """PID 1 goes through it while a read of bulkhead-log is held: that one stays, the holder is found all the same, and no line of others is lost."""
    device.sh("bulkctl start t-st-count; sleep 1; bulkctl start t-st-hold; sleep 1.5")
    first, old, before = stored(device)[-1][1], device.status("bulkhead-log"), device.json("bulkctl --json info")["recoveries"]
    took = timed(device, f"{AMID[way]}; sleep 1; bulkctl status t-st-count")
    held = device.wait_state("t-st-hold", "failed", seconds=60)
    device.wait_log("t-st-hold", "hold")
    now, count = device.status("bulkhead-log"), device.status("t-st-count")
    assert (now["pid"], now["restarts"]) == (old["pid"], old["restarts"]) and held["why"] == "killed by SIGKILL", (now, held)
    assert device.json("bulkctl --json info")["recoveries"] == before + (way != "reload")
    assert count["state"] == "up" and count["restarts"] == 0, count
    assert judge_stored(device, first, f"a held log, {way}, {took:.1f} s") < LINGER / 2
    device.sh("bulkctl stop t-st-count")
    stay(device, f"held log, {way}")


def test_short_holds_and_newlines_without_pause_do_not_keep_the_log_from_its_end(device):
    """It ends by itself at `bulkctl restart`, and no line of another service is missing."""
    device.sh("bulkctl start t-st-count t-st-blink t-st-newlines; sleep 3")
    first, old = stored(device)[-1][1], device.status("bulkhead-log")
    took = timed(device, "bulkctl restart bulkhead-log")
    now = device.wait_state("bulkhead-log", "up")
    device.sh("sleep 3; bulkctl stop t-st-newlines t-st-blink; sleep 1")
    gap = judge_stored(device, first, f"newlines and short holds, the log restarted in {took:.1f} s")
    device.sh("bulkctl stop t-st-count")
    assert now["pid"] != old["pid"] and "bulkhead-log: did not stop in time" not in device.sh("dmesg") and gap < LINGER / 2, (now, gap)
    assert "t-st-blink: it keeps its output from being read" not in device.console()
    stay(device, "newlines and short holds")


def test_pages_of_a_service_s_own_in_its_output(device):
    """vmsplice(2): what lies in the pipe is the service's memory, which it changes and gives up. It is output as any other, and nobody waits for it."""
    restarts = device.status("bulkhead-log")["restarts"]
    device.sh("bulkctl start t-st-tick t-st-pages")
    ticks = lambda: device.sh("bulkctl logs -n 10000 t-st-tick").count("tick")
    begin, before = time.monotonic(), ticks()
    while (now := ticks()) < before + 30:
        assert time.monotonic() < begin + 90, (before, now)
        device.sh("sleep 0.5")
    found = device.status("t-st-pages")
    assert found["state"] == "up" and device.status("bulkhead-log")["restarts"] == restarts, found
    pages = device.wait_log("t-st-pages", "page\\.\\.\\.")
    device.sh("bulkctl stop t-st-tick t-st-pages")
    print(f"\n{now - before} lines of another service in {time.monotonic() - begin:.1f} s; {len(pages)} bytes of pages")
    assert "t-st-pages: it keeps its output from being read" not in device.console()
    stay(device, "pages in an output")


def test_who_holds_another_s_output_is_found(boot):
    """One service gives its output to another, which holds it: the log, restarted and killed meanwhile, stores what all others write, and both are ended,
    the second by its name. Permissive, or the one could not give the other anything; the policy would let PID 1 look all the same."""
    d = boot(append=["enforcing=0"], arguments=COUNTED_MACHINE)
    d.sh("bulkctl start t-st-count; sleep 1; bulkctl start t-st-take; dmesg -c >/dev/null")
    # Full, so that there is something to read when it is held.
    d.sh("log=$(pidof bulkhead-log); kill -STOP $log; bulkctl start t-st-give; sleep 1; kill -CONT $log; sleep 1.5")
    first = stored(d)[-1][1]
    took = timed(d, "bulkctl restart bulkhead-log"), timed(d, "sleep 1.5; kill -9 $(pidof bulkhead-log); sleep 1")
    d.wait_console(r"t-st-take: its process \d+ has the output of t-st-give open and keeps it from being read: sent SIGKILL", 120)
    taker = d.wait_state("t-st-take", "failed", seconds=60)
    assert taker["why"] == "killed by SIGKILL" and "t-st-take: ended: killed by SIGKILL" in d.sh("dmesg"), taker
    d.wait_log("t-st-give", "hold")
    d.sh("sleep 1; bulkctl stop t-st-give")
    assert judge_stored(d, first, f"another's output held, log restarted in {took[0]:.1f} s and killed") < LINGER / 2
    denied = [line for line in d.sh("dmesg").splitlines() if "denied" in line and ":init_t:" in line.partition("scontext=")[2].partition(" ")[0]]
    assert not denied, denied
    stay(d, "another's output held")


def test_a_log_that_does_not_read_is_replaced(device):
    """bulkhead-log is stopped (SIGSTOP): PID 1 sees that what is written lies there, and that nobody answers. No line is lost."""
    device.sh("bulkctl start t-st-tick")
    device.wait_log("t-st-tick", "tick")
    log = device.status("bulkhead-log")
    ticks = lambda: device.sh("bulkctl logs -n 10000 t-st-tick").count("tick")
    device.sh(f"kill -STOP {log['pid']}")
    begin, before = time.monotonic(), ticks()
    while (now := ticks()) < before + 30:
        assert time.monotonic() < begin + 90, (before, now)
        device.sh("sleep 1")
    print(f"\nbulkhead-log stopped: {now - before} lines are read after {time.monotonic() - begin:.1f} s")
    assert device.status("bulkhead-log")["restarts"] == log["restarts"] + 1
    assert "bulkhead-log: it does not read, nor answer: sent SIGKILL" in device.console()
    device.sh("bulkctl stop t-st-tick")
    stay(device, "bulkhead-log stopped")


def test_a_long_message_is_heard_and_a_longer_one_is_said(device):
    device.sh("bulkctl start t-st-long t-st-longer")
    assert [device.status(name)["state"] for name in ("t-st-long", "t-st-longer")] == ["up", "up"]
    said = "t-st-longer: a readiness message is ignored: longer than 4096 bytes"
    assert device.console().count(said) == 1, device.console()[-500:]
    assert "t-st-long: a readiness" not in device.console()
    why = device.status("t-st-long")["why"]
    assert why.endswith("0...") and len(why) == 123, why  # what is cut says so
    device.sh("bulkctl stop t-st-long t-st-longer")
