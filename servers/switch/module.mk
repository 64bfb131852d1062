# SPDX-License-Identifier: MIT
SWITCH_SOURCES := $(wildcard servers/switch/*.c)
$(eval $(call component,switch,$(SWITCH_SOURCES),,))
