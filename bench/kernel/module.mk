# SPDX-License-Identifier: MIT
# kernel-bench: a component that measures the kernel, with a small guest kernel inside.

KERNEL_BENCH_GUEST := $(patsubst %,$(B)/bench/kernel-guest.d/%.o,entry main)

$(B)/bench/kernel-guest.d/%.o: bench/kernel/guest/%.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -c -o $@ $<
$(B)/bench/kernel-guest.d/%.o: bench/kernel/guest/%.S $(GEN)
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -c -o $@ $<
$(B)/bench/kernel-guest.bin: $(KERNEL_BENCH_GUEST) bench/kernel/guest/guest.lds
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-T bench/kernel/guest/guest.lds -o $(@:.bin=.elf) $(KERNEL_BENCH_GUEST)
	$(Q)objcopy -O binary $(@:.bin=.elf) $@
$(B)/components/kernel-bench.d/bench/kernel/guest_image.o: $(B)/bench/kernel-guest.bin
-include $(KERNEL_BENCH_GUEST:.o=.d)

# Code that is mapped into another PD: nothing of it may lie elsewhere.
$(eval $(call component,kernel-bench,$(wildcard bench/kernel/*.c) bench/kernel/guest_image.S,\
	$(call supported,-fno-jump-tables -fno-tree-loop-distribute-patterns)))
