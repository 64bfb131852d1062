# SPDX-License-Identifier: MIT
# Device sessions between native components: clients of each kind.

$(eval $(call component,entropy-client,tests/components/device-sessions/entropy.c tests/components/check.c,,))
