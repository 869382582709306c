# SPDX-License-Identifier: MIT
SUMMARY = "A small device with bulkhead, a login on its console, and a static network"
LICENSE = "MIT"

inherit core-image bulkhead-image

IMAGE_INSTALL = "packagegroup-core-boot bulkhead-network bulkhead-serialgetty dropbear ${CORE_IMAGE_EXTRA_INSTALL}"
IMAGE_FEATURES += "read-only-rootfs"
IMAGE_LINGUAS = " "

BULKHEAD_SECURITY_LIMIT = "5"
BULKHEAD_SECURITY_EXEMPT = "getty dropbear"
