# SPDX-License-Identifier: MIT
$(eval $(call component,devices,$(wildcard servers/devices/*.c),,))
