# SPDX-License-Identifier: MIT
# Native test components.
$(eval $(call component,hello,tests/components/hello/main.c,,))
$(eval $(call component,session-test,tests/components/check.c $(wildcard tests/components/session-test/*.c),,))
$(eval $(call component,call-test,tests/components/check.c $(wildcard tests/components/call-test/*.c),,))
$(eval $(call component,echo-server,tests/components/echo-server/main.c,,))
$(eval $(call component,echo-client,tests/components/check.c tests/components/echo-client/main.c,,))
$(eval $(call component,faulty,tests/components/faulty/main.c,-Wno-infinite-recursion,))
$(eval $(call component,neighbour,tests/components/neighbour/main.c,,))
# Code that is mapped into another PD: nothing of it may lie elsewhere. clang needs no more for that.
CALL_FUZZ_CFLAGS := -fno-jump-tables \
	$(call supported,-fno-tree-switch-conversion -fno-tree-loop-distribute-patterns)
CALL_FUZZ_SOURCES := $(wildcard tests/components/call-fuzz/*.c)
$(eval $(call component,call-fuzz,$(CALL_FUZZ_SOURCES),$(CALL_FUZZ_CFLAGS) -DROUNDS=30))
$(eval $(call component,call-fuzz-slice,$(CALL_FUZZ_SOURCES),$(CALL_FUZZ_CFLAGS) -DROUNDS=3))
$(eval $(call component,reset-test,tests/components/check.c tests/components/reset/main.c,,))
$(eval $(call component,far-bar,tests/components/check.c tests/components/far-bar/main.c,,))
$(eval $(call component,keeper,tests/components/check.c tests/components/deaths/keeper.c,,))
$(eval $(call component,mortal,tests/components/check.c tests/components/deaths/mortal.c,-Wno-infinite-recursion,))
$(eval $(call component,mute,tests/components/mute/main.c,,))
$(eval $(call component,greedy,tests/components/greedy/main.c,,))
$(eval $(call component,asking,tests/components/asking/main.c,,))
