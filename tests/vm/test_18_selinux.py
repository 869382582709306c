# SPDX-License-Identifier: MIT
"""SELinux: domains that are derived from service files, labels of what is made for a service, and what a device does whose policy cannot be had."""
import re
import time

import pytest
from conftest import HERE, make_image
from device import BOARD, BUILD, clients


def asked(device, name):
    """What probe-label found out: {question: answer}."""
    device.sh(f"bulkctl start {name}")
    text = device.wait_log(name, r"\bend$|\bend\n")
    return dict(re.findall(r"(\w+:\S+) is (\S+)", text))


def denials(device, *words):
    """The audit thread takes its time to print, and prints no more than ten records in 5 s."""
    for _ in range(20):
        found = [x for x in device.sh("dmesg").splitlines() if "avc:  denied" in x and all(w in x for w in words)]
        if found:
            return found
        time.sleep(0.5)
    return []


def test_the_daemons_at_work_meet_no_denial(device, ports):
    """In the domains that are derived from their files, while they do what they are for."""
    for name in ("nginx", "dnsmasq", "dropbear", "mosquitto", "chrony", "syslogd", "getty"):
        device.wait_state(name, "up")
    device.sh("dmesg -c > /dev/null")
    clients.page(ports["http"], "/?at-work")
    assert clients.dns_query(ports["dns"], "router.lan") == ["192.168.1.1"]
    key = BUILD / "image/ssh_key"
    status, text = clients.ssh(ports["ssh"], key, "cat /proc/self/attr/current; bulkctl status nginx; bulkctl logs -n 1 nginx; ls /; ps; df; mount; nginx -v")
    assert status == 0 and text.startswith("system_u:system_r:sysadm_t:s0"), text
    listener, speaker = clients.mqtt(ports["mqtt"], "l"), clients.mqtt(ports["mqtt"], "s")
    listener.subscribe("t")
    speaker.publish("t", "word")
    assert listener.message() == ("t", "word")
    listener.close()
    speaker.close()
    device.sh("for s in nginx mosquitto chrony dnsmasq syslogd; do bulkctl restart $s; done")
    for name in ("nginx", "dnsmasq", "mosquitto", "chrony", "syslogd"):
        device.wait_state(name, "up")
    device.wait_log("syslogd", "nginx: .*at-work")
    met = [x for x in device.sh("sleep 2; dmesg").splitlines() if "avc:  denied" in x and ":test_t:" not in x]
    assert not met, "\n".join(met)


def test_a_domain_derived_from_a_file_keeps_root_in(device):
    device.sh("dmesg -c > /dev/null")
    found = asked(device, "t-domain")
    own = ["write:/var/lib/t-domain/a", "read:/var/lib/t-domain/a", "write:/run/t-domain/a", "read:/etc/passwd", "write:/tmp/a", "memfd:m", "bind:8000"]
    assert {q: found[q] for q in own} == {q: "ALLOWED" for q in own}
    assert found["label:/var/lib/t-domain"] == found["label:/var/lib/t-domain/a"] == "system_u:object_r:t-domain_state_t:s0"
    assert found["label:/run/t-domain"] == "system_u:object_r:t-domain_run_t:s0"
    assert found[f"label:/dev/{BOARD.second_console}"] == "system_u:object_r:console_device_t:s0"
    for q in ("read:/etc/shadow", "read:/var/lib/chrony/drift", "read:/etc/bulkhead/init.ini", "read:/usr/lib/bulkhead/plan", "bind:80"):
        assert found[q] == "EACCES", q
    assert denials(device, "t-domain_t", "shadow_t")
    pid = device.status("t-domain")["pid"]
    assert device.sh(f"cat /proc/{pid}/attr/current").rstrip("\0") == "system_u:system_r:t-domain_t:s0"
    assert re.search(r"Uid:\s+0\s", device.sh(f"cat /proc/{pid}/status"))


def test_another_with_the_same_power_stays_outside(device):
    assert device.status("t-domain")["state"] == "up"
    found = asked(device, "t-outsider")
    assert found["read:/var/lib/t-domain/a"] == found["read:/run/t-domain/a"] == "EACCES"
    device.sh("bulkctl stop t-outsider t-domain")


def test_directory_context(device):
    found = asked(device, "t-dir-label")
    label = "system_u:object_r:t_label_files_t:s0"
    for q, a in found.items():
        assert a == (label if q.startswith("label:") else "ALLOWED"), (q, found)
    assert len(found) == 11
    device.sh("bulkctl restart t-dir-label; bulkctl stop t-dir-label")  # the second time the directories have their label


def test_labels_that_no_policy_knows(device):
    status, _ = device.try_sh("bulkctl start t-bad-dir-label")
    state = device.status("t-bad-dir-label")
    assert status == 1 and state["pid"] is None and "directories" in state["why"] and "EINVAL" in state["why"], state
    found = asked(device, "t-any-label")
    assert found["label:/run/t-any-label"] == "system_u:object_r:run_t:s0"
    pid = device.status("t-any-label")["pid"]
    assert device.sh(f"cat /proc/{pid}/attr/current").startswith("system_u:system_r:service_t:s0")
    assert "selinux" in device.sh("bulkctl status t-any-label").lower()
    device.sh("bulkctl stop t-any-label")


def test_who_names_no_domain_has_what_its_file_says(device):
    """Its own directories of each kind, and a port below 1024 by a capability over the host's ids."""
    found = asked(device, "t-any-dirs") | asked(device, "t-any-port")
    assert len(found) == 11 and set(found.values()) == {"ALLOWED"}, found
    pid = device.status("t-any-port")["pid"]
    assert device.sh(f"cat /proc/{pid}/attr/current").startswith("system_u:system_r:service_t:s0")
    assert "SELinux" not in device.sh("bulkctl check /etc/bulkhead/services.d/t-any-port.ini; true")
    assert "CAP_DAC_OVERRIDE" in device.sh("bulkctl check /etc/bulkhead/services.d/t-outsider.ini 2>&1; true")  # which service_t has not
    device.sh("bulkctl stop t-any-dirs t-any-port")


def test_who_names_no_domain_says_what_its_file_says(device):
    """Standard descriptors: a file in its own directory, which the first start makes, the console and the kernel's log."""
    device.sh("bulkctl start t-any-out t-any-kmsg")
    assert device.sh("cat /var/lib/t-any-out/log /run/t-any-kmsg/log") == "to the file\nto the file\n"
    assert "word of t-any-kmsg" in device.sh("dmesg")
    device.wait_console("word of t-any-out", 10)
    device.sh("bulkctl restart t-any-out t-any-kmsg")
    assert device.sh("cat /var/lib/t-any-out/log") == "to the file\nto the file\n"  # appended to
    assert device.sh("cat /run/t-any-kmsg/log") == "to the file\n"  # emptied before
    device.sh("bulkctl stop t-any-out t-any-kmsg; rm -r /var/lib/t-any-out")


# --- devices whose policy cannot be had ---

def changed(image, target, config, policy=None):
    """The image with another /etc/selinux/config, and perhaps another policy."""
    etc = target / "overlay/etc/selinux"
    (etc / "bulkhead/policy").mkdir(parents=True)
    (etc / "config").write_text(config)
    if policy is not None:
        (etc / "bulkhead/policy/policy.33").write_bytes(policy)
    return make_image(target / "out", image.parent / "overlay", "--manifest", HERE / "learn.manifest", "--overlay", target / "overlay")


@pytest.fixture(scope="module")
def corrupt(tmp_path_factory, image):
    whole = (image / "selinux/policy/policy.33").read_bytes()
    return changed(image, tmp_path_factory.mktemp("corrupt"), "SELINUX=permissive\nSELINUXTYPE=bulkhead\n", whole[:len(whole) // 2])


@pytest.fixture(scope="module")
def missing(tmp_path_factory, image):
    return changed(image, tmp_path_factory.mktemp("missing"), "SELINUX=disabled\nSELINUXTYPE=nowhere\n")


def test_permissive_without_a_whole_policy_goes_on(boot, corrupt):
    d = boot(corrupt)
    d.wait_console(r"bulkhead: selinux: the kernel refuses the policy: /etc/selinux/bulkhead/policy/policy.33: EINVAL \(.*\)\n")
    assert d.json("bulkctl info --json")["selinux"] == "off"
    for name in ("nginx", "dropbear", "mosquitto"):
        d.wait_state(name, "up")
    assert "selinux" in d.sh("bulkctl status nginx").lower()  # asked for, and absent


def test_disabled_by_the_file(boot, missing):
    d = boot(missing)
    d.wait_console(r"bulkhead: selinux: off: disabled in /etc/selinux/config\n")
    d.wait_state("nginx", "up")
    assert d.json("bulkctl info --json")["selinux"] == "off"


@pytest.mark.parametrize("which,line", [
    ("corrupt", r"bulkhead: selinux: the kernel refuses the policy: \S+/policy\.33: EINVAL \(.*\); enforcing was asked for: not starting without it\n"),
    ("missing", r"bulkhead: selinux: there is no policy: /etc/selinux/nowhere/policy/policy\.33; enforcing was asked for: not starting without it\n"),
])
def test_enforcing_without_a_policy_is_a_rescue(boot, request, which, line):
    d = boot(request.getfixturevalue(which), append=["enforcing=1"], warden=False)
    d.wait_console(line)
    d.wait_console("Password: ")
    d.type("bulkhead\n")
    d.wait_console("(?s)Password: .*# ")
    d.type("echo rescued-$((1+1)); ls /etc/selinux\n")
    d.wait_console("rescued-2")
    assert "services up" not in d.console()
