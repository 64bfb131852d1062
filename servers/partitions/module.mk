# SPDX-License-Identifier: MIT
PARTITIONS_SOURCES := $(wildcard servers/partitions/*.c)
$(eval $(call component,partitions,$(PARTITIONS_SOURCES),,))
