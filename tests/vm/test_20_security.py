# SPDX-License-Identifier: MIT
"""bulkctl security: what each service has open, as a table, in full and as JSON; the limit for a build."""
import json


def judged(device, arguments=""):
    return {s["service"]: s for s in json.loads(device.sh(f"bulkctl --json security {arguments}"))}


def test_every_service_has_a_row(device):
    table = device.sh("bulkctl security").splitlines()
    assert table[0].split() == ["SERVICE", "SCORE", "OPEN"]
    names = {line.split()[0] for line in table[1:] if not line.startswith(" ")}
    assert names == set(judged(device))
    assert {"nginx", "mosquitto", "dropbear", "t-base", "t-escape"} <= names


def test_the_default_has_nothing_open_but_its_label(device):
    found = judged(device, "t-escape t-escape-root")
    assert [o["open"] for o in found["t-escape"]["open"]] in ([], ["no SELinuxContext"])
    assert found["t-escape"]["score"] <= 0.1
    assert "User of the host" in [o["open"] for o in found["t-escape-root"]["open"]]
    assert "uid 0" in [o["open"] for o in found["t-escape-root"]["open"]]


def test_each_opening_names_why_and_where(device):
    found = judged(device)["t-ns-host"]
    kinds = {o["open"].split()[0] for o in found["open"] if o["open"].endswith("of the host")}
    assert {"Mount", "PID", "IPC", "UTS", "Cgroup", "User", "Network"} <= kinds
    for opening in found["open"]:
        assert opening["why"]
        assert opening["weight"] > 0
    place = next(o for o in found["open"] if o["open"] == "PID of the host")
    line = device.sh(f"sed -n {place['line']}p {place['file']}").strip()
    assert line.replace(" ", "") == "PID=host"
    assert found["score"] > judged(device)["nginx"]["score"]


def test_the_limit_is_for_a_build(device):
    assert device.try_sh("bulkctl security --limit 0.1 t-escape")[0] == 0
    status, text = device.try_sh("bulkctl security --limit 1 t-escape t-ns-host")
    assert status != 0
    assert "t-ns-host scores" in text
    assert "t-escape scores" not in text
    status, text = device.try_sh("bulkctl security --limit high")
    assert status != 0
    status, text = device.try_sh("bulkctl security nobody-knows-it")
    assert status != 0
    assert "nobody-knows-it" in text
