# SPDX-License-Identifier: MIT
"""Fail closed: a service whose file is wrong, or whose wall the kernel refuses, does not run and says why; everything else runs."""
import re

import pytest


@pytest.mark.parametrize("name,step,errno", [("t-bad-label", "label", "EINVAL"), ("t-bad-bind", "mount", "ENOENT"), ("t-bad-cpus", "limits", "EINVAL")])
def test_a_wall_that_cannot_stand(device, name, step, errno):
    status, text = device.try_sh(f"bulkctl start {name}")
    assert status == 1
    state = device.status(name)
    assert state["state"] == "failed" and state["pid"] is None
    assert errno in state["why"], state
    assert re.search(rf"{name}: failed and stays down: wall failed: .*{errno}", device.sh("dmesg")), "the console does not say which wall"
    assert "up" not in device.logs(name).split()


@pytest.fixture(scope="module")
def bad(tmp_path_factory, bad_image):
    from device import Device
    d = Device(bad_image, tmp_path_factory.mktemp("bad-device"))
    yield d
    d.close()


def test_bad_files_do_not_stop_the_others(bad):
    for name in ("nginx", "dropbear", "b-good"):
        bad.wait_state(name, "up")


def test_a_stale_plan_is_not_used(bad):
    assert bad.json("bulkctl info --json")["plan_from"] == "compiled at boot"


@pytest.mark.parametrize("name,place,words", [
    ("b-typo", "b-typo.ini:3:", "Restart"),
    ("b-value", "b-value.ini:6:", "MemoryMax"),
    ("b-binary", "b-binary.ini:2:", "/usr/bin/not-there"),
    ("b-cycle-a", "b-cycle-", "b-cycle-b"),
    ("b-utf8", "b-utf8.ini:2:", "UTF-8"),
    ("b-large", "b-large.ini", "64"),
    ("b-open", "/etc/bulkhead/services.d/b-open.ini:1:", "others than root can write it (owner 0, mode 0666)"),
    ("b-drop", "/etc/bulkhead/services.d/b-drop.d/10.ini:1:", "others than root can write it (owner 0, mode 0664)"),
    ("b-link", "/etc/bulkhead/services.d/b-link.ini:1:", "is a link out of the tree, to /usr/share/elsewhere.ini"),
])
def test_each_bad_file_has_one_clear_line(bad, name, place, words):
    bad.wait_console(r"bulkhead: \d+ services up")
    line = [x for x in bad.console().splitlines() if x.startswith(f"bulkhead: {name}: refused: ")]
    assert len(line) == 1, line
    assert place in line[0] and words in line[0]
    state = bad.status(name)
    assert state["state"] == "refused" and state["pid"] is None
    status, text = bad.try_sh("bulkctl check")
    assert status == 1 and place in text
    # Of what PID 1 keeps the beginning of, the plan has all.
    shown = bad.try_sh(f"bulkctl status {name}")[1]
    assert any(x in shown for x in text.splitlines() if place in x), shown


def test_a_secret_file_is_not_quoted(bad):
    """What only root may read reaches neither the console nor anybody else; as it is, it is a service's file like any other."""
    bad.wait_state("b-own", "up")
    line = "/etc/bulkhead/services.d/b-secret.ini:4: [Service] Environment: is wrong, bulkctl check tells root how"
    assert line in bad.console() and line in bad.status("b-secret")["why"]
    everybody = bad.console() + bad.sh("dmesg; /usr/libexec/probe as-nobody 'bulkctl status; bulkctl status b-secret; cat /run/bulkhead/refused; bulkctl check'; true")
    assert "word-of-nobody" not in everybody
    assert "word-of-nobody" in bad.try_sh("bulkctl check")[1] and "word-of-nobody" in bad.sh("cat /run/bulkhead/refused")
    assert bad.sh("stat -c %a /run/bulkhead/refused").strip() == "600"


def test_a_refused_service_cannot_be_started(bad):
    status, text = bad.try_sh("bulkctl start b-typo")
    assert status == 1 and "refused" in text
