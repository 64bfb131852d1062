# SPDX-License-Identifier: MIT
# One driver goes on while the device of another is reset; a platform component in which it cannot.

$(eval $(call component,steady,tests/components/check.c tests/components/edu/edu.c tests/components/slow-reset/steady.c,-Itests/components/edu,))
$(eval $(call component,resetter,tests/components/slow-reset/resetter.c,,))
$(eval $(call component,platform-one-turn,$(PLATFORM_SOURCES) tests/components/slow-reset/one_turn.c,$(PLATFORM_CFLAGS),\
	$(PLATFORM_LIBRARIES),-Wl$(comma)--wrap=turn_pause))
