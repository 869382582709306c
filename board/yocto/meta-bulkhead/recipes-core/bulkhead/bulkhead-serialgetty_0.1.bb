# SPDX-License-Identifier: MIT
SUMMARY = "Login on the machine's serial console, as a service of bulkhead"
SECTION = "base"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=c37f5536a0467b249ecf8f1bd38b9d5b"

inherit externalsrc allarch

EXTERNALSRC = "${BULKHEAD_SOURCE}"
EXTERNALSRC_BUILD = "${WORKDIR}/out"
PACKAGE_ARCH = "${MACHINE_ARCH}"

# The first of the machine's consoles, as SPEED;DEVICE.
SERIAL_CONSOLES ?= "115200;ttyS0"
BULKHEAD_CONSOLE = "${@(d.getVar('SERIAL_CONSOLES').split() or ['115200;ttyS0'])[0]}"
BULKHEAD_CONSOLE_SPEED = "${@d.getVar('BULKHEAD_CONSOLE').split(';')[0]}"
BULKHEAD_CONSOLE_DEVICE = "${@d.getVar('BULKHEAD_CONSOLE').split(';')[1]}"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
	install -d ${D}${nonarch_libdir}/bulkhead/services.d
	sed -e 's,^ExecStart .*,ExecStart       = ${base_sbindir}/getty -L ${BULKHEAD_CONSOLE_SPEED} ${BULKHEAD_CONSOLE_DEVICE} vt100,' \
		-e 's,ttyS0,${BULKHEAD_CONSOLE_DEVICE},' \
		${S}/services.d/getty.ini >${D}${nonarch_libdir}/bulkhead/services.d/getty.ini
	chmod 644 ${D}${nonarch_libdir}/bulkhead/services.d/getty.ini
}

FILES:${PN} = "${nonarch_libdir}/bulkhead/services.d/getty.ini"
RDEPENDS:${PN} = "bulkhead"
