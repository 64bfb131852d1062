# SPDX-License-Identifier: MIT
# Fuzz targets of the kernel.

FUZZ_KERNEL := tests/fuzz/kernel
# As kernel/arch/host/module.mk has them for the unit tests.
FUZZ_WRAPPED = $(patsubst %,-Wl$(comma)--wrap=%,$(KERNEL_HOST_WRAPPED) $(1))
FUZZ_GENERIC := $(filter-out kernel/core/main.c,$(wildcard kernel/core/*.c)) $(wildcard kernel/base/*.c kernel/object/*.c lib/formats/*.c) \
	$(patsubst %,kernel/debug/%.c,log log_screen screen print options) kernel/core/log_calls.c
# The kernel's code says when it reads: meanwhile.c then changes what others may write.
FUZZ_LOUD := -fsanitize-coverage=trace-loads
FUZZ_FLAGS_kernel/object/slab.c := -fno-sanitize=address -Dmemset=host_memset
FUZZ_TABLES := $(addprefix kernel/arch/x86_64/checks_on/,tables.c leaves.c)
FUZZ_CHECKERS := $(wildcard kernel/arch/host/*.c) $(addprefix kernel/checks_on/,objects.c pds.c) $(FUZZ_TABLES) \
	$(addprefix $(FUZZ_KERNEL)/,meanwhile.c model_x86.c system.c)
FUZZ_UNSEEN += $(FUZZ_CHECKERS)
$(foreach file,$(FUZZ_CHECKERS),$(eval FUZZ_FLAGS_$(file) := -O2 -fno-sanitize-coverage=trace-loads))
FUZZ_SYSTEM := $(addprefix kernel/checks_on/,objects.c pds.c) $(addprefix $(FUZZ_KERNEL)/,system.c meanwhile.c)

FUZZ_SAYS_pages := the page allocator beside a list of what was handed out
$(eval $(call fuzz_target,pages,$(FUZZ_KERNEL)/pages.c kernel/base/pages.c,-Ikernel -Ikernel/arch/host -I.))

FUZZ_SAYS_calls := kernel calls of two processors, interleaved and interrupted as the input says
FUZZ_RUN_calls := -max_len=1024 -len_control=20
$(eval $(call fuzz_target,calls,$(FUZZ_KERNEL)/calls.c $(FUZZ_KERNEL)/choices.c $(FUZZ_SYSTEM) \
	$(FUZZ_GENERIC) $(wildcard kernel/arch/host/*.c),$(FUZZ_LOUD) -Ikernel -Ikernel/arch/host -I.,\
	$(call FUZZ_WRAPPED,arch_thread_evict)))

# The guest's memory as the x86-64 kernel keeps it.
FUZZ_GUEST := $(addprefix kernel/arch/x86_64/,guest/guest_tables.c guest/vcpu.c \
	memory/cursor.c memory/range.c memory/tables.c)
FUZZ_SAYS_batch := batches and page tables of a guest that change while they are read, beside a model of TLBs
FUZZ_RUN_batch := -max_len=1024 -len_control=20
$(eval $(call fuzz_target,batch,$(FUZZ_KERNEL)/batch.c $(FUZZ_KERNEL)/model_x86.c $(FUZZ_TABLES) $(FUZZ_SYSTEM) \
	$(sort $(FUZZ_GENERIC) $(FUZZ_GUEST)) $(addprefix kernel/arch/host/,machine.c poison.c),\
	$(FUZZ_LOUD) -Ikernel -Ikernel/arch/x86_64 -Ikernel/arch/x86_64/checks_off -Ikernel/arch/host -I. -include $(FUZZ_KERNEL)/x86/shim.h,$(FUZZ_WRAPPED)))

FUZZ_SAYS_tlb := what tagged TLBs hold, beside a model of them
FUZZ_RUN_tlb := -max_len=64
$(eval $(call fuzz_target,tlb,$(FUZZ_KERNEL)/tlb.c kernel/arch/x86_64/memory/tlb.c,\
	-Ikernel -Ikernel/arch/x86_64 -Ikernel/arch/x86_64/checks_off -include $(FUZZ_KERNEL)/x86/shim.h))
