# SPDX-License-Identifier: MIT
"""bulkctl: who may do what, and what it says."""
import json
import re


def as_nobody(command):
    return f"/usr/libexec/probe as-nobody '{command}'"


def test_anybody_may_read(device):
    device.wait_state("nginx", "up")
    text = device.sh(as_nobody("bulkctl status --json nginx 2>/dev/null"))
    assert json.loads(text)["state"] == "up"
    assert device.sh(as_nobody("bulkctl info"))
    device.sh(as_nobody("bulkctl logs -n 3 syslogd"))


def test_only_root_may_read_the_plan(device):
    """It holds environments and commands. Names and states are everybody's."""
    text = device.sh(as_nobody("bulkctl status"))
    assert "bulkctl: only root may read the plan" in text and "nginx" in text, text
    assert device.sh("/usr/libexec/probe request 3").strip() == "value 0, with a descriptor"
    assert device.sh(as_nobody("/usr/libexec/probe request 3")).strip() == "value -1, no descriptor"
    assert device.sh("stat -c %a /usr/lib/bulkhead/plan").strip() == "600"
    assert device.try_sh(as_nobody("cat /usr/lib/bulkhead/plan"))[0] != 0


def test_only_root_may_change(device):
    before = device.wait_state("nginx", "up")
    for verb in ("stop nginx", "restart nginx", "kill nginx", "reset nginx", "poweroff", "reboot"):
        status, text = device.try_sh(as_nobody(f"bulkctl {verb}"))
        assert status == 4 and "only root may" in text, (verb, status, text)
    assert device.status("nginx")["pid"] == before["pid"]


def test_the_options_of_the_build(device):
    text, options = device.sh("bulkctl info"), device.json("bulkctl info --json")["options"]
    assert "without        nothing of Kconfig's" in text
    assert options["CONFIG_LANDLOCK"] is True and all(options.values())


def test_a_kernel_that_does_not_carry_its_configuration(device):
    status, text = device.try_sh("bulkctl kernel-check")
    assert status == 2 and "/proc/config.gz: no such file or directory: this kernel does not carry its configuration (CONFIG_IKCONFIG_PROC)" in text


def test_a_kernel_s_configuration(device):
    status, text = device.try_sh("printf 'CONFIG_MEMCG=y\\n' >/tmp/config; gzip -c /tmp/config >/tmp/config.gz; bulkctl kernel-check /tmp/config.gz")
    assert status == 1 and "the defaults do NOT run" in text and "CONFIG_USER_NS=y" in text and "CONFIG_MEMCG" not in text
    assert "CONFIG_VETH=y" in device.sh("bulkctl kernel-check --fragment /tmp/config.gz")


def test_unknown_service(device):
    status, text = device.try_sh("bulkctl start nosuch")
    assert status == 1 and "no such service" in text


def test_status_of_what_does_not_run(device):
    assert device.try_sh("bulkctl status t-base")[0] == 3


def test_restart(device):
    before = device.wait_state("nginx", "up")
    device.sh("bulkctl restart nginx")
    after = device.wait_state("nginx", "up")
    assert after["pid"] != before["pid"] and after["restarts"] == 0


def test_explain_names_the_origin_of_every_value(device):
    text = device.sh("bulkctl explain --full dnsmasq")
    for words in ("AmbientCapabilities", "dnsmasq.ini:", "default", "SystemCallFilter", "MemoryMax", "SELinuxContext"):
        assert words in text, words
    parsed = json.loads(device.sh("bulkctl explain --json dnsmasq"))
    assert parsed


def test_check(device):
    assert device.try_sh("bulkctl check")[0] == 0
    status, text = device.try_sh("bulkctl check /usr/share/bulkhead/examples/bad.ini")
    assert status == 1 and "/usr/share/bulkhead/examples/bad.ini:" in text


def test_silent_clients_do_not_lock_root_out(device):
    """More connections that never speak than there are places, of somebody without rights: root is answered all the same."""
    device.sh("/usr/libexec/probe as-nobody 'exec /usr/libexec/probe connect 20' & sleep 2")
    device.sh("bulkctl status > /dev/null")
    assert device.json("bulkctl info --json")["clients"] >= 5  # they are still there


def test_a_service_of_root_does_not_lock_root_out(device):
    """Forty connections a second of uid 0 that never speak: a shell's request has its place, and so has its wait."""
    device.sh("bulkctl start t-crowd; sleep 3")
    assert device.json("bulkctl info --json")["clients"] >= 7
    for _ in range(3):
        device.sh("timeout 20 bulkctl restart t-base", 40)
        assert device.status("t-base")["state"] == "up"
    device.sh("timeout 20 bulkctl stop t-crowd t-base", 40)


def test_who_loses_his_place_is_told(device):
    """More wait for a start than there are places (CONFIG_MAX_CLIENTS): it goes on, and who is not told its end is told that."""
    one = "(bulkctl start t-silent >/tmp/turn.$i 2>&1; echo status $? >>/tmp/turn.$i) &"
    device.sh(f"sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do {one} done; wait'")
    text = device.sh("cat /tmp/turn.*")
    found = sorted(map(int, re.findall(r"status (\d+)", text)))
    print(f"exit statuses of 14 at once: {found}")
    assert len(found) == 14 and set(found) == {1, 6}, text
    assert text.count("start t-silent: PID 1 cannot keep another waiting client; the request goes on, see bulkctl status t-silent") == found.count(6), text


def test_logs_follow(device):
    device.sh("bulkctl start t-base; (timeout 3 bulkctl logs -f t-base > /tmp/follow &); sleep 1; bulkctl restart t-base; sleep 3")
    assert device.sh("grep -c base /tmp/follow").strip() != "0"
    device.sh("bulkctl stop t-base")


# Command line of a program that ends the machine: its exit status, and what it says.
STILL = {
    "reboot --help": (0, "usage: reboot"), "poweroff -f --help": (0, "usage: poweroff"), "init --help": (0, "usage: init"),
    "shutdown -c": (0, "a shutdown cannot be scheduled"),
    "shutdown -r +60": (2, "neither times but now"), "shutdown -h 23:00": (2, "neither times but now"), "shutdown now soon": (2, "nor messages"),
    "shutdown -k now": (2, "unknown option -k"), "poweroff nonsense": (2, "takes no argument: nonsense"),
    "reboot -h": (2, "unknown option -h"), "reboot -n": (2, "-n is for -f"), "reboot -f -w": (2, "unknown option -w"), "halt -d soon": (2, "-d takes seconds"),
    "init": (2, "which runlevel"), "init --version": (0, "bulkhead 0.1"), "init --versions": (2, "unknown option --versions"), "init q": (2, "no such runlevel"), "init 3": (2, "no such runlevel"),
    "/tmp/telinit 6": (2, "no program is called so"),
    "/usr/libexec/probe as-nobody 'exec reboot'": (1, "reboot: only root may do this"),
    "/usr/libexec/probe as-nobody 'exec init 0'": (1, "init: only root may do this"),
    "/usr/libexec/probe as-nobody 'exec poweroff -nf'": (1, "poweroff: only root may do this"),
}


def test_what_ends_the_machine_does_nothing_it_was_not_asked_for(device):
    device.sh("ln -sf /sbin/init /tmp/telinit")
    boot = device.sh("cat /proc/sys/kernel/random/boot_id; bulkctl info | grep recoveries")
    for command, (status, said) in STILL.items():
        found, text = device.try_sh(f"{command} 2>/tmp/err; s=$?; cat /tmp/err; [ $s = 0 ] && [ -s /tmp/err ] && s=99; (exit $s)")
        assert found == status and said in text, f"{command}: {found} {text}"
        assert status != 2 or "usage: " in text, command
    assert not device.json("bulkctl info --json")["shutting_down"]
    assert device.sh("cat /proc/sys/kernel/random/boot_id; bulkctl info | grep recoveries") == boot


def test_a_control_socket_that_was_removed(device):
    """bulkctl, as root, tells PID 1 to look: removed, and another file in its place. One that is there stays, however often PID 1 is told."""
    path, said = "/run/bulkhead/control", "control socket: its file was removed and has been created again"
    inode = device.sh(f"stat -c %i {path}")
    device.sh("for i in $(seq 100); do kill -HUP 1; done; bulkctl status >/dev/null")
    assert device.sh(f"stat -c %i {path}") == inode and device.console().count(said) == 0
    for count, put in enumerate(("true", f"mkfifo {path}", f"echo nothing >{path}"), 1):
        device.sh(f"rm {path}; {put}; bulkctl status >/dev/null")
        assert device.sh(f"stat -c '%F %a' {path}").strip() == "socket 666"
        device.wait_console(f"(?s)({said}.*){{{count}}}", 10)
    assert device.json("bulkctl info --json")["recoveries"] == 0
