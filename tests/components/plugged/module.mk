# SPDX-License-Identifier: MIT
# Test component: has what comes into a slot (suite hotplug, tests/soak/plugged).

$(eval $(call component,plugged,tests/components/edu/edu.c tests/components/plugged/main.c,,))
