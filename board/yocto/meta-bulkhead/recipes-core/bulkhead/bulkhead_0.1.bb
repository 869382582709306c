# SPDX-License-Identifier: MIT
SUMMARY = "Init system for appliance firmware"
DESCRIPTION = "One static PID 1 that starts every service behind its own walls: namespaces, a cgroup, a system call filter, \
no capabilities, an SELinux domain. Service files are compiled and checked by the build."
SECTION = "base"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=c37f5536a0467b249ecf8f1bd38b9d5b"

inherit externalsrc pkgconfig update-alternatives useradd

EXTERNALSRC = "${BULKHEAD_SOURCE}"
EXTERNALSRC_BUILD = "${WORKDIR}/out"

COMPATIBLE_HOST = "(x86_64|aarch64|arm).*-linux.*"

DEPENDS:class-target = "bulkhead-native"
DEPENDS:class-native = "libcap-native libinih-native libseccomp-native"

# compiler: service files may be changed on the device. try: bulkctl try and learn, tools of the desk.
PACKAGECONFIG ??= ""
PACKAGECONFIG:class-native = ""
PACKAGECONFIG[compiler] = ",,libcap libinih libseccomp"
PACKAGECONFIG[try] = ",,"
BULKHEAD_WITHOUT = "${@bb.utils.contains('PACKAGECONFIG', 'compiler', '', 'bulkhead-compile', d)} \
    ${@bb.utils.contains('PACKAGECONFIG', 'try', '', 'bulkhead-try', d)}"

# A configuration (.config) of bulkhead's own, for the device and the tool of this machine alike; empty: everything is in.
BULKHEAD_CONFIG ??= ""
DEPENDS:append = "${@' python3-kconfiglib-native' if d.getVar('BULKHEAD_CONFIG') else ''}"

EXTRA_OEMAKE = "-C ${S} O=${B} DEPS=no WERROR="
EXTRA_OEMAKE:append:class-target = " LIBRARIES=system ARCH=${TARGET_ARCH} WITHOUT='${BULKHEAD_WITHOUT}' \
    RUN_COMPILE=${STAGING_BINDIR_NATIVE}/bulkhead-compile"
EXTRA_OEMAKE:append:class-native = " HOSTCC='${CC}' HOSTCFLAGS='${CFLAGS}' HOSTLDFLAGS='${LDFLAGS}'"

do_configure() {
	if [ -n "${BULKHEAD_CONFIG}" ]; then
		install -m 644 ${BULKHEAD_CONFIG} ${B}/.config
		oe_runmake PYTHON=python3 olddefconfig
	fi
}
do_configure[file-checksums] += "${@d.getVar('BULKHEAD_CONFIG') + ':True' if d.getVar('BULKHEAD_CONFIG') else ''}"
# What only a build needs is in the tool of this machine whatever the device has. The last of several lines counts.
do_configure:class-native() {
	if [ -n "${BULKHEAD_CONFIG}" ]; then
		install -m 644 ${BULKHEAD_CONFIG} ${B}/.config
		printf 'CONFIG_%s=y\n' COMPILER SECURITY SELINUX_MODULES MANUAL >>${B}/.config
		oe_runmake PYTHON=python3 olddefconfig
	fi
}

do_compile() {
	oe_runmake all
}
do_compile:class-native() {
	oe_runmake host-tools
}

do_install() {
	oe_runmake install DESTDIR=${D} SBINDIR=${base_sbindir} BINDIR=${bindir} DATADIR=${datadir} MANDIR=${mandir} INSTALL_STRIP=no
	install -D -m 644 ${S}/board/common/init.ini ${D}${sysconfdir}/bulkhead/init.ini
	install -D -m 755 ${S}/rootfs/skeleton/libexec/network-up ${D}${libexecdir}/network-up
	install -D -m 644 ${S}/rootfs/skeleton/etc/network.conf ${D}${sysconfdir}/network.conf
}
do_install:class-native() {
	oe_runmake install-host DESTDIR=${D} BINDIR=${bindir} DATADIR=${datadir}
}

# The programs that only people at a desk use, and a static network for the service "network".
PACKAGES =+ "${PN}-network ${PN}-compiler ${PN}-try"
FILES:${PN} += "${nonarch_libdir}/bulkhead"
FILES:${PN}-compiler = "${nonarch_libdir}/bulkhead/bulkhead-compile"
FILES:${PN}-try = "${nonarch_libdir}/bulkhead/bulkhead-try"
FILES:${PN}-network = "${libexecdir}/network-up ${sysconfdir}/network.conf"
ALLOW_EMPTY:${PN}-compiler = "1"
ALLOW_EMPTY:${PN}-try = "1"
RDEPENDS:${PN} = "${@bb.utils.filter('PACKAGECONFIG', 'compiler try', d).replace('compiler', '${PN}-compiler').replace('try', '${PN}-try')}"
CONFFILES:${PN} = "${sysconfdir}/bulkhead/init.ini"
CONFFILES:${PN}-network = "${sysconfdir}/network.conf"

USERADD_PACKAGES = "${PN}-network"
USERADD_PARAM:${PN}-network = "--system --no-create-home --home-dir / --shell /bin/false --user-group network"

ALTERNATIVE_PRIORITY = "300"
ALTERNATIVE:${PN} = "init halt poweroff reboot shutdown"
ALTERNATIVE_LINK_NAME[init] = "${base_sbindir}/init"
ALTERNATIVE_LINK_NAME[halt] = "${base_sbindir}/halt"
ALTERNATIVE_LINK_NAME[poweroff] = "${base_sbindir}/poweroff"
ALTERNATIVE_LINK_NAME[reboot] = "${base_sbindir}/reboot"
ALTERNATIVE_LINK_NAME[shutdown] = "${base_sbindir}/shutdown"

BBCLASSEXTEND = "native"
