# SPDX-License-Identifier: MIT
"""A service's ids on the host, and its files that follow them: what an update that renames it, or changes its User or IdRange, leaves on the data partition."""
import re

import pytest

RANGE = 2147352576
OWN = RANGE + 1000
STATE = "/var/lib/t-id-state"


def run(device):
    status, text = device.try_sh("bulkctl restart t-id-state")
    assert status == 0, f"{text} {device.status('t-id-state')}"
    text = device.sh("for i in $(seq 50); do bulkctl logs -n 200 t-id-state | tail -1 | grep -q end && break; sleep 0.2; done; bulkctl logs -n 200 t-id-state")
    last = text.split("[[end - -]]")[-2]
    return {(v, a): r for v, a, r in re.findall(r"\[\[(\S+) (\S+) (.*?)\]\]", last)}


def test_pinned_range(device):
    assert f"{OWN} and {OWN} outside" in device.sh("bulkctl explain t-id-state")
    device.sh("bulkctl start t-id-state")
    assert device.sh(f"stat -c '%u %g %a' {STATE}").split() == [str(OWN), str(OWN), "700"]


@pytest.mark.parametrize("old", [1022296064 + 1000, 200], ids=["another range", "an account of the host's"])
def test_files_follow_their_service(device, old):
    """Owned by what the service was before: by another name, or with User = host."""
    device.sh(f"bulkctl start t-id-state; cd {STATE} && rm -rf * && umask 077 && mkdir sub && echo secret >key && echo deep >sub/key && "
              f"echo other >../t-id-theirs && chown 4242:4242 ../t-id-theirs && ln ../t-id-theirs theirs && ln -s ../t-id-theirs link && "
              f"chown -h {old}:{old} . sub key sub/key link")
    found = run(device)
    assert found["read", f"{STATE}/key"].startswith("secret") and found["read", f"{STATE}/sub/key"].startswith("deep"), found
    assert found["write", f"{STATE}/x"] == "ALLOWED" and found["read", f"{STATE}/theirs"] == "EACCES", found
    assert device.sh(f"stat -c %u /var/lib/t-id-theirs {STATE}/link").split() == ["4242", str(OWN)]
