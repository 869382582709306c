# SPDX-License-Identifier: MIT
# An image with bulkhead: once all packages and users are in it, its service files are compiled; a bad one, or one that opens more
# than the limit, fails the build.

# Directories of service files to choose from: those are added whose programs are in the image. Set it empty for none.
BULKHEAD_SERVICES ??= "${STAGING_DATADIR_NATIVE}/bulkhead/services.d"
# But not these services.
BULKHEAD_SERVICES_EXCLUDE ??= "mdev"
# 0 to 10, as `bulkctl security` has it, and the services that may score more.
BULKHEAD_SECURITY_LIMIT ??= "10"
BULKHEAD_SECURITY_EXEMPT ??= ""
# 1: bulkhead's own SELinux policy is built for these services, and labels the image (meta-selinux).
BULKHEAD_SELINUX ??= "0"
BULKHEAD_SELINUX_VERSION ??= "33"
# Directories of additions to it.
BULKHEAD_SELINUX_DIRS ??= ""

IMAGE_INSTALL:append = " bulkhead"

do_rootfs[depends] += "bulkhead-native:do_populate_sysroot"
do_rootfs[depends] += "${@'secilc-native:do_populate_sysroot policycoreutils-native:do_populate_sysroot' if bb.utils.to_boolean(d.getVar('BULKHEAD_SELINUX')) else ''}"
do_rootfs[vardeps] += "BULKHEAD_SERVICES BULKHEAD_SERVICES_EXCLUDE BULKHEAD_SECURITY_LIMIT BULKHEAD_SECURITY_EXEMPT BULKHEAD_SELINUX BULKHEAD_SELINUX_VERSION BULKHEAD_SELINUX_DIRS"

def bulkhead_options(d):
    words = ['-a', d.getVar('TARGET_ARCH'), '-l', d.getVar('BULKHEAD_SECURITY_LIMIT')]
    for option, name in (('-d', 'BULKHEAD_SERVICES'), ('-e', 'BULKHEAD_SERVICES_EXCLUDE'), ('-x', 'BULKHEAD_SECURITY_EXEMPT')):
        words += [w for value in d.getVar(name).split() for w in (option, value)]
    if bb.utils.to_boolean(d.getVar('BULKHEAD_SELINUX')):
        words += ['-s', d.expand('${STAGING_DATADIR_NATIVE}/bulkhead/selinux'), '-v', d.getVar('BULKHEAD_SELINUX_VERSION')]
        words += [w for value in d.getVar('BULKHEAD_SELINUX_DIRS').split() for w in ('-m', value)]
    return ' '.join(words)

bulkhead_finalize() {
	bulkhead-finalize ${@bulkhead_options(d)} ${IMAGE_ROOTFS}
}
# After what others append, sorted users included.
ROOTFS_POSTPROCESS_COMMAND:append = " bulkhead_finalize"

bulkhead_label() {
	setfiles -m -r ${IMAGE_ROOTFS} -c ${IMAGE_ROOTFS}${sysconfdir}/selinux/bulkhead/policy/policy.${BULKHEAD_SELINUX_VERSION} \
		${IMAGE_ROOTFS}${sysconfdir}/selinux/bulkhead/file_contexts ${IMAGE_ROOTFS}
}
IMAGE_PREPROCESS_COMMAND:append = "${@' bulkhead_label' if bb.utils.to_boolean(d.getVar('BULKHEAD_SELINUX')) else ''}"
