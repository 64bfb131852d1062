# SPDX-License-Identifier: MIT
# The kernel: build/kernel/purlin.elf. Linked twice: the second time with the
# table of function names found by the first.

K := $(B)/kernel
# Readers of archives and programs are shared with user level, in lib/formats.
KERNEL_SOURCES := $(sort $(wildcard kernel/base/*.c kernel/object/*.c kernel/core/*.c kernel/debug/*.c lib/formats/*.c \
	$(foreach room,boot entry memory machine guest,kernel/arch/x86_64/$(room)/*.c kernel/arch/x86_64/$(room)/*.S)))
KERNEL_OBJECTS := $(call objects,kernel,$(KERNEL_SOURCES))
# Position-independent although linked for one place: that lies outside the
# 2 GB which absolute 32-bit references reach.
KERNEL_CFLAGS = $(FREESTANDING) $(WARNINGS) -mgeneral-regs-only -mno-red-zone -fPIE -mcmodel=small \
	-include kernel/base/hidden.h -Ikernel -Ikernel/arch/x86_64 $(KERNEL_CHECKS) -Iabi -I$(B)/gen -I.
KERNEL_CHECKS = -Ikernel/arch/x86_64/checks_off
KERNEL_LDFLAGS := -static -nostdlib -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -T kernel/arch/x86_64/kernel.lds
NM := nm

$(K)/%.o: %.c $(GEN) kernel/module.mk
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(K)/%.o: %.S $(GEN) kernel/module.mk
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(K)/kernel/debug/screen.o: $(FONT)

# Called by entry.S only, which has nothing in the registers that functions have to keep otherwise.
$(patsubst %,$(K)/kernel/arch/x86_64/entry/%.o,exchange leave): KERNEL_CFLAGS += $(call supported,-fomit-frame-pointer \
	$(patsubst %,-fcall-used-%,rbx r12 r13 r14 r15))

$(K)/symbols0.S: tools/kernel-symbols
	@mkdir -p $(dir $@)
	$(Q)tools/kernel-symbols > $@

$(K)/symbols.S: $(K)/purlin0.elf tools/kernel-symbols
	$(Q)tools/kernel-symbols $(NM) $< > $@

$(K)/symbols%.o: $(K)/symbols%.S
	$(Q)$(CC) -c -o $@ $<

$(K)/symbols.o: $(K)/symbols.S
	$(Q)$(CC) -c -o $@ $<

$(K)/purlin0.elf: $(KERNEL_OBJECTS) $(K)/symbols0.o kernel/arch/x86_64/kernel.lds
	$(Q)$(CC) $(KERNEL_LDFLAGS) -o $@ $(KERNEL_OBJECTS) $(K)/symbols0.o

$(K)/purlin.elf: $(K)/purlin0.elf $(K)/symbols.o
	$(call say,LD,$@)
	$(Q)$(CC) $(KERNEL_LDFLAGS) -o $@ $(KERNEL_OBJECTS) $(K)/symbols.o

ALL += $(K)/purlin.elf
-include $(KERNEL_OBJECTS:.o=.d)

# The debug kernel, build/kernel/purlin-debug.elf: the same sources with checks of its own.
KD := $(B)/kernel-debug
DEBUG_SOURCES := $(KERNEL_SOURCES) $(sort $(wildcard kernel/checks_on/*.c kernel/arch/x86_64/checks_on/*.c))
# Calls of these go to checks_on/ first.
DEBUG_WRAPPED := pages_free pages_allocate page_run_round pages_available account_init_root object_init \
	account_credit object_put scheduler_ready timeout_set tlb_flush \
	arch_tables_map region_create tlb_leave tlb_flush_kernel_half tlb_gather tlb_answer kernel_lock_wait
DEBUG_LDFLAGS := $(KERNEL_LDFLAGS) $(patsubst %,-Wl$(comma)--wrap=%,$(DEBUG_WRAPPED))
DEBUG_OBJECTS := $(call objects,kernel-debug,$(DEBUG_SOURCES))
$(DEBUG_OBJECTS): KERNEL_CHECKS = -Ikernel/arch/x86_64/checks_on
$(KD)/kernel/debug/screen.o: $(FONT)

$(KD)/%.o: %.c $(GEN) kernel/module.mk
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(KD)/%.o: %.S $(GEN) kernel/module.mk
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(patsubst %,$(KD)/kernel/arch/x86_64/entry/%.o,exchange leave): KERNEL_CFLAGS += $(call supported,-fomit-frame-pointer \
	$(patsubst %,-fcall-used-%,rbx r12 r13 r14 r15))

$(KD)/purlin0.elf: $(DEBUG_OBJECTS) $(K)/symbols0.o kernel/arch/x86_64/kernel.lds
	$(Q)$(CC) $(DEBUG_LDFLAGS) -o $@ $(DEBUG_OBJECTS) $(K)/symbols0.o

$(KD)/symbols.S: $(KD)/purlin0.elf tools/kernel-symbols
	$(Q)tools/kernel-symbols $(NM) $< > $@

$(KD)/symbols.o: $(KD)/symbols.S
	$(Q)$(CC) -c -o $@ $<

$(K)/purlin-debug.elf: $(KD)/purlin0.elf $(KD)/symbols.o
	$(call say,LD,$@)
	$(Q)$(CC) $(DEBUG_LDFLAGS) -o $@ $(DEBUG_OBJECTS) $(KD)/symbols.o

ALL += $(K)/purlin-debug.elf
-include $(DEBUG_OBJECTS:.o=.d)
