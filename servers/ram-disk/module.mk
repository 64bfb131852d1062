# SPDX-License-Identifier: MIT
RAM_DISK_SOURCES := $(wildcard servers/ram-disk/*.c)
$(eval $(call component,ram-disk,$(RAM_DISK_SOURCES),,))
