# SPDX-License-Identifier: MIT
# tlb.c beside the model of tagged TLBs that is also a fuzz target: all short sequences of steps.

TLB_TEST := $(B)/host/tlb
TLB_TEST_SOURCES := tests/host/tlb/sequences_test.c tests/fuzz/kernel/tlb.c kernel/arch/x86_64/memory/tlb.c
TLB_TEST_FLAGS := -std=gnu17 -O2 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Itests/fuzz -Ikernel -Ikernel/arch/x86_64 -Ikernel/arch/x86_64/checks_off -Iabi -I$(B)/gen \
	-include tests/fuzz/kernel/x86/shim.h

$(TLB_TEST).d/%.o: %.c $(GEN)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(TLB_TEST_FLAGS) $(WARNINGS) -c -o $@ $<

$(B)/host/tlb-sequences: $(patsubst %.c,$(TLB_TEST).d/%.o,$(TLB_TEST_SOURCES))
	$(call say,HOSTLD,$@)
	$(Q)$(CC) -fsanitize=address,undefined -o $@ $^

TESTS += $(B)/host/tlb-sequences
-include $(patsubst %.c,$(TLB_TEST).d/%.d,$(TLB_TEST_SOURCES))
