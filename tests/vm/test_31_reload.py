# SPDX-License-Identifier: MIT
"""bulkctl diff and reload on the whole appliance: what has not changed goes on, limits change while their service runs, and the rest when it is asked for."""
import json

import pytest

FILES = "/etc/bulkhead/services.d"
PLACE = "/run/reload-files"


def write(device, *lines):
    text = "\\n".join(["[Service]", "ExecStart = /usr/libexec/probe stay", "WantedBy = appliance", *lines])
    device.sh(f"printf '{text}\\n' > {FILES}/t-re.ini")


@pytest.fixture(scope="module")
def files(device):
    """The service files of this root, which is read-only, where they can be written."""
    for name in ("nginx", "mosquitto"):
        device.wait_state(name, "up")
    device.sh(f"mkdir -p {PLACE}; cp -a {FILES}/. {PLACE}; mount --bind {PLACE} {FILES}")
    yield device
    device.sh(f"umount {FILES}; rm -r {PLACE}; bulkctl reload --apply")
    assert device.try_sh("bulkctl diff")[0] == 0


def running(device):
    """What is up of the appliance itself: of the tests' services some come and go."""
    return {one["service"]: (one["pid"], one["restarts"]) for one in device.json("bulkctl --json status")
            if one["state"] == "up" and not one["service"].startswith("t-") and one["service"] != "flaky"}


def test_a_new_service_starts_and_nobody_else_notices(files):
    before, recoveries = running(files), files.json("bulkctl --json info")["recoveries"]
    assert len(before) > 4
    assert files.try_sh("bulkctl diff")[0] == 0
    write(files, "[Cgroup]", "MemoryMax = 20M")
    status, text = files.try_sh("bulkctl diff 2>/dev/null")
    assert status == 5 and text.replace("\r", "").split("\n")[0:2] == ["appliance: changed: takes effect at once", "  dependencies and order"] and "t-re: new" in text
    files.sh("bulkctl reload")
    files.wait_state("t-re", "up")
    after = running(files)
    assert {name: after.get(name) for name in before} == before
    assert files.json("bulkctl --json info")["recoveries"] == recoveries
    assert files.sh("cat /sys/fs/cgroup/t-re/memory.max").strip() == str(20 << 20)


def test_a_limit_changes_while_the_service_runs(files):
    before = files.status("t-re")
    write(files, "[Cgroup]", "MemoryMax = 24M", "TasksMax = 9")
    assert "memory.max: 20971520 -> 25165824" in files.try_sh("bulkctl diff t-re")[1]
    files.sh("bulkctl reload")
    assert files.status("t-re")["pid"] == before["pid"]
    assert files.sh("cat /sys/fs/cgroup/t-re/memory.max /sys/fs/cgroup/t-re/pids.max").split() == ["25165824", "9"]


def test_a_wall_changes_with_a_restart(files):
    before, others = files.status("t-re"), running(files)
    write(files, "Environment = ASKED=1", "[Cgroup]", "MemoryMax = 24M", "TasksMax = 9")
    assert "t-re: goes on as it was started" in files.sh("bulkctl reload")
    now = files.status("t-re")
    assert now["pid"] == before["pid"] and now["pending"]
    assert "ASKED" not in files.sh(f"cat /proc/{now['pid']}/environ")
    files.sh("bulkctl restart t-re")
    now = files.status("t-re")
    assert now["pid"] != before["pid"] and "pending" not in now
    assert "ASKED=1" in files.sh(f"cat /proc/{now['pid']}/environ")
    after = running(files)
    assert {name: after.get(name) for name in others} == others


def test_an_error_changes_nothing(files):
    before = files.status("t-re")
    files.sh(f"echo Nonsense = 1 >> {FILES}/t-re.ini")
    status, text = files.try_sh("bulkctl reload 2>&1")
    assert status == 1 and "nothing is changed" in text and "Nonsense" in text
    assert files.status("t-re")["pid"] == before["pid"]


def test_what_is_gone_is_stopped(files):
    others = running(files)
    files.sh(f"rm {FILES}/t-re.ini; bulkctl reload")
    assert files.try_sh("bulkctl status t-re")[0] == 1
    assert files.try_sh("test -d /sys/fs/cgroup/t-re")[0] != 0
    after = running(files)
    assert {name: after.get(name) for name in others} == others
    assert json.loads(files.sh("bulkctl diff --json 2>/dev/null")) == []
