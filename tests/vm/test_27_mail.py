# SPDX-License-Identifier: MIT
"""What has happened is read before time is judged, however long PID 1 has been away. It is held still for three seconds, and crashed, with its mail unread."""
import mail
import pytest


@pytest.mark.parametrize("crash", [False, True], ids=["held", "held, and crashes"])
def test_late_mail_is_read_before_the_clock(device, crash):
    mail.start(device)
    recoveries = device.json("bulkctl --json info")["recoveries"]
    for _ in range(3):
        said = device.sh(f"sleep 1; {mail.HOLD}; {'kill -SEGV 1; ' if crash else ''}sleep 3; {mail.RELEASE}; sleep 1")
        assert "not held" not in said
    assert device.json("bulkctl --json info")["recoveries"] == recoveries + 3 * crash
    mail.judge(device, f"PID 1 held 3 times for 3 s{', and crashed' if crash else ''}")


def test_an_exit_that_lay_unread_is_an_exit(device):
    """Killed, and held up in the kernel by its disk; it ends while PID 1 is away, and the time after which it cannot be killed passes before PID 1 looks."""
    probe = "/usr/libexec/probe"
    for _ in range(3):
        device.sh("bulkctl start t-held; sleep 1")
        before = len(device.sh("dmesg | grep 't-held: cannot be killed' || true").splitlines())
        held = device.sh(f"{probe} still /var && (bulkctl stop t-held & sleep 7; {mail.HOLD}; {probe} unstill /var; sleep 6; {mail.RELEASE}; wait)", 120)
        assert "not held" not in held
        said = device.sh("dmesg | grep t-held").splitlines()[-4:]
        late = len(device.sh("dmesg | grep 't-held: cannot be killed' || true").splitlines()) - before
        if not late:
            break
    print("\n".join(said))
    assert not late
    assert device.status("t-held")["state"] == "down"
    assert any("did not stop in time" in line for line in said), said
