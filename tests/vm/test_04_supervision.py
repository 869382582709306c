# SPDX-License-Identifier: MIT
"""Starting, stopping, restarting, readiness, limits: each service type and directive of supervision, on the device."""
import re
import time

import mail
import pytest


def restart_of(device, name, before, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = device.status(name)
        if now["state"] == "up" and now["restarts"] > before["restarts"] and now["pid"] and now["pid"] != before["pid"]:
            return now
        time.sleep(0.2)
    raise AssertionError(f"{name} did not come back: {device.status(name)}")


def test_a_killed_service_comes_back(device):
    before = device.wait_state("nginx", "up")
    device.sh("bulkctl kill -s KILL nginx")
    after = restart_of(device, "nginx", before)
    assert after["restarts"] == before["restarts"] + 1


def test_a_killed_reaper_takes_its_service_along_and_comes_back(device):
    before = device.wait_state("mosquitto", "up")
    device.sh(f"kill -KILL {before['reaper']}")
    restart_of(device, "mosquitto", before)
    assert device.try_sh(f"test -d /proc/{before['pid']}")[0] != 0


@pytest.mark.parametrize("name, said, end", [
    ("t-reaper-held", "stopped", "exit status 3"),  # again and again: it is killed, and its child becomes PID 1's
    ("t-reaper-frozen", "frozen", "killed by SIGKILL"),  # as the first process of a namespace it takes the others' ends along
])
def test_a_service_that_stops_its_reaper_and_ends_comes_back(device, name, said, end):
    device.sh(f"bulkctl start {name}")
    before = device.status(name)
    restart_of(device, name, before, 60)
    device.wait_log(name, said)
    assert end in device.sh(f"dmesg | grep '{name}: ended'")
    device.sh(f"bulkctl stop {name}")


def test_backoff_grows(device):
    delays, end = [], time.monotonic() + 90
    while len(delays) < 3 and time.monotonic() < end:
        time.sleep(1)
        log = device.sh("dmesg | grep 'flaky: starts again in' || true")
        delays = [int(x) for x in re.findall(r"starts again in (\d+) ms", log)]
    assert len(delays) >= 3, log
    for a, b in zip(delays, delays[1:]):
        assert b > a or a > 50000, delays


def test_start_limit(device):
    device.try_sh("bulkctl start t-limit")
    state = device.wait_state("t-limit", "failed")
    assert state["restarts"] == 2  # three starts
    assert "start limit" in device.sh("dmesg | grep 't-limit: failed'")
    assert len(device.sh("dmesg | grep 't-limit: starts again'").splitlines()) == 2
    # What each life wrote last is a line of its own, although no newline came.
    device.wait_log("t-limit", "unfinished")
    said = [line.split("t-limit ", 1)[1] for line in device.sh("bulkctl logs t-limit").splitlines()]
    assert said == ["fatal: no configuration [unfinished]"] * 3, said
    device.sh("bulkctl reset t-limit")
    assert device.status("t-limit")["state"] == "down"


def test_oneshot(device):
    device.sh("bulkctl start t-once")
    assert device.status("t-once")["state"] == "done"
    status, text = device.try_sh("bulkctl start t-once-bad")
    assert status == 1 and "exit" in text
    assert device.status("t-once-bad")["last_end"]["exit"] == 7


def test_who_requires_what_fails_and_is_tried_again(device):
    """The request ends with the first failure, and so does one that comes while the other waits for its next try."""
    for _ in range(2):
        status, text = device.try_sh("bulkctl start t-needs-pause")
        assert status == 1 and "it waits for t-pause, which has failed and is tried again: exit status 8" in text, text
        assert device.status("t-needs-pause")["state"] == "waiting"
    device.sh("bulkctl stop t-pause")
    assert device.status("t-needs-pause")["state"] == "down"


def test_notify(device):
    device.sh("bulkctl start t-notify &")
    assert device.wait_state("t-notify", "starting", "up")["state"] == "starting"
    up = device.wait_state("t-notify", "up")
    assert up["why"] == "probe says hello"
    # What it has said before does not hide why it has failed.
    device.sh("bulkctl kill -s KILL t-notify")
    assert device.wait_state("t-notify", "failed")["why"] == "killed by SIGKILL; probe says hello"
    assert re.search(r"t-notify +failed .*killed by SIGKILL; probe says hello", device.sh("bulkctl status; true"))
    device.sh("bulkctl reset t-notify")


def test_a_daemon_that_goes_to_the_background(device):
    """Its main process ends well, and what it has left ends with it: that is said, where otherwise nothing would be."""
    device.sh("bulkctl start t-left; true")
    words = "its main process ended with success and left other processes, which were ended: a daemon must stay in the foreground"
    assert device.wait_state("t-left", "down")["why"] == words
    assert f"bulkhead: t-left: {words}" in device.sh("dmesg | grep t-left")
    device.sh("bulkctl start t-once")
    assert device.status("t-once")["why"] == ""


def test_what_a_oneshot_leaves_ends_with_it(device):
    device.sh("bulkctl start t-left-once")
    assert device.status("t-left-once")["state"] == "done"
    words = "ExecStart has ended and left processes, which were ended with it: what is to run on is a service of its own"
    assert f"bulkhead: t-left-once: {words}" in device.sh("dmesg | grep t-left-once")
    assert not device.sh("cat /sys/fs/cgroup/t-left-once/cgroup.procs").split()


def test_what_a_main_process_leaves_is_asked_to_end(device):
    device.sh("bulkctl start t-wrap")
    device.wait_log("t-wrap", "child up")
    device.sh("bulkctl stop t-wrap")
    assert "child saved" in device.sh("bulkctl logs t-wrap")
    assert device.status("t-wrap")["last_end"]["signal"] == "SIGTERM"


def test_who_never_becomes_ready_is_ended(device):
    assert device.try_sh("bulkctl start t-silent")[0] == 1
    assert device.wait_state("t-silent", "failed")
    assert "time-out" in device.sh("dmesg | grep 't-silent: failed'")


def test_watchdog_bites_who_hangs(device):
    device.sh("bulkctl start t-watchdog")
    before = device.status("t-watchdog")
    restart_of(device, "t-watchdog", before, 30)
    assert "watchdog" in device.sh("dmesg | grep 't-watchdog: ended'")
    device.sh("bulkctl stop t-watchdog")


def test_it_comes_back_to_a_group_that_has_been_killed(device):
    """Kernels that count the kills of a group kill what is cloned into it afterwards."""
    device.sh("bulkctl start t-kill")
    for _ in range(2):
        before = device.status("t-kill")
        device.sh("echo 1 >/sys/fs/cgroup/t-kill/cgroup.kill")
        now = restart_of(device, "t-kill", before, 60)
        assert now["state"] == "up" and device.sh(f"cat /proc/{now['pid']}/cgroup").startswith("0::/t-kill"), now
    device.sh("bulkctl stop t-kill")


def test_a_helper_may_say_that_it_is_ready(device):
    device.sh("bulkctl start t-ready-helper")
    assert device.status("t-ready-helper")["state"] == "up"
    device.sh("bulkctl stop t-ready-helper")


@pytest.mark.parametrize("name", ["t-ready-slice", "t-ready-delegate"])
def test_a_service_in_a_slice_is_known_by_its_messages(device, name):
    """READY=1 and WATCHDOG=1 of a process whose group lies below another service's."""
    device.sh(f"bulkctl start {name}")
    up = device.status(name)
    assert up["state"] == "up", up
    assert device.sh(f"cat /proc/{up['pid']}/cgroup").startswith(f"0::/t-cg-slice/{name}")
    device.sh("sleep 5")
    now = device.status(name)
    assert now["state"] == "up" and now["pid"] == up["pid"], now
    device.sh(f"bulkctl stop {name}")


def test_commands_of_services_in_a_slice_and_a_joined_network(device):
    """Each says READY=1 and STATUS=: ExecStartPre's readiness is not the service's, and with NotifyAccess = main none of their words is."""
    lists, joined = "t-ready-lists", "t-ready-joined"
    device.sh(f"bulkctl start {joined} >/tmp/started 2>&1 &")
    device.wait_log(lists, "said pre")
    assert device.wait_state(lists, "starting", "up")["state"] == "starting"
    device.wait_log(joined, "said pre")
    now = device.wait_state(joined, "starting", "up")
    assert now["state"] == "starting" and now["why"] == "", now
    up = [device.wait_state(name, "up") for name in (lists, joined)]
    assert [x["why"] for x in up] == ["post", "probe says hello"], up
    for name, x in zip((lists, joined), up):
        assert device.sh(f"cat /proc/{x['pid']}/cgroup").startswith(f"0::/t-cg-slice/{name}")
    networks = [device.sh(f"readlink /proc/{pid}/ns/net") for pid in (up[0]["pid"], up[1]["pid"], 1)]
    assert networks[0] == networks[1] != networks[2], networks
    device.sh(f"bulkctl stop {lists}")
    for name in (lists, joined):
        assert device.status(name)["state"] == "down"
        said = re.findall("said (\\S+)", device.logs(name))
        assert said == ["pre", "post", "stop", "stop-post"], said
    assert device.try_sh("test -e /sys/fs/cgroup/t-cg-slice")[0] == 1


def test_one_services_flood_does_not_starve_anothers_watchdog(device):
    device.sh("bulkctl start t-fed && bulkctl start t-flood")
    device.sh("sleep 8")
    assert device.status("t-flood")["state"] == "up"
    assert device.status("t-fed")["state"] == "up" and device.status("t-fed")["restarts"] == 0
    device.sh("bulkctl stop t-flood && bulkctl stop t-fed")


def test_readiness_by_descriptor(device):
    device.sh("bulkctl start t-ready-fd")
    assert device.status("t-ready-fd")["state"] == "up"
    device.sh("bulkctl stop t-ready-fd")


def test_a_stop_in_the_back_off_leaves_nothing_behind(device):
    device.sh("bulkctl start t-pause || true")
    device.wait_state("t-pause", "restarting")
    held = "ls -l /proc/1/fd | grep -c '/sys/fs/cgroup/t-pause'"
    assert device.try_sh(held)[1].strip() == "1" and device.try_sh("test -e /sys/fs/cgroup/t-pause")[0] == 0
    device.sh("bulkctl stop t-pause")
    assert device.status("t-pause")["state"] == "down"
    assert device.try_sh(held)[1].strip() == "0" and device.try_sh("test -e /sys/fs/cgroup/t-pause")[0] != 0


def test_a_storm_of_restarts_is_a_few_lines(device):
    """In the kernel's log, and what another service fails of is said meanwhile. The console, whose boot has settled, has no line of it."""
    device.sh("bulkctl start t-storm >/dev/null 2>&1 &")
    end = time.monotonic() + 120
    while device.status("t-storm")["restarts"] < 100:
        assert time.monotonic() < end
        time.sleep(0.5)
    device.try_sh("bulkctl start t-silent")
    device.wait_console("t-silent: failed and stays down: start time-out", 60)
    device.sh("until dmesg | grep -q 't-storm: [0-9]* lines about it left out, [0-9]* restarts so far'; do sleep 1; done", 120)
    restarts = device.status("t-storm")["restarts"]
    device.sh("bulkctl stop t-storm")
    on_console, in_kmsg = device.console().count("bulkhead: t-storm: "), int(device.sh("dmesg | grep -c 'bulkhead: t-storm: '"))
    print(f"{restarts} restarts: {on_console} lines on the console, {in_kmsg} in the kernel's log")
    assert restarts >= 100 and on_console == 0 and 20 < in_kmsg <= 50


def test_stop_is_term_then_kill(device):
    device.sh("bulkctl start t-stubborn")
    device.wait_log("t-stubborn", "stubborn")
    device.sh("bulkctl stop t-stubborn")
    assert device.status("t-stubborn")["state"] == "down"
    assert device.status("t-stubborn")["last_end"]["signal"] == "SIGKILL"
    assert "did not stop in time" in device.sh("dmesg | grep t-stubborn")


def test_stop_leaves_nothing_behind(device):
    device.sh("bulkctl start t-orphan")
    assert len(device.sh("cat /sys/fs/cgroup/t-orphan/cgroup.procs").split()) == 3  # cell, probe, its grandchild
    device.sh("bulkctl stop t-orphan")
    assert device.try_sh("test -e /sys/fs/cgroup/t-orphan")[0] != 0
    assert "probe" not in device.sh("ps -o args | grep '[p]robe orphan' || true")


def test_what_is_too_old_is_ended(device):
    device.sh("bulkctl start t-orphan")
    restart_of(device, "t-orphan", device.status("t-orphan"), 60)
    assert "RuntimeMaxSec is over" in device.sh("dmesg | grep 't-orphan: ended'")
    device.sh("bulkctl stop t-orphan")


def test_success_exit_status(device):
    assert device.try_sh("bulkctl start t-listed; sleep 1")
    assert device.wait_state("t-listed", "down")["restarts"] == 0


def test_exec_lists(device):
    device.sh("bulkctl start t-pre")
    assert device.status("t-pre")["state"] == "up"
    log = device.wait_log("t-pre", "up")
    assert log.index("leaving with 0") < log.index("leaving with 1") < log.index("up")
    device.sh("bulkctl stop t-pre")
    assert device.try_sh("bulkctl start t-pre-bad")[0] == 1
    bad = device.status("t-pre-bad")
    assert bad["state"] == "failed" and bad["why"] == "ExecStartPre: exit status 5"
    assert "t-pre-bad: failed and stays down: ExecStartPre: exit status 5" in device.sh("dmesg | grep t-pre-bad")
    assert not re.search(r"\bup\b", device.logs("t-pre-bad"))


def test_which_command_of_several_has_failed(device):
    """The third is not run; the first, whose program is not there and need not be, is passed over and said."""
    assert device.try_sh("bulkctl start t-second-bad")[0] == 1
    assert device.status("t-second-bad")["why"] == "ExecStartPre 2: exit status 5"
    said = device.sh("dmesg | grep t-second-bad")
    assert "t-second-bad: passed over: exec: ENOENT: /usr/libexec/absent" in said, said
    assert "t-second-bad: failed and stays down: ExecStartPre 2: exit status 5" in said, said
    assert device.logs("t-second-bad").count("leaving with") == 1


def test_a_real_time_signal_ends_it(device):
    device.sh("bulkctl start t-extend && bulkctl stop t-extend")
    now = device.status("t-extend")
    assert now["state"] == "down" and now["last_end"] == {"signal": "SIG37"}, now
    device.sh("bulkctl start t-extend && bulkctl kill -s SIG40 t-extend")
    assert device.wait_state("t-extend", "failed")["why"] == "killed by SIG40; well"  # its own last status beside it
    device.sh("bulkctl reset t-extend")


def test_a_service_is_told_to_reload_by_its_signal(device):
    """It does not know the signal, which ends it: so it is seen to have come, at the main process."""
    for name, signal in (("t-extend", "SIGUSR1"), ("t-fed", "SIGUSR2")):
        device.sh(f"bulkctl start {name}")
        device.try_sh(f"bulkctl reload {name}")
        assert f"killed by {signal}" in device.wait_state(name, "failed")["why"]
        device.sh(f"bulkctl reset {name}")
    status, text = device.try_sh("bulkctl reload nginx 2>&1")
    assert status == 1 and "neither ExecReload nor Type = notify-reload" in text, text


def test_a_word_of_a_daemon_that_has_no_effect_is_said(device):
    device.sh("bulkctl start t-extend")
    now = device.status("t-extend")
    assert now["state"] == "up" and now["why"] == "well", now
    assert "t-extend: a readiness message is without effect: EXTEND_TIMEOUT_USEC is not supported" in device.sh("dmesg | grep t-extend")
    device.sh("bulkctl stop t-extend")


def test_lines_that_mean_nothing_are_refused_on_the_device(device):
    lines = {"KillSignal = SIGSTOP": "KillSignal: SIGSTOP ends no process", "KillSignal = SIGRTMIN+3": "expected it like SIG37",
             "Environment = LISTEN_FDS=3": "Environment: LISTEN_FDS is set by bulkhead", "[Cgroup]\\nMemoryMax = 1": "MemoryMax: "}
    for line, words in lines.items():
        device.sh(f"printf '[Service]\\nExecStart = /usr/libexec/probe stay\\n{line}\\n' >/tmp/t-line.ini")
        status, text = device.try_sh("bulkctl check /tmp/t-line.ini")
        assert status == 1 and text.startswith("/tmp/t-line.ini:") and words in text, (line, text)


def test_requires_starts_and_stops(device):
    device.sh("bulkctl start t-needs-base")
    assert device.status("t-base")["state"] == "up"
    device.sh("bulkctl stop t-base")
    assert device.status("t-needs-base")["state"] == "down"


def test_wants_and_requires_of_a_failing_service(device):
    device.sh("bulkctl start t-wants-bad")
    assert device.status("t-wants-bad")["state"] == "up"
    device.sh("bulkctl stop t-wants-bad; bulkctl reset t-once-bad")
    assert device.try_sh("bulkctl start t-needs-bad")[0] == 1
    assert device.status("t-needs-bad")["state"] == "failed"
    assert "dependency" in device.sh("dmesg | grep 't-needs-bad: failed'")


def test_condition(device):
    device.sh("bulkctl start t-condition")
    skipped = device.status("t-condition")
    assert skipped["state"] == "skipped" and skipped["why"] == "ConditionPathExists = /nonexistent/file does not hold"


def test_memory_limit_kills_the_service_alone(device):
    device.try_sh("bulkctl start t-eat")
    state = device.wait_state("t-eat", "failed", "down")
    assert state["state"] == "failed"
    assert device.status("nginx")["state"] == "up"
    assert "t-eat" in device.sh("dmesg | grep -i 'oom' || true")


def test_tasks_limit(device):
    device.sh("bulkctl start t-fork")
    log = device.wait_log("t-fork", r"made \d+")
    assert int(re.search(r"made (\d+)", log)[1]) == 8  # ten, less the cell and the service itself
    device.sh("bulkctl stop t-fork")


def test_no_line_is_lost(device):
    device.sh("bulkctl start t-chatty")
    log = device.wait_log("t-chatty", r"line 199\b")
    assert [int(x) for x in re.findall(r"line (\d+)", log)] == list(range(200))
    device.sh("bulkctl stop t-chatty")


def test_no_line_is_lost_while_the_log_program_is_dead(device):
    before = device.wait_state("bulkhead-log", "up")
    device.sh(f"kill -STOP {before['pid']}; bulkctl start t-chatty; sleep 1; kill -KILL {before['pid']}")
    restart_of(device, "bulkhead-log", before)
    log = device.wait_log("t-chatty", r"line 199\b")
    assert [int(x) for x in re.findall(r"line (\d+)", log)][-200:] == list(range(200))
    assert device.status("t-chatty")["state"] == "up"  # no SIGPIPE
    device.sh("bulkctl stop t-chatty")


def test_a_frozen_service_holds_up_nobody(device):
    device.sh("bulkctl start t-freeze && echo 1 >/sys/fs/cgroup/t-freeze/cgroup.freeze")
    device.sh("bulkctl stop t-freeze")  # its ExecStop is cloned into the group, and PID 1 waits for the execve
    assert device.status("t-freeze")["state"] == "down"
    assert "leaving with 0" in device.logs("t-freeze")


def test_who_feeds_its_watchdog_is_spared_while_many_start(device):
    """Beside three starts and stops of a crowd."""
    crowd = " ".join(f"t-sv-horde@{n:02}" for n in range(1, 31))
    mail.start(device)
    for _ in range(3):
        device.sh(f"for s in {crowd}; do bulkctl start $s & done; wait; for s in {crowd}; do bulkctl stop $s & done; wait")
    mail.judge(device, "90 starts")
