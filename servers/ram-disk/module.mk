# SPDX-License-Identifier: MIT
KEPT_DISK_SOURCES := $(wildcard servers/ram-disk/*.c)
$(eval $(call component,ram-disk,$(KEPT_DISK_SOURCES),,))
