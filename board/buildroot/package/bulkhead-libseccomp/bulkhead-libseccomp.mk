################################################################################
#
# bulkhead-libseccomp
#
################################################################################

# libseccomp for the machine that builds: Buildroot has it for the target only.
BULKHEAD_LIBSECCOMP_VERSION = 2.6.0
BULKHEAD_LIBSECCOMP_SITE = $(LIBSECCOMP_SITE)
BULKHEAD_LIBSECCOMP_SOURCE = libseccomp-$(BULKHEAD_LIBSECCOMP_VERSION).tar.gz
BULKHEAD_LIBSECCOMP_DL_SUBDIR = libseccomp
BULKHEAD_LIBSECCOMP_LICENSE = LGPL-2.1
BULKHEAD_LIBSECCOMP_LICENSE_FILES = LICENSE
HOST_BULKHEAD_LIBSECCOMP_DEPENDENCIES = host-gperf

$(eval $(host-autotools-package))
