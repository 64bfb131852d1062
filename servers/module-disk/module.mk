# SPDX-License-Identifier: MIT
MODULE_DISK_SOURCES := $(wildcard servers/module-disk/*.c)
$(eval $(call component,module-disk,$(MODULE_DISK_SOURCES),,))
