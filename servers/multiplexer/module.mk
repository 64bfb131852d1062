# SPDX-License-Identifier: MIT
$(eval $(call component,multiplexer,$(wildcard servers/multiplexer/*.c),,))
