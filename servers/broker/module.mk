# SPDX-License-Identifier: MIT
$(eval $(call component,broker,$(wildcard servers/broker/*.c),,))
