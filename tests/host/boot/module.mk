# SPDX-License-Identifier: MIT
# Host tests of the kernel's start: memory map, page allocator, ACPI tables, text.

BOOT_TEST_FLAGS := -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Ikernel -Ikernel/arch/x86_64 -Iabi -I$(B)/gen
BOOT_TEST := $(B)/host/boot

$(BOOT_TEST).d/%.o: %.c $(GEN)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(BOOT_TEST_FLAGS) $(WARNINGS) -c -o $@ $<

# $(call boot_test,NAME,SOURCES)
define boot_test
$(B)/host/boot-$(1): $(patsubst %.c,$(BOOT_TEST).d/%.o,tests/host/boot/$(1)_test.c $(2))
	$$(call say,HOSTLD,$$@)
	$$(Q)$$(CC) -fsanitize=address,undefined -o $$@ $$^ -lcmocka
TESTS += $(B)/host/boot-$(1)
-include $(patsubst %.c,$(BOOT_TEST).d/%.d,tests/host/boot/$(1)_test.c $(2))
endef

$(eval $(call boot_test,pages,kernel/base/pages.c))
$(eval $(call boot_test,memory_map,kernel/base/memory_map.c))
$(eval $(call boot_test,acpi,kernel/arch/x86_64/boot/acpi.c))
# The shapes' layout and instructions are those of a program.
SHAPES_SOURCES := kernel/arch/x86_64/boot/boot_memory.c kernel/arch/x86_64/boot/paging_boot.c
$(eval $(call boot_test,shapes,$(SHAPES_SOURCES) kernel/base/memory_map.c kernel/base/pages.c))
$(patsubst %.c,$(BOOT_TEST).d/%.o,tests/host/boot/shapes_test.c $(SHAPES_SOURCES)): \
	BOOT_TEST_FLAGS := -D_GNU_SOURCE -include tests/host/boot/window.h $(BOOT_TEST_FLAGS)
$(eval $(call boot_test,text,kernel/debug/print.c kernel/debug/options.c))
$(eval $(call boot_test,features,kernel/arch/x86_64/machine/features.c))
$(eval $(call boot_test,speculation,kernel/arch/x86_64/machine/speculation_plan.c))
$(eval $(call boot_test,speculation_table,kernel/arch/x86_64/machine/speculation_plan.c))
