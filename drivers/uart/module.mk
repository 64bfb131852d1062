# SPDX-License-Identifier: MIT
$(eval $(call component,uart,$(wildcard drivers/uart/*.c),,))
