# SPDX-License-Identifier: MIT
CORE_SOURCES := $(wildcard core/*.c)
$(eval $(call component,core,$(CORE_SOURCES),,))
