# SPDX-License-Identifier: MIT
"""The daemons do their work behind their walls, asked from outside through the forwarded ports."""

from device import BUILD, clients


def test_nginx_serves_its_page(device, ports):
    device.wait_state("nginx", "up")
    assert "behind its walls" in clients.page(ports["http"])


def test_dnsmasq_answers(device, ports):
    device.wait_state("dnsmasq", "up")
    assert clients.dns_query(ports["dns"], "router.lan") == ["192.168.1.1"]


def test_ssh_login_works(device, ports):
    device.wait_state("dropbear", "up")
    key = BUILD / "image/ssh_key"
    status, text = clients.ssh(ports["ssh"], key, "id -u; bulkctl status dropbear")
    assert status == 0 and text.startswith("0\n") and "dropbear" in text


def test_mosquitto_passes_messages_on(device, ports):
    device.wait_state("mosquitto", "up")
    listener, speaker = clients.mqtt(ports["mqtt"], "l"), clients.mqtt(ports["mqtt"], "s")
    listener.subscribe("t")
    speaker.publish("t", "word")
    assert listener.message() == ("t", "word")
    listener.close()
    speaker.close()


def test_chrony_holds_the_clock(device):
    device.wait_state("chrony", "up")
    assert "123" in device.sh("netstat -lnu | grep ':123 '")


def test_syslog_reaches_the_ring(device, ports):
    """nginx writes its access log by syslog(3), from its own view of the file tree to syslogd's."""
    clients.page(ports["http"], "/?a-word-by-syslog")
    device.wait_log("syslogd", "nginx: .*a-word-by-syslog")


def test_console_login(device):
    device.wait_console("login: ")
    device.type("root\n")
    device.wait_console("Password: ", 30)
    device.type("bulkhead\n")
    device.type("echo it-is-$((40+2)); bulkctl status nginx; exit\n")
    device.wait_console(r"it-is-42\r?\n", 40)
