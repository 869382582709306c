# SPDX-License-Identifier: MIT
"""PID 1 lives; and the ways in which a device starts and ends."""
import re


def test_a_crash_of_pid_1_is_not_noticed(boot):
    d = boot()
    before = {n: s for n, s in ((n, d.wait_state(n, "up")) for n in ("nginx", "dropbear", "mosquitto", "bulkhead-log"))}
    for crash in range(1, 4):
        d.sh("kill -SEGV 1; sleep 1")
        assert d.json("bulkctl info --json")["recoveries"] == crash
    d.wait_console("PID 1 crashed and has taken over its services again")
    for name, then in before.items():
        now = d.status(name)
        assert (now["pid"], now["restarts"], now["state"]) == (then["pid"], then["restarts"], "up"), name
    d.sh("bulkctl restart nginx; bulkctl start t-chatty")
    assert len(re.findall(r"line \d+", d.wait_log("t-chatty", r"line 199\b"))) == 200
    d.sh("bulkctl kill -s KILL mosquitto; sleep 2")
    assert d.wait_state("mosquitto", "up")["restarts"] == before["mosquitto"]["restarts"] + 1
    assert d.sh("cat /proc/1/attr/current").startswith("system_u:system_r:init_t:s0")


def test_pid_1_survives_signals(boot):
    d = boot()
    d.wait_state("nginx", "up")
    for sig in (1, 3, 10 + 3, 17, 18, 20, 28, 29):  # HUP QUIT PIPE CHLD CONT TSTP WINCH IO: not requests
        d.try_sh(f"kill -{sig} 1")
    d.try_sh("kill -KILL 1; kill -STOP 1")
    assert d.status("nginx")["state"] == "up"


def test_power_off_is_ordered_and_clean(boot):
    d = boot(append=["bulkhead.log=debug"])
    d.wait_state("nginx", "up")
    d.wait_state("appliance", "up")
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    console = d.wait_off()
    end = console[console.rindex("every service is down, powering off"):]
    assert "reboot: Power down" in end
    stopped = re.findall(r"bulkhead: ([\w-]+): stopped", console)
    place = {name: i for i, name in enumerate(stopped)}
    for later, earlier in (("bulkhead-log", "nginx"), ("network", "dnsmasq"), ("network", "nginx"), ("network", "mosquitto"), ("bulkhead-log", "syslogd")):
        assert place[earlier] < place[later], stopped
    assert stopped[-1] == "bulkhead-log"
    assert not re.search(r"EXT4-fs.*(error|recover)|Kernel panic", console)


def test_reboot(boot):
    d = boot()
    d.wait_state("nginx", "up")
    d.line.sendall(b"reboot\n@@run\n")  # the link to init, as BusyBox users type it
    d.wait_console("every service is down, rebooting")
    d.wait_console("reboot: Restarting system")
    d.wait_console(r"(?s)Restarting system.*bulkhead: \d+ services up")


def test_rescue_on_the_command_line(boot):
    d = boot(append=["rescue"], warden=False)
    d.wait_console(r"rescue# ")
    d.type("echo rescued-$((1+1))\n")
    d.wait_console("rescued-2")


def test_another_group(boot):
    d = boot(append=["bulkhead.group=syslogd"], warden=False)
    d.wait_console(r"bulkhead: 2 services up")
    assert "nginx" not in d.console()


def test_permissive_and_off_by_command_line(boot):
    d = boot(append=["enforcing=0"])
    assert d.json("bulkctl info --json")["selinux"] == "permissive"
    d.wait_state("nginx", "up")
    d.close()
    d = boot(append=["selinux=0"])
    assert d.json("bulkctl info --json")["selinux"] == "off"
    d.wait_state("nginx", "up")
    assert d.status("dropbear")["state"] == "up"
