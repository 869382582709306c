################################################################################
#
# bulkhead-secilc
#
################################################################################

# The compiler of SELinux policies in CIL, for the machine that builds. Of the
# same release as Buildroot's libsepol, which does the work.
BULKHEAD_SECILC_VERSION = 3.10
BULKHEAD_SECILC_SITE = $(LIBSEPOL_SITE)
BULKHEAD_SECILC_SOURCE = secilc-$(BULKHEAD_SECILC_VERSION).tar.gz
BULKHEAD_SECILC_LICENSE = BSD-2-Clause
BULKHEAD_SECILC_LICENSE_FILES = LICENSE
HOST_BULKHEAD_SECILC_DEPENDENCIES = host-libsepol

# Not its manual, which needs xmlto.
define HOST_BULKHEAD_SECILC_BUILD_CMDS
	$(HOST_MAKE_ENV) $(MAKE) -C $(@D) $(HOST_CONFIGURE_OPTS) secilc
endef

define HOST_BULKHEAD_SECILC_INSTALL_CMDS
	$(INSTALL) -D -m 0755 $(@D)/secilc $(HOST_DIR)/bin/secilc
endef

$(eval $(host-generic-package))
