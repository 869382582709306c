# SPDX-License-Identifier: MIT
# A defconfig whose choices this Buildroot does not know, or a toolchain with older headers, ends with BusyBox's init, and says nothing.
ifeq ($(BR2_HAVE_DOT_CONFIG)$(BR2_INIT_BULKHEAD),y)
$(warning bulkhead is not the init system of this configuration: System configuration, Init system)
endif
include $(sort $(wildcard $(BR2_EXTERNAL_BULKHEAD_PATH)/package/*/*.mk))
