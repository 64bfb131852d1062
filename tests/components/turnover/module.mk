# SPDX-License-Identifier: MIT
# Test components: a device that changes hands without end (scenario turnover, tests/soak/turnover).

$(eval $(call component,turnover,tests/components/edu/edu.c tests/components/turnover/main.c,,))
$(eval $(call component,turnover-watch,tests/components/check.c tests/components/turnover/watch.c,-DROUNDS=40,))
$(eval $(call component,turnover-watch-long,tests/components/check.c tests/components/turnover/watch.c,-DROUNDS=10000,))
$(eval $(call component,platform-leaking,$(PLATFORM_SOURCES) tests/components/turnover/leaking_platform.c,$(PLATFORM_CFLAGS),\
	$(PLATFORM_LIBRARIES),-Wl$(comma)--wrap=dma_tables_end))
