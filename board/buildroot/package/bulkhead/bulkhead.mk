################################################################################
#
# bulkhead
#
################################################################################

# The sources are those that this br2-external tree is a part of.
BULKHEAD_VERSION = 0.1
BULKHEAD_SITE = $(realpath $(BR2_EXTERNAL_BULKHEAD_PATH)/../..)
BULKHEAD_SITE_METHOD = local
BULKHEAD_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude=/build*
HOST_BULKHEAD_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = \
	$(BULKHEAD_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS)
# What is read of them while Buildroot is configured: OVERRIDE_SRCDIR takes others.
BULKHEAD_TREE = $(or $(call qstrip,$(BULKHEAD_OVERRIDE_SRCDIR)),$(BULKHEAD_SITE))
BULKHEAD_LICENSE = MIT
BULKHEAD_LICENSE_FILES = LICENSE

# ------------------------------------------------------------------------------
# What compiles service files on this machine, for the target
# ------------------------------------------------------------------------------

HOST_BULKHEAD_DEPENDENCIES = \
	host-bulkhead-libseccomp \
	$(if $(HOST_INIH_RAWNAME),host-inih,host-bulkhead-inih) \
	host-libcap \
	host-pkgconf

HOST_BULKHEAD_MAKE_OPTS = \
	O=build \
	DEPS=no \
	WERROR= \
	HOSTCC="$(HOSTCC)" \
	HOSTCPPFLAGS="$(HOST_CPPFLAGS)" \
	HOSTCFLAGS="$(HOST_CFLAGS)" \
	HOSTLDFLAGS="$(HOST_LDFLAGS)" \
	HOSTPKG_CONFIG="$(PKG_CONFIG_HOST_BINARY)" \
	PREFIX=$(HOST_DIR)

define HOST_BULKHEAD_BUILD_CMDS
	$(HOST_MAKE_ENV) $(MAKE) -C $(@D) $(HOST_BULKHEAD_MAKE_OPTS) host-tools
endef

define HOST_BULKHEAD_INSTALL_CMDS
	$(HOST_MAKE_ENV) $(MAKE) -C $(@D) $(HOST_BULKHEAD_MAKE_OPTS) install-host
endef

# ------------------------------------------------------------------------------
# The programs of the target
# ------------------------------------------------------------------------------

BULKHEAD_DEPENDENCIES = host-bulkhead

# As gcc and the plan have it.
BULKHEAD_ARCH = $(call qstrip,$(BR2_ARCH))

BULKHEAD_MAKE_OPTS = \
	$(TARGET_CONFIGURE_OPTS) \
	O=build \
	DEPS=no \
	WERROR= \
	LIBRARIES=system \
	ARCH=$(BULKHEAD_ARCH) \
	RUN_COMPILE=$(HOST_DIR)/bin/bulkhead-compile \
	WITHOUT="$(BULKHEAD_WITHOUT)"

ifeq ($(BR2_PACKAGE_BULKHEAD_COMPILER),y)
BULKHEAD_DEPENDENCIES += host-pkgconf inih libcap libseccomp
else
BULKHEAD_WITHOUT = bulkhead-compile bulkhead-try
endif

define BULKHEAD_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) all
endef

# In the merged /usr that BR2_INIT_BULKHEAD selects.
define BULKHEAD_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_MAKE_OPTS) install \
		SBINDIR=/usr/sbin DESTDIR="$(TARGET_DIR)"
	$(BULKHEAD_INSTALL_NETWORK)
	$(BULKHEAD_INSTALL_GETTY)
endef

# ------------------------------------------------------------------------------
# Its own Kconfig
# ------------------------------------------------------------------------------

ifeq ($(BR2_PACKAGE_BULKHEAD_KCONFIG),y)

BULKHEAD_KCONFIG_FILE = $(call qstrip,$(BR2_PACKAGE_BULKHEAD_CONFIG))
BULKHEAD_KCONFIG_FRAGMENT_FILES = \
	$(call qstrip,$(BR2_PACKAGE_BULKHEAD_CONFIG_FRAGMENT_FILES))
BULKHEAD_KCONFIG_DOTCONFIG = build/.config
BULKHEAD_KCONFIG_OPTS = O=build DEPS=no
BULKHEAD_KCONFIG_SUPPORTS_DEFCONFIG = NO

ifneq ($(BR2_PACKAGE_BULKHEAD_COMPILER),y)
define BULKHEAD_KCONFIG_FIXUP_CMDS
	$(call KCONFIG_DISABLE_OPT,CONFIG_COMPILER)
endef
endif

# The same bounds and the same directives on this machine, with what only a
# build needs. The last of several lines counts.
define HOST_BULKHEAD_CONFIGURE_CMDS
	mkdir -p $(@D)/build
	cat $(BULKHEAD_KCONFIG_FILE) $(BULKHEAD_KCONFIG_FRAGMENT_FILES) \
		> $(@D)/build/.config
	printf 'CONFIG_%s=y\n' COMPILER SECURITY SELINUX_MODULES MANUAL \
		>> $(@D)/build/.config
	$(HOST_MAKE_ENV) $(MAKE) -C $(@D) $(BULKHEAD_KCONFIG_OPTS) olddefconfig
endef

endif # BR2_PACKAGE_BULKHEAD_KCONFIG

# ------------------------------------------------------------------------------
# Services and users
# ------------------------------------------------------------------------------

ifeq ($(BR2_PACKAGE_BULKHEAD_NETWORK),y)
define BULKHEAD_INSTALL_NETWORK
	$(INSTALL) -D -m 0755 $(@D)/rootfs/skeleton/libexec/network-up \
		$(TARGET_DIR)/usr/libexec/network-up
	$(INSTALL) -D -m 0644 $(@D)/rootfs/skeleton/etc/network.conf \
		$(TARGET_DIR)/etc/network.conf
endef
endif

# The accounts of those service files that have none of their package's.
BULKHEAD_ACCOUNTS = \
	$(if $(BR2_PACKAGE_BULKHEAD_NETWORK),network) \
	$(if $(BR2_PACKAGE_BULKHEAD_SERVICES), \
		$(if $(BR2_PACKAGE_BUSYBOX),klogd udhcpc) \
		$(if $(BR2_PACKAGE_DNSMASQ),dnsmasq) \
		$(if $(BR2_PACKAGE_HOSTAPD),hostapd) \
		$(if $(BR2_PACKAGE_IPTABLES),iptables) \
		$(if $(BR2_PACKAGE_NFTABLES),nftables) \
		$(if $(BR2_PACKAGE_OPENVPN),openvpn) \
		$(if $(BR2_PACKAGE_RSYNC),rsyncd) \
		$(if $(BR2_PACKAGE_WPA_SUPPLICANT),wpa_supplicant))

define BULKHEAD_USERS
	$(subst @,$(sep),$(shell for name in $(BULKHEAD_ACCOUNTS); do \
		grep "^$$name " $(BULKHEAD_TREE)/services.d/users; done | tr '\n' @))
endef

define BULKHEAD_DEVICES
	/dev/console c 600 0 0 5 1 - - -
	/dev/null c 666 0 0 1 3 - - -
endef

ifeq ($(BR2_TARGET_GENERIC_GETTY),y)
define BULKHEAD_INSTALL_GETTY
	$(INSTALL) -D -m 0644 $(@D)/services.d/getty.ini \
		$(TARGET_DIR)/usr/lib/bulkhead/services.d/getty.ini
	$(SED) 's,^ExecStart .*,ExecStart       = /sbin/getty -L $(SYSTEM_GETTY_OPTIONS) $(SYSTEM_GETTY_PORT) $(SYSTEM_GETTY_BAUDRATE) $(SYSTEM_GETTY_TERM),' \
		-e 's,ttyS0,$(SYSTEM_GETTY_PORT),' \
		$(TARGET_DIR)/usr/lib/bulkhead/services.d/getty.ini
endef
endif

# ------------------------------------------------------------------------------
# The image: services, plan, limit, policy. A bad service file fails the build.
# ------------------------------------------------------------------------------

BULKHEAD_SERVICES_DIRS = \
	$(call qstrip,$(BR2_PACKAGE_BULKHEAD_SERVICES_DIRS)) \
	$(if $(BR2_PACKAGE_BULKHEAD_SERVICES), \
		$(HOST_DIR)/share/bulkhead/services.d)

# BusyBox may have mdev where the kernel alone makes device nodes.
BULKHEAD_SERVICES_EXCLUDE = \
	$(call qstrip,$(BR2_PACKAGE_BULKHEAD_SERVICES_EXCLUDE)) \
	$(if $(BR2_ROOTFS_DEVICE_CREATION_DYNAMIC_MDEV),,mdev)

BULKHEAD_FINALIZE_OPTS = \
	-a $(BULKHEAD_ARCH) \
	-c $(HOST_DIR)/bin/bulkhead-compile \
	$(addprefix -d ,$(BULKHEAD_SERVICES_DIRS)) \
	$(addprefix -e ,$(BULKHEAD_SERVICES_EXCLUDE)) \
	-l $(call qstrip,$(BR2_PACKAGE_BULKHEAD_SECURITY_LIMIT)) \
	$(addprefix -x ,$(call qstrip,$(BR2_PACKAGE_BULKHEAD_SECURITY_EXEMPT)))

ifeq ($(BR2_PACKAGE_BULKHEAD_SELINUX),y)
BULKHEAD_DEPENDENCIES += host-bulkhead-secilc host-policycoreutils
BULKHEAD_FINALIZE_OPTS += \
	-s $(HOST_DIR)/share/bulkhead/selinux \
	-v $(BR2_PACKAGE_BULKHEAD_SELINUX_VERSION) \
	$(addprefix -m ,$(call qstrip,$(BR2_PACKAGE_BULKHEAD_SELINUX_DIRS)))

# The last step before a file system is made of the tree: refpolicy, which
# this policy excludes, has its own.
# check-package disable lib_mk.TypoInPackageVariable
define ROOTFS_SELINUX
	$(HOST_DIR)/sbin/setfiles -m -r $(TARGET_DIR) \
		-c $(TARGET_DIR)/etc/selinux/bulkhead/policy/policy.$(BR2_PACKAGE_BULKHEAD_SELINUX_VERSION) \
		$(TARGET_DIR)/etc/selinux/bulkhead/file_contexts \
		$(TARGET_DIR)
endef

define BULKHEAD_SELINUX_LINUX_CONFIG_FIXUPS
	$(if $(BR2_TARGET_ROOTFS_EROFS),
		$(call KCONFIG_ENABLE_OPT,CONFIG_EROFS_FS_XATTR)
		$(call KCONFIG_ENABLE_OPT,CONFIG_EROFS_FS_SECURITY))
	$(if $(BR2_TARGET_ROOTFS_EXT2),
		$(call KCONFIG_ENABLE_OPT,CONFIG_EXT4_FS_SECURITY))
	$(if $(BR2_TARGET_ROOTFS_SQUASHFS),
		$(call KCONFIG_ENABLE_OPT,CONFIG_SQUASHFS_XATTR))
endef
endif

# Here the tree is the one that a file system is made of: overlays are in it,
# and the users that packages ask for.
define BULKHEAD_FINALIZE
	$(HOST_DIR)/bin/bulkhead-finalize $(BULKHEAD_FINALIZE_OPTS) $(TARGET_DIR)
endef
BULKHEAD_ROOTFS_PRE_CMD_HOOKS += BULKHEAD_FINALIZE

# ------------------------------------------------------------------------------
# What others have to be configured like
# ------------------------------------------------------------------------------

# From the one list of what bulkhead wants of a kernel.
BULKHEAD_LINUX_FRAGMENT = $(BULKHEAD_TREE)/board/linux.fragment
BULKHEAD_LINUX_OPTIONS = $(shell sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=y$$/\1/p' $(BULKHEAD_LINUX_FRAGMENT))
BULKHEAD_LINUX_LSM = $(shell sed -n 's/^CONFIG_LSM=//p' $(BULKHEAD_LINUX_FRAGMENT))

define BULKHEAD_LINUX_CONFIG_FIXUPS
	$(foreach option,$(BULKHEAD_LINUX_OPTIONS),
		$(call KCONFIG_ENABLE_OPT,$(option)))
	$(call KCONFIG_SET_OPT,CONFIG_LSM,$(BULKHEAD_LINUX_LSM))
	$(BULKHEAD_SELINUX_LINUX_CONFIG_FIXUPS)
endef

# The tools stay, with getty and login; these names are bulkhead's.
define BULKHEAD_BUSYBOX_CONFIG_FIXUPS
	$(call KCONFIG_DISABLE_OPT,CONFIG_INIT)
	$(call KCONFIG_DISABLE_OPT,CONFIG_LINUXRC)
	$(call KCONFIG_DISABLE_OPT,CONFIG_HALT)
	$(call KCONFIG_DISABLE_OPT,CONFIG_POWEROFF)
	$(call KCONFIG_DISABLE_OPT,CONFIG_REBOOT)
endef

ifeq ($(BR2_PACKAGE_BULKHEAD_KCONFIG),y)
$(eval $(kconfig-package))
else
$(eval $(generic-package))
endif
$(eval $(host-generic-package))
