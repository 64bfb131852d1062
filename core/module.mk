# SPDX-License-Identifier: MIT
$(eval $(call component,core,$(wildcard core/*.c),,))
