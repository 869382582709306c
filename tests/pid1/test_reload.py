# SPDX-License-Identifier: MIT
"""Service files that change while the device runs: what differs, and what a reload makes of it."""
import json
import subprocess
import sys

from conftest import service


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
