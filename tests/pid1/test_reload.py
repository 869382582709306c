# SPDX-License-Identifier: MIT
"""Service files that change while the device runs: what differs, and what a reload makes of it."""
import json
import subprocess
import sys

from conftest import service, wait_until


MS_REMOUNT = 32
REMOUNT = f"""
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
assert libc.setns(os.open(f"/proc/{{sys.argv[1]}}/ns/mnt", os.O_RDONLY), 0) == 0
assert libc.mount(None, b"/", None, {MS_REMOUNT}, None) == 0, ctypes.get_errno()
"""


def change(d, **files):
    """Writes service files of the running device, whose root is read-only but for this; None removes one."""
    subprocess.run([sys.executable, "-c", REMOUNT, str(d.pid)], check=True)
    for name, text in files.items():
        file = d.root / f"etc/bulkhead/services.d/{name}.ini"
        if text is None:
            file.unlink()
        else:
            file.write_text(text)


def test_diff_names_what_changed(box):
    d = box(web=service("Description = one", "TimeoutStopSec = 5s"), db=service(), old=service("Enabled = no"))
    d.wait("web", "up")
    got = d.try_ctl("diff")
    assert got[0] == 0 and "changed" not in got[1], got[1]
    change(d, web=service("Description = two", "TimeoutStopSec = 6s"), db=service("WatchdogSec = 30s"), old=None,
           aaa=service("Enabled = no"), bad="[Service]\nType = no-such\n")
    status, text = d.try_ctl("diff")
    assert status == 5, text
    lines = text.splitlines()
    at = lines.index("web: changed: takes effect at once")
    assert sorted(lines[at + 1:at + 3]) == ["  Description", "  TimeoutStopSec"], text
    at = lines.index("db: changed: takes a restart")
    assert "  WatchdogSec" in lines[at:], text
    for line in ("old: removed", "aaa: new"):
        assert line in lines, text
    assert any(line.startswith("bad: refused: ") for line in lines), text
    status, text = d.try_ctl("diff", "--json", "old", "web")
    found = json.loads(text[text.index("\n[") + 1:])
    assert status == 5 and {one["service"]: one["how"] for one in found} == {"old": "removed", "web": "changed"}, text
    assert d.try_ctl("diff", "nothing")[0] == 1


def test_what_has_not_changed_goes_on(box):
    d = box(web=service("Description = one"), db=service(), old=service())
    web, db = d.wait("web", "up"), d.wait("db", "up")
    d.wait("old", "up")
    change(d, web=service("Description = two"), db=service("Environment = A=1"), old=None, aaa=service())
    text = d.ctl("reload")
    assert "db: goes on as it was started" in text, text
    d.wait_said("reload: the service files are in force")
    assert d.wait("web", "up")["pid"] == web["pid"] and d.status("web")["description"] == "two"
    assert d.wait("db", "up")["pid"] == db["pid"]
    d.wait("aaa", "up")
    assert d.try_ctl("status", "old")[0] == 1
    # The old definition stays in force for it until it is applied.
    status, text = d.try_ctl("diff")
    assert status == 5 and "db: changed: takes a restart" in text and "web:" not in text, text
    d.ctl("restart", "db")
    assert d.wait("db", "up")["pid"] != db["pid"]
    assert d.wait("web", "up")["pid"] == web["pid"]
    status, text = d.try_ctl("diff")
    assert status == 0, text
    assert "crashed" not in d.console()


def test_apply_restarts_what_has_changed(box):
    d = box(web=service(), db=service(), user=service("Requires = db"))
    before = {name: d.wait(name, "up")["pid"] for name in ("web", "db", "user")}
    change(d, db=service("Environment = A=1"))
    d.ctl("reload", "--apply")
    after = {name: d.wait(name, "up")["pid"] for name in before}
    assert after["web"] == before["web"] and after["db"] != before["db"] and after["user"] != before["user"]
    assert d.try_ctl("diff")[0] == 0


def test_errors_change_nothing(box):
    d = box(web=service())
    web = d.wait("web", "up")
    change(d, web="[Service]\nType = no-such\n")
    status, text = d.try_ctl("reload")
    assert status == 1 and "nothing is changed" in text, text
    assert d.wait("web", "up")["pid"] == web["pid"]


def test_output_goes_on_under_another_index(box):
    """bulkhead-log knows services by their index, and each of them gets another here."""
    d = box(mmm=service(word="talk"), zzz=service(word="talk"))
    for name in ("mmm", "zzz"):
        d.wait(name, "up")
        d.wait_logs(name, "life talks 1\n")
    change(d, aaa=service(word="talk"), bbb=service(), nnn=service())
    d.ctl("reload")
    counts = {name: len(d.logs(name).splitlines()) for name in ("mmm", "zzz")}
    for name, count in counts.items():
        wait_until(lambda n=name, c=count: len(d.logs(n).splitlines()) > c + 3, lambda n=name: d.logs(n))
        numbers = [int(line.rsplit(None, 1)[1]) for line in d.logs(name).splitlines() if "life talks" in line]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers
    d.wait_logs("aaa", "life talks 1")


def test_an_open_socket_stays_open(box):
    calls = service("[Socket]", "ListenStream = /run/calls", "Activate = on-demand", kind="simple", word="serve")
    d = box(web=calls)
    d.wait("web", "listening")
    inode = (d.root / "run/calls").stat().st_ino
    change(d, aaa=service())
    d.ctl("reload")
    assert (d.root / "run/calls").stat().st_ino == inode
    with d.connect("/run/calls") as caller:
        assert caller.recv(1) == b""
    d.wait("web", "up")


def test_who_waits_is_answered_after_a_reload(box):
    """Both the start of another service and the reload itself, which waits until all have settled."""
    d = box(late=service("Enabled = no", word="mute"), web=service())
    d.wait("web", "up")
    waits = subprocess.Popen(["nsenter", f"--mount=/proc/{d.pid}/ns/mnt", "/usr/bin/bulkctl", "start", "late"])
    d.wait("late", "starting")
    change(d, aaa=service("Enabled = no"))
    reload = subprocess.Popen(["nsenter", f"--mount=/proc/{d.pid}/ns/mnt", "/usr/bin/bulkctl", "reload"])
    d.wait_said("reload: the service files are in force")
    assert d.wait("late", "starting") and waits.poll() is None
    d.ctl("stop", "late")
    assert waits.wait(30) == 1 and reload.wait(30) == 0


def test_a_crash_in_the_middle_goes_on_with_the_reload(box):
    """PID 1 crashes while the old service is still stopping."""
    d = box(old=service("TimeoutStopSec = 50s", word="deaf"), web=service())
    web = d.wait("web", "up")
    d.wait("old", "up")
    change(d, old=None, aaa=service())
    reload = subprocess.Popen(["nsenter", f"--mount=/proc/{d.pid}/ns/mnt", "/usr/bin/bulkctl", "reload"])
    d.wait("old", "stopping")
    assert d.try_ctl("reload")[0] == 1
    d.crash()
    assert d.status("old")["state"] == "stopping" and d.try_ctl("status", "aaa")[0] == 1
    d.ctl("kill", "-s", "KILL", "old")
    assert reload.wait(30) == 0
    d.wait("aaa", "up")
    assert d.status("web")["pid"] == web["pid"] and d.try_ctl("status", "old")[0] == 1


def test_a_service_is_told_to_read_its_configuration(box):
    """notify-reload is waited for, a plain signal is not, and who cannot be told is said."""
    d = box(web=service(kind="notify-reload", word="refresh"), old=service("ExecReload = /bin/kill -HUP $MAINPID", word="refresh"),
            deaf=service("TimeoutStartSec = 1s", kind="notify-reload", word="refresh never"), none=service())
    before = {name: d.wait(name, "up")["pid"] for name in ("web", "old", "deaf", "none")}
    d.ctl("reload", "web", "old")
    for name in ("web", "old"):
        d.wait_logs(name, "life is told")
    status, text = d.try_ctl("reload", "deaf")
    assert status == 1 and "it has not said in time that it is done" in text, text
    d.wait_said("deaf: was not done with its reload in time")
    status, text = d.try_ctl("reload", "none")
    assert status == 1 and "it has neither ExecReload nor Type = notify-reload" in text, text
    assert {name: d.wait(name, "up")["pid"] for name in before} == before


def test_what_has_failed_is_tried_by_its_new_file(box):
    d = box(a=service(kind="oneshot", word="exit 3"), web=service())
    d.wait("a", "failed")
    web = d.wait("web", "up")
    change(d, a=service(kind="oneshot", word="exit 0"))
    d.ctl("reload")
    assert d.status("a")["state"] == "failed"
    change(d, a=service("Environment = A=1", kind="oneshot", word="exit 0"))
    d.ctl("reload", "--apply")
    d.wait("a", "done")
    assert d.status("web")["pid"] == web["pid"]


def test_a_shutdown_ends_a_reload(box):
    """Whoever waits for it is told."""
    d = box(old=service("TimeoutStopSec = 50s", word="deaf"), web=service())
    d.wait("old", "up")
    change(d, old=None, web=service("Environment = A=1"))
    reload = subprocess.Popen(["nsenter", f"--mount=/proc/{d.pid}/ns/mnt", "/usr/bin/bulkctl", "reload", "--apply"])
    d.wait("old", "stopping")
    d.ctl("poweroff")
    d.wait_said("reload: nothing is changed: the machine is shutting down")
    assert reload.wait(30) == 1
