# SPDX-License-Identifier: MIT
# Native test components.
$(eval $(call component,hello,tests/components/hello/main.c,,))
