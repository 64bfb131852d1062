# SPDX-License-Identifier: MIT
$(eval $(call component,entropy,$(wildcard servers/entropy/*.c),,))
