# SPDX-License-Identifier: MIT
# The platform component, with ACPICA (acpica/module.mk).

PLATFORM_SOURCES := $(sort $(wildcard drivers/platform/*.c))
PLATFORM_CFLAGS := -Idrivers/platform -Idrivers/platform/acpica -isystem $(B)/linux/6.12/include
PLATFORM_LIBRARIES := $(B)/components/acpica/libacpica.a
$(eval $(call component,platform,$(PLATFORM_SOURCES),$(PLATFORM_CFLAGS),$(PLATFORM_LIBRARIES)))
