# SPDX-License-Identifier: MIT
# The platform component, with ACPICA (acpica/module.mk).

PLATFORM_SOURCES := $(sort $(wildcard drivers/platform/*.c))
$(eval $(call component,platform,$(PLATFORM_SOURCES),-Idrivers/platform \
	-Idrivers/platform/acpica -isystem $(B)/linux/6.12/include,$(B)/components/acpica/libacpica.a))
