# SPDX-License-Identifier: MIT
# Programs for the Linux under test: static, without sanitizers, the same binary on Purlin and natively.

LINUX_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/linux/*.c tests/linux/*/*.c))

# No red zone: the programs call from assembly. The unoptimised null pointers and recursion are meant.
$(B)/tests/linux/%: tests/linux/%.c tests/linux/check.h tests/linux/traced.h
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O1 -g -mno-red-zone -Wall -Wextra -Werror -Wno-nonnull -Wno-infinite-recursion \
		-Wno-clobbered -static -pthread -o $@ $< -lm -lutil -lrt

.PHONY: linux-tests
linux-tests: $(LINUX_TESTS)
