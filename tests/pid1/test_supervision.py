# SPDX-License-Identifier: MIT
"""What becomes of a service that ends, hangs, or is to stop; and PID 1's own crash."""
import os
import re
import signal
import stat
from pathlib import Path

import pytest

from conftest import LIFE, service, wait_until


def test_a_failure_is_tried_again(box):
    d = box(a=service("RestartSec = 5ms", "RuntimeDirectory = a", "RuntimeDirectoryPreserve = yes", word="once /run/a/was", restart="on-failure"))
    assert d.wait("a", "up")["restarts"] == 1
    assert d.in_order("a: ended: exit status 7", "a: starts again", "a: ready")


def test_after_the_boot_the_console_is_for_who_is_there(box):
    """Ends and restarts are told at boot and at the end of the device, and where they would be told nowhere else; who stays down always is."""
    services = {"early": service("RestartSec = 5ms", "RuntimeDirectory = e", "RuntimeDirectoryPreserve = yes", word="once /run/e/was", restart="on-failure"),
                "late": service("RestartSec = 1ms", restart="on-failure"), "gone": service(kind="oneshot", word="exit 3", restart="no") }
    for init, kmsg, told in ((None, True, False), ("[Boot]\nConsoleMessages = all\n", True, True), (None, False, True)):
        d = box(cmdline="quiet", init=init, kmsg=kmsg, **services)
        d.wait_said("services up")
        before = d.wait("late", "up")
        d.ctl("kill", "-s", "KILL", "late")
        wait_until(lambda: (now := d.status("late"))["state"] == "up" and now["pid"] != before["pid"], d.console)
        d.try_ctl("start", "gone")
        d.wait_said("early: ended: exit status 7", "services up", "gone: failed and stays down: exit status 3")
        assert d.in_order("services up", "late: ended: killed by SIGKILL", "late: starts again") == told, d.said


def test_each_delay_is_longer_than_the_one_before(box):
    d = box(a=service("RestartSec = 10ms", "StartLimitBurst = 5", kind="simple", word="exit 7", restart="on-failure"))
    d.wait("a", "failed")
    delays = [int(n) for n in re.findall(r"a: starts again in (\d+) ms", d.console())]
    assert len(delays) == 4 and delays == sorted(set(delays)), d.said


def test_the_start_limit(box):
    d = box(a=service("RestartSec = 1ms", "StartLimitBurst = 3", kind="simple", word="exit 7", restart="on-failure"))
    assert "start limit" in d.wait("a", "failed")["why"]
    assert d.logs("a").count("life exits 7") == 3
    assert d.status("a")["restarts"] == 2


def test_reset_forgets_a_failure(box):
    d = box(a=service(kind="oneshot", word="exit 3"))
    d.wait("a", "failed")
    d.ctl("reset", "a")
    assert d.status("a")["state"] == "down"


def test_a_good_end_is_no_failure(box):
    d = box(a=service("RestartSec = 1ms", kind="simple", word="exit 0", restart="on-failure"), b=service())
    d.wait("b", "up")
    wait_until(lambda: d.status("a")["state"] == "down", d.console)
    assert d.status("a")["restarts"] == 0


def test_statuses_that_forbid_or_force_a_restart(box):
    d = box(no=service("RestartSec = 1ms", "RestartPreventExitStatus = 3", kind="simple", word="exit 3", restart="always"),
            yes=service("RestartSec = 1ms", "RestartForceExitStatus = 7", "RuntimeDirectory = a", "RuntimeDirectoryPreserve = yes", word="once /run/a/was",
                        restart="no"))
    assert d.wait("yes", "up")["restarts"] == 1
    assert d.wait("no", "failed")["why"] == "exit status 3"
    assert d.status("no")["restarts"] == 0 and d.logs("no").count("life exits 3") == 1


def test_what_is_too_old_is_ended(box):
    d = box(a=service("RestartSec = 1ms", "RuntimeMaxSec = 300ms", "RuntimeRandomizedExtraSec = 50ms", restart="on-abnormal"))
    wait_until(lambda: d.status("a")["restarts"] >= 2, d.console)
    assert d.in_order("a: ready", "a: ended: RuntimeMaxSec is over", "a: starts again", "a: ready")
    assert d.logs("a").count("life ends\n") >= 2


def test_statuses_that_count_as_success(box):
    d = box(a=service("SuccessExitStatus = 3", kind="oneshot", word="exit 3"))
    d.wait("a", "done")


def test_the_command_that_failed_is_named(box):
    """SuccessExitStatus is about the main process."""
    d = box(a=service("SuccessExitStatus = 3", f"ExecStartPre = {LIFE} exit 0", f"ExecStartPre = {LIFE} exit 3"), b=service(f"ExecStartPost = {LIFE} exit 4"),
            c=service(f"ExecStart = {LIFE} exit 5", kind="oneshot", word="exit 0"), e=service(f"ExecStartPre = {LIFE} mute", "TimeoutStartSec = 300ms"))
    assert d.wait("a", "failed")["why"] == "ExecStartPre 2: exit status 3"
    assert d.wait("b", "failed")["why"] == "ExecStartPost: exit status 4; well"
    assert d.wait("c", "failed")["why"] == "ExecStart 2: exit status 5"
    assert d.wait("e", "failed")["why"] == "ExecStartPre: start time-out"


def test_the_command_whose_wall_fails_is_named(box):
    lacks = "StandardOutput = file:/nowhere/out"
    d = box(a=service(f"ExecStartPre = {LIFE} exit 0", f"ExecStartPre = {LIFE} exit 0", lacks), b=service(f"ExecStartPre = {LIFE} exit 0", lacks),
            c=service(f"ExecStart = {LIFE} exit 0", lacks, kind="oneshot", word="exit 0"), e=service(lacks))
    for name, command in {"a": "ExecStartPre 1: ", "b": "ExecStartPre: ", "c": "ExecStart 1: ", "e": ""}.items():
        assert d.wait(name, "failed")["why"].startswith(f"{command}stdio: ENOENT: standard output /nowhere/out")
        d.wait_said(f"{name}: failed and stays down: wall failed: {command}stdio: ENOENT")


def test_a_program_that_need_not_be_there(box):
    """What else a - pardons is an end: a wall that does not stand it does not."""
    absent = "-/usr/bin/nothing"
    d = box(a=service(f"ExecStartPre = {absent}", f"ExecStartPost = {absent}"), b=service(f"ExecStart = {absent}", kind="oneshot", word="exit 0"),
            c=service(f"ExecStartPre = {absent}", "StandardOutput = file:/nowhere/out"))
    d.wait("a", "up")
    d.wait("b", "done")
    d.wait_said("a: passed over: exec: ENOENT: /usr/bin/nothing", "a: passed over: exec: ENOENT: /usr/bin/nothing")
    assert d.wait("c", "failed")["why"].startswith("ExecStartPre: stdio: ENOENT")


def test_a_killed_service_comes_back(box):
    d = box(a=service("RestartSec = 1ms", restart="on-failure"))
    before = d.wait("a", "up")
    d.ctl("kill", "-s", "KILL", "a")
    wait_until(lambda: (now := d.status("a"))["state"] == "up" and now["pid"] != before["pid"], d.console)
    assert d.in_order("a: ended: killed by SIGKILL", "a: starts again")
    assert d.status("a")["last_end"]


def test_a_killed_reaper_takes_its_service_along(box):
    d = box(a=service("RestartSec = 1ms", restart="on-failure"))
    before = d.wait("a", "up")
    main = d.host_pid(before["pid"])
    os.kill(d.host_pid(before["reaper"]), signal.SIGKILL)
    wait_until(lambda: (now := d.status("a"))["state"] == "up" and now["pid"] != before["pid"], d.console)
    assert not os.path.exists(f"/proc/{main}")


def test_who_hangs_is_bitten_by_its_watchdog(box):
    d = box(a=service("WatchdogSec = 200ms", word="hang"))
    assert "watchdog" in d.wait("a", "failed")["why"]
    assert d.in_order("a: ready", "a: failed")


def test_who_goes_to_the_background_is_ended_and_told(box):
    d = box(a=service(kind="simple", word="fork"))
    assert "must stay in the foreground" in d.wait("a", "down")["why"]


HOST_PID = "[Namespaces]\nPID = host"


def processes(d, name):
    """The numbers of what is in the service's group."""
    where = {p.parent.name: p for p in Path("/proc").glob("[0-9]*/cgroup")}

    def of(path):
        try:
            return f"bulkhead-pid1-{d.process.pid}/" in (text := path.read_text()) and text.rstrip().endswith(f"/{name}")
        except OSError:
            return False
    return [pid for pid, path in where.items() if of(path)]


def test_what_its_main_process_leaves_is_asked_to_end(box):
    d = box(a=service(kind="simple", word="wrap"), b=service(HOST_PID, kind="simple", word="wrap"), c=service(kind="simple", word="fork"))
    for name in ("a", "b"):
        d.wait(name, "up")
        wait_until(lambda: len(processes(d, name)) == 3, lambda: str(processes(d, name)))
        d.ctl("stop", name)
        assert d.wait_logs(name, "life ends").count("life ends") == 1, name
        assert d.status(name)["last_end"] == {"signal": "SIGTERM"}
    d.wait("c", "down")
    assert d.wait_logs("c", "life ends").count("life ends") == 1
    assert "did not stop in time" not in d.console()


def groups_below(d, name):
    """Moves all but the cell two groups below the service's own, as Delegate lets it do itself."""
    _, *others = sorted(processes(d, name), key=int)
    path = next(line for line in Path(f"/proc/{others[0]}/cgroup").read_text().splitlines() if line.startswith("0::"))[3:]
    top = next(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines() if line.split()[2] == "cgroup2")
    inner = Path(top + path) / "one/two"
    inner.mkdir(parents=True)
    for pid in others:
        (inner / "cgroup.procs").write_text(pid)


def test_what_is_left_in_groups_below_is_asked_to_end(box):
    d = box(a=service("[Filesystem]\nSysfs = read-only\n[Cgroup]\nDelegate = yes", kind="simple", word="wrap"))
    d.wait("a", "up")
    wait_until(lambda: len(processes(d, "a")) == 3, lambda: str(processes(d, "a")))
    groups_below(d, "a")
    d.ctl("stop", "a")
    assert d.wait_logs("a", "life ends").count("life ends") == 1
    assert "did not stop in time" not in d.console()


def test_what_it_leaves_and_is_deaf_is_killed(box):
    d = box(a=service("TimeoutStopSec = 200ms", kind="simple", word="wrap deaf"),
            b=service("TimeoutStopSec = 200ms", HOST_PID, kind="simple", word="wrap deaf"))
    for name in ("a", "b"):
        d.wait(name, "up")
        wait_until(lambda: len(processes(d, name)) == 3, lambda: str(processes(d, name)))
        d.ctl("stop", name)
        d.wait_said(f"{name}: did not stop in time: sent SIGKILL")
        wait_until(lambda: not processes(d, name), lambda: str(processes(d, name)))


@pytest.mark.parametrize("group_kill", [True, False])
def test_who_forks_for_ever_is_killed(box, group_kill):
    """In the host's PID namespace no reaper takes it along. Before Linux 5.14 there is no cgroup.kill."""
    d = box(a=service("TimeoutStopSec = 200ms", HOST_PID, kind="simple", word="hop"), group_kill=group_kill)
    d.wait("a", "up")
    d.ctl("stop", "a")
    d.wait("a", "down")
    assert not processes(d, "a") and "cannot be killed" not in d.console()


def test_a_command_is_asked_to_end(box):
    pre = f"ExecStartPre = {LIFE} mute"
    d = box(a=service(pre, "TimeoutStartSec = 300ms"), b=service(pre, HOST_PID), c=service(f"ExecStartPost = {LIFE} mute"),
            e=service("TimeoutStopSec = 300ms", f"ExecStop = {LIFE} mute"), f=service("TimeoutStopSec = 300ms", f"ExecStopPost = {LIFE} mute"))
    assert "start time-out" in d.wait("a", "failed")["why"]
    assert d.wait_logs("a", "life ends").count("life ends") == 1
    for name, times in (("b", 1), ("c", 2), ("e", 2), ("f", 2)):
        d.wait_logs(name, "life line 8")
        d.wait(name, "up" if name in "ef" else "preparing" if name == "b" else "finishing start")
        d.ctl("stop", name)
        wait_until(lambda: d.logs(name).count("life ends") == times, lambda: d.logs(name))


def test_what_a_command_leaves_ends_with_it(box):
    leaves = f"ExecStartPre = {LIFE} fork"
    d = box(a=service(kind="oneshot", word="fork"), b=service(HOST_PID, kind="oneshot", word="fork"),
            c=service(leaves), e=service(leaves, HOST_PID))
    words = " has ended and left processes, which were ended with it: what is to run on is a service of its own"
    for name in ("a", "b"):
        assert d.wait(name, "done")["why"] == "ExecStart" + words
        wait_until(lambda: not processes(d, name), lambda: str(processes(d, name)))
    for name in ("c", "e"):
        d.wait(name, "up")
        d.wait_said(f"{name}: ExecStartPre" + words)
        wait_until(lambda: len(processes(d, name)) == 2, lambda: str(processes(d, name)))


def test_a_last_word_is_heard_before_the_end(box):
    d = box(**{name: service(word="brief") for name in ("a", "b", "c")})
    for name in ("a", "b", "c"):
        d.wait(name, "down", "failed")
    assert "before it was ready" not in d.console() and "ignored" not in d.said


def test_stop_asks_first(box):
    d = box(a=service())
    d.wait("a", "up")
    d.wait_said("a: a readiness message is without effect: EXTEND_TIMEOUT_USEC is not supported")
    d.ctl("stop", "a")
    assert d.status("a")["state"] == "down"
    assert d.wait_logs("a", "life ends").count("life ends") == 1


def test_commands_of_the_end_that_cannot_run_leave_nothing_behind(box):
    d = box(a=service(*["ExecStop = -/no/such/program"] * 4, *["ExecStopPost = -/no/such/program"] * 4))
    d.wait("a", "up")
    before = os.listdir(f"/proc/{d.pid}/fd")
    for _ in range(3):
        d.ctl("restart", "a")
    wait_until(lambda: len(os.listdir(f"/proc/{d.pid}/fd")) <= len(before), d.console)


def test_who_is_deaf_is_killed(box):
    d = box(a=service("TimeoutStopSec = 200ms", word="deaf"))
    d.wait("a", "up")
    d.ctl("stop", "a")
    assert d.status("a")["pid"] is None
    assert "life ends" not in d.logs("a")
    d.wait_said("SIGKILL")


def test_stop_takes_what_requires_it_first(box):
    d = box(a=service(), b=service("Requires = a", "After = a"))
    d.wait("b", "up")
    d.ctl("stop", "a")
    assert d.status("b")["state"] == "down"
    assert d.in_order("b: stopped", "a: stopped")


def test_output_into_a_file_of_its_own_directory(box):
    d = box(a=service("RuntimeDirectory = a", "StandardOutput = file:/run/a/out", "RuntimeDirectoryPreserve = yes", kind="oneshot", word="exit 0"))
    d.wait("a", "done")
    assert "life exits 0" in (d.root / "run/a/out").read_text()


def test_a_directory_of_its_own_lives_as_long_as_it(box):
    d = box(a=service("RuntimeDirectory = a", word="notify /run/a/file"))
    d.wait("a", "up")
    assert (d.root / "run/a/file").exists()
    d.ctl("stop", "a")
    assert not (d.root / "run/a/file").exists()


def test_log_lines_come_whole_and_in_order(box):
    d = box(a=service(kind="oneshot", word="exit 0"))
    d.wait("a", "done")
    lines = re.findall(r" a life line (\d+)", d.wait_logs("a", "life exits 0"))
    assert lines == [str(i) for i in range(1, 9)]


def test_last_words_without_a_newline_are_a_line_of_their_own(box):
    """Each is there before the next life begins: one that begins at once may write before the log has read that the last one has ended."""
    d = box(a=service(kind="simple", word="short"))
    d.wait("a", "failed")
    d.wait("bulkhead-log", "up")
    for life in range(1, 4):
        wait_until(lambda life=life: d.logs("a").count("life stops short [unfinished]") == life, lambda: d.logs("a"))
        d.try_ctl("start", "a")
    ends = [line for line in d.logs("a").splitlines() if "stops short" in line]
    assert len(ends) >= 3 and all(line.endswith(" life stops short [unfinished]") for line in ends), ends


def test_log_lines_outlive_the_log_program(box):
    d = box(a=service())
    d.wait("a", "up")
    d.wait_logs("a", "life line 8")
    before = d.status("bulkhead-log")
    os.kill(d.host_pid(before["pid"]), signal.SIGKILL)
    wait_until(lambda: (now := d.status("bulkhead-log"))["state"] == "up" and now["pid"] != before["pid"], d.console)
    d.ctl("stop", "a")
    log = d.wait_logs("a", "life ends")
    assert log.count("life line 8") == 1


def test_services_do_not_notice_a_crash(box):
    d = box(a=service(), b=service("After = a"))
    before = d.wait("b", "up"), d.status("a")
    d.crash()
    assert (d.status("b")["pid"], d.status("a")["pid"]) == tuple(was["pid"] for was in before)
    assert d.logs("a").count("life begins") == 1


def test_after_a_crash_a_service_is_still_looked_after(box):
    d = box(a=service("RestartSec = 1ms", restart="on-failure"))
    before = d.wait("a", "up")
    d.crash()
    d.ctl("kill", "-s", "KILL", "a")
    wait_until(lambda: (now := d.status("a"))["state"] == "up" and now["pid"] != before["pid"], d.console)


def test_a_start_that_a_crash_came_into(box):
    d = box(a=service("TimeoutStartSec = 60s", word="mute"), b=service())
    d.wait("b", "up")
    d.wait("a", "starting")
    d.crash()
    assert d.status("a")["state"] == "starting"
    d.ctl("stop", "a")
    assert d.status("a")["pid"] is None


def test_crash_after_crash(box):
    d = box(a=service())
    before = d.wait("a", "up")
    for _ in range(3):
        d.crash()
        assert d.status("a")["pid"] == before["pid"]


def test_what_is_not_there_yet_is_waited_for(box):
    delays = "RestartSec = 50ms", "RestartMaxDelaySec = 100ms"
    path = *delays, "[Filesystem]", "BindReadOnlyPaths = /run/late"
    d = box(always=service(*path, restart="always"), once=service(*path, restart="on-failure"),
            disk=service(*delays, "[Filesystem]", "Devices = late", restart="always"),
            terminal=service(*delays, "StandardInput = tty", "TTYPath = /dev/ttyLATE", restart="always"))
    assert "/run/late" in d.wait("always", "restarting")["why"]
    assert "/run/late" in d.wait("once", "failed")["why"]
    for name in ("disk", "terminal"):
        assert "ENOENT" in d.wait(name, "restarting")["why"]
    (d.root / "run/late").mkdir()
    os.mknod(d.root / "dev/late", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    for name in ("always", "disk"):
        d.wait(name, "up")


def test_room_on_a_full_disk_is_waited_for(box):
    d = box(fstab="tmpfs /run/full tmpfs nr_inodes=2 0 0\n",
            a=service("Enabled = no", "RuntimeDirectory = full/room", "RuntimeDirectorySize = infinity",
                      "RestartSec = 50ms", "RestartMaxDelaySec = 100ms", restart="on-failure"))
    d.wait("a", "down")
    (d.root / "run/full/filler").touch()
    d.try_ctl("start", "a")
    assert "ENOSPC" in d.wait("a", "restarting")["why"]
    (d.root / "run/full/filler").unlink()
    d.wait("a", "up")
