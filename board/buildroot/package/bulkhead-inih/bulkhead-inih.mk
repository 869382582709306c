################################################################################
#
# bulkhead-inih
#
################################################################################

# inih for the machine that builds, where Buildroot (before 2026.05) has it for
# the target only: the same release.
BULKHEAD_INIH_VERSION = $(INIH_VERSION)
BULKHEAD_INIH_SITE = $(INIH_SITE)
BULKHEAD_INIH_SOURCE = inih-$(BULKHEAD_INIH_VERSION).tar.gz
BULKHEAD_INIH_DL_SUBDIR = inih
BULKHEAD_INIH_LICENSE = BSD-3-Clause
BULKHEAD_INIH_LICENSE_FILES = LICENSE.txt
HOST_BULKHEAD_INIH_CONF_OPTS = -Ddistro_install=true -Dwith_INIReader=false

$(eval $(host-meson-package))
