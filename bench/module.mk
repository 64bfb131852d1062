# SPDX-License-Identifier: MIT
# ubench: static, the same binary on Purlin and natively. Plugins for QEMU that look into its intervals.

UBENCH := $(addprefix bench/,ubench.c calls.c signals.c memory.c exchange.c processes.c device.c interrupts.c)
BENCH_SHARED := bench/interval.c bench/support.c
BENCH_PROGRAMS := $(addprefix $(B)/bench/,ubench workload growth started idle returns requests streams)

$(B)/bench/ubench: $(UBENCH)
$(B)/bench/workload: bench/workload.c
$(B)/bench/growth: bench/growth.c
$(B)/bench/started: bench/started.c
$(B)/bench/idle: bench/idle.c
$(B)/bench/returns: bench/returns.c
$(B)/bench/requests: bench/requests.c
$(B)/bench/streams: bench/streams.c
$(BENCH_PROGRAMS): $(BENCH_SHARED) bench/ubench.h bench/mark.h
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O2 -Wall -Wextra -Werror -Wshadow -Wconversion -static -pthread -o $@ $(filter %.c,$^)
	$(Q)strip $@

$(B)/bench/%.so: bench/%.c bench/plugin.h
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o $@ $<

.PHONY: bench
bench: $(BENCH_PROGRAMS) $(B)/bench/events.so $(B)/bench/profile.so $(B)/bench/locks.so $(B)/bench/total.so
