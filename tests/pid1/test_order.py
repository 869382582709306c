# SPDX-License-Identifier: MIT
"""Who starts when: order, requirements, readiness, conditions."""
from concurrent.futures import ThreadPoolExecutor

from conftest import service, wait_until


def test_after_waits_until_the_other_is_ready(box):
    d = box(z=service(), m=service("After = z"), a=service("After = m"))
    d.wait_said("z: ready", "m: ready", "a: ready", "services up")


def test_before_is_after_the_other_way_round(box):
    d = box(a=service(), z=service("Before = a"))
    d.wait_said("z: ready", "a: ready")


def test_what_is_required_is_started_too(box):
    d = box(a=service("Enabled = no"), b=service("Requires = a", "After = a"))
    d.wait("b", "up")
    assert d.status("a")["state"] == "up"


def test_what_is_not_enabled_stays_down(box):
    d = box(a=service(), b=service("Enabled = no"))
    d.wait("a", "up")
    assert d.status("b")["state"] == "down"


def test_who_requires_what_fails_does_not_run(box):
    d = box(a=service(kind="oneshot", word="exit 3"), b=service("Requires = a", "After = a"))
    d.wait("a", "failed")
    assert d.wait("b", "failed")["why"], d.console()
    assert "b: ready" not in d.console()


def test_who_wants_what_fails_runs(box):
    d = box(a=service(kind="oneshot", word="exit 3"), b=service("Wants = a", "After = a"))
    d.wait("b", "up")
    assert d.status("a")["state"] == "failed"
    assert d.in_order("a: failed", "b: ready")


def test_a_circle_of_requirements_keeps_nobody_else_back(box):
    d = box(plan=False, a=service("Requires = b"), b=service("Requires = a"), c=service())
    d.wait("c", "up")
    d.wait_said("require each other in a circle (a -> b -> a)")
    assert {d.status("a")["state"], d.status("b")["state"]} == {"refused"}


def test_who_never_says_that_it_is_ready_is_ended(box):
    d = box(a=service("TimeoutStartSec = 200ms", word="mute"), b=service("After = a", "Requires = a"))
    assert "start time-out" in d.wait("a", "failed")["why"]
    assert d.status("b")["state"] != "up"


def test_ready_by_a_newline_on_a_descriptor(box):
    d = box(a=service("NotificationFD = 3", word="line"), b=service("After = a"))
    d.wait_said("a: ready", "b: ready")


def test_a_newline_far_behind_is_told(box):
    """Not that it came, for it is not seen, but that it was not looked for there."""
    d = box(a=service("NotificationFD = 3", word="line late"))
    d.wait_said("a: a readiness message is ignored: no newline in its first 4096 bytes", "a: ready")


def test_what_a_service_says_of_itself_is_shown(box):
    d = box(a=service())
    assert d.wait("a", "up")["why"] == "well"


def test_a_oneshot_is_done_before_the_next_starts(box):
    d = box(a=service(kind="oneshot", word="exit 0"), b=service("After = a"))
    d.wait("b", "up")
    assert d.status("a")["state"] == "done"


def test_a_condition_that_does_not_hold_skips_the_start(box):
    d = box(a=service("ConditionPathExists = /nowhere"), b=service("ConditionPathExists = /etc/passwd"))
    d.wait("b", "up")
    assert d.wait("a", "skipped")["pid"] is None


def test_conflicts_stops_the_other(box):
    d = box(a=service(), b=service("Conflicts = a", "Enabled = no"))
    d.wait("a", "up")
    d.ctl("start", "b")
    assert d.status("b")["state"] == "up"
    assert d.status("a")["state"] == "down" and d.status("a")["why"] == "b, which conflicts with it, has been asked for"
    d.wait_said("a: stopped: b, which conflicts with it, has been asked for")
    d.ctl("start", "a")
    d.ctl("stop", "a")
    assert "conflicts" not in d.status("a")["why"]


def test_a_start_that_a_conflict_undoes_says_so(box):
    d = box(a=service("Enabled = no", word="mute"), b=service("Conflicts = a", "Enabled = no"))
    d.answers()
    with ThreadPoolExecutor() as pool:
        start = pool.submit(d.try_ctl, "start", "a")
        d.wait("a", "starting")
        d.ctl("start", "b")
        status, text = start.result()
    assert status == 1 and "b, which conflicts with it" in text, text


def test_commands_before_and_behind(box):
    d = box(a=service("ExecStartPre = /usr/bin/life exit 0", "ExecStopPost = /usr/bin/life exit 0"))
    d.wait("a", "up")
    d.ctl("stop", "a")
    said = [line.split()[-2:] for line in d.logs("a").splitlines() if " life begins" in line]
    assert said == [["begins", "exit"], ["begins", "notify"], ["begins", "exit"]]


def test_a_start_that_its_first_command_spoils(box):
    d = box(a=service("ExecStartPre = /usr/bin/life exit 9"))
    assert "9" in d.wait("a", "failed")["why"]
    assert "life begins notify" not in d.logs("a")


def test_a_failing_oneshot_and_who_needs_it_do_not_keep_the_boot_from_being_good(box):
    modem = service("WantedBy = all", kind="oneshot", word="exit 1", restart="on-failure")
    d = box(init="[Boot]\nDefaultGroup = all\n", all="[Service]\nType = group\n", modem=modem,
            app=service("Requires = modem", "WantedBy = all"), other=service("WantedBy = all"))
    d.wait_said("2 services up, 2 not: app (waiting), modem (restarting)")
    wait_until(lambda: (d.root / "run/bulkhead/boot-good").exists(), d.console)


def test_a_boot_that_does_not_settle_goes_on_and_names_whom_it_waited_for(box):
    d = box(init="[Boot]\nSettleTimeoutSec = 1s\n", slow=service("TimeoutStartSec = infinity", word="mute"),
            app=service("After = slow"), other=service())
    d.wait_said("the boot has not settled after 1 s: ", " not: app (waiting)", "slow (")
    wait_until(lambda: (d.root / "run/bulkhead/boot-good").exists(), d.console)
    assert d.status("app")["state"] == "waiting"  # the order stays what it is


def test_a_boot_is_good_once_what_is_essential_is_ready(box):
    d = box(init="[Boot]\nSettleTimeoutSec = infinity\n", slow=service("TimeoutStartSec = infinity", word="mute"),
            vital=service("Essential = yes"))
    wait_until(lambda: (d.root / "run/bulkhead/boot-good").exists(), d.console)
    assert " up" not in d.console()  # it has not settled


def test_a_boot_that_is_not_good_in_time_names_who_is_missed(box):
    slow = service("TimeoutStartSec = infinity", word="mute")
    late = "[Boot]\nBootTimeoutSec = 1s\nBootFailureAction = none\nSettleTimeoutSec = infinity\n"  # the machine has been up for longer
    d = box(init=late, slow=slow, other=service())
    d.wait_said("this boot is not good after 1 s: not settled: ", "slow (")
    d = box(init=late, slow=slow.replace("[Service]", "[Service]\nEssential = yes"), other=service())
    d.wait_said("this boot is not good after 1 s: not ready: slow (")
    assert "not yet: not ready: slow (" in d.ctl("info")


def test_a_boot_that_is_ended_has_not_settled(box):
    """It is not good, and the first one is still to come: what has to be done at the first boot may not have been."""
    d = box(a=service(word="mute"), b=service("TimeoutStopSec = 500ms", word="deaf"))
    d.wait("b", "up")
    assert d.status("a")["state"] == "starting"
    d.ctl("reboot")
    d.wait_said("a: stopped")
    marks = sorted(path.name for path in (d.root / "run/bulkhead").glob("*boot*"))
    assert d.ended() == "Hangup" and "b: did not stop in time" in d.said, d.said
    assert marks == [] and " up\n" not in d.said and "this boot could not be marked" not in d.said, (marks, d.said)
