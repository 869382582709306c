# SPDX-License-Identifier: MIT
"""Services that PID 1 starts by itself at their time. The clock of this machine is right, and is left alone."""
import json

from conftest import service, wait_until

ALWAYS = {"kind": "oneshot", "word": "exit", "restart": "no"}


def timed(*lines, **how):
    return service("[Timer]", "AccuracySec = 0", *lines, **{**ALWAYS, **how})


def timers(d):
    return {t["service"]: t for t in json.loads(d.ctl("timers", "--json"))}


def runs(d, name):
    return d.console().count(f"{name}: its timer has elapsed")


def wait_runs(d, name, least):
    wait_until(lambda: runs(d, name) >= least, lambda: f"{name} ran {runs(d, name)} times:\n{d.console()}")


def test_a_timer_starts_what_the_boot_does_not(box):
    d = box(a=timed("OnBootSec = 1000h"), b=timed("OnStartupSec = 1s"), c=timed("OnBootSec = 1ms"))
    wait_runs(d, "b", 1)
    for name in "bc":
        wait_until(lambda name=name: d.status(name)["last_end"] == {"exit": 0}, d.console)
    a = d.status("a")
    assert a["state"] == "down" and a["last_end"] is None and a["timer"]["left_ms"] > 0
    assert d.wait("b", "down")["last_end"] == {"exit": 0}
    assert runs(d, "b") == 1 and timers(d)["b"]["left_ms"] is None, "counts once"
    assert {"a", "b", "c"} == set(timers(d))
    d.ctl("start", "a")
    assert d.wait("a", "down")["last_end"] == {"exit": 0}


def test_what_repeats_goes_on_over_a_crash(box):
    d = box(a=timed("OnStartupSec = 0", "OnUnitActiveSec = 1s"), b=timed("OnStartupSec = 0", "OnUnitInactiveSec = 1s"),
            c=timed("OnCalendar = *:*:*"), d=timed("OnStartupSec = 0", "OnUnitActiveSec = 1s", kind="notify", word="notify"))
    for name in "abc":
        wait_runs(d, name, 3)
    d.wait("d", "up")
    pid = d.status("d")["pid"]
    before = {name: runs(d, name) for name in "abc"}
    d.crash()
    for name in "abc":
        wait_runs(d, name, before[name] + 2)
    assert d.status("d")["pid"] == pid, "who runs goes on"
    d.ctl("stop", "a")
    assert timers(d)["a"]["armed"] is False and "stopped" in d.ctl("timers")
    stopped = runs(d, "a")
    wait_runs(d, "c", runs(d, "c") + 3)
    assert runs(d, "a") == stopped and d.status("a")["state"] == "down"
    d.ctl("start", "a")
    wait_runs(d, "a", stopped + 1)


def test_a_group_arms_what_it_wants_and_others_start_it(box):
    d = box(init="[Boot]\nDefaultGroup = all\n", all="[Service]\nType = group\n",
            a=service("WantedBy = all", "[Timer]", "OnBootSec = 1000h", **ALWAYS), b=service("Wants = c", "WantedBy = all"),
            c=timed("OnBootSec = 1000h"), e=timed("OnBootSec = 1ms"))
    d.wait("all", "up")
    assert timers(d)["a"]["armed"] and d.status("a")["last_end"] is None
    d.wait("b", "up")
    assert d.status("c")["last_end"] == {"exit": 0}, "it is wanted by a service"
    assert not timers(d)["e"]["armed"], "nobody asks for it at boot"


def test_a_device_of_timers_alone_is_not_dark(box):
    d = box(a=timed("OnBootSec = 1000h"))
    d.wait_said("bulkhead-log: ready")
    assert timers(d)["a"]["armed"]
    assert "able to start" not in d.console() and d.ctl("info")
