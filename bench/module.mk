# SPDX-License-Identifier: MIT
# ubench: static, the same binary on Purlin and natively. Plugins for QEMU that look into its regions.

UBENCH := $(addprefix bench/,ubench.c support.c calls.c signals.c memory.c exchange.c processes.c device.c)

$(B)/bench/ubench: $(UBENCH) bench/ubench.h bench/mark.h
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O2 -Wall -Wextra -Werror -Wshadow -Wconversion -static -pthread -o $@ $(UBENCH)
	$(Q)strip $@

$(B)/bench/%.so: bench/%.c bench/plugin.h
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o $@ $<

.PHONY: bench
bench: $(B)/bench/ubench $(B)/bench/events.so $(B)/bench/profile.so
