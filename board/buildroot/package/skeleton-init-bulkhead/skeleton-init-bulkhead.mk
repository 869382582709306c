################################################################################
#
# skeleton-init-bulkhead
#
################################################################################

# Only files of bulkhead's own are in the skeleton.
SKELETON_INIT_BULKHEAD_LICENSE = MIT

# Every package depends on the skeleton, the toolchain included.
SKELETON_INIT_BULKHEAD_ADD_TOOLCHAIN_DEPENDENCY = NO
SKELETON_INIT_BULKHEAD_ADD_SKELETON_DEPENDENCY = NO

SKELETON_INIT_BULKHEAD_DEPENDENCIES = skeleton-init-common

SKELETON_INIT_BULKHEAD_PROVIDES = skeleton

define SKELETON_INIT_BULKHEAD_INSTALL_TARGET_CMDS
	$(call SYSTEM_RSYNC,$(SKELETON_INIT_BULKHEAD_PKGDIR)/skeleton,$(TARGET_DIR))
	$(INSTALL) -D -m 0644 $(BR2_EXTERNAL_BULKHEAD_PATH)/../common/init.ini \
		$(TARGET_DIR)/etc/bulkhead/init.ini
	$(INSTALL) -d -m 0755 $(TARGET_DIR)/var
endef

$(eval $(generic-package))
