# SPDX-License-Identifier: MIT
# Scenario platform-death: the whole platform component with a way to end, who ends it, who uses it.

$(eval $(call component,mortal-platform,$(filter-out %/main.c,$(PLATFORM_SOURCES)) tests/components/check.c tests/components/platform-death/mortal_platform.c,\
	$(PLATFORM_CFLAGS) -Dsession_announce=looked_at_announce,$(PLATFORM_LIBRARIES)))
$(eval $(call component,platform-keeper,tests/components/check.c tests/components/platform-death/keeper.c,,))
$(eval $(call component,platform-owner,tests/components/check.c tests/components/edu/edu.c tests/components/platform-death/owner.c,\
	-Itests/components/edu,))
