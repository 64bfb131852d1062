# SPDX-License-Identifier: MIT
# Unit tests of the generic kernel as Linux programs: build/host/kernel-NAME from
# tests/host/kernel_NAME.c, under AddressSanitizer and UndefinedBehaviorSanitizer.

KH := $(B)/host/kernel.d
KERNEL_HOST_SOURCES := $(filter-out kernel/core/main.c,$(wildcard kernel/core/*.c)) \
	$(wildcard kernel/base/*.c kernel/object/*.c $(addprefix kernel/checks_on/,objects.c pds.c) kernel/arch/host/*.c lib/formats/*.c) \
	$(patsubst %,kernel/debug/%.c,log log_screen screen print options) kernel/core/log_calls.c \
	tests/host/kernel_support.c tests/host/allocations.c
KERNEL_HOST_OBJECTS := $(patsubst %.c,$(KH)/%.o,$(KERNEL_HOST_SOURCES))
KERNEL_HOST_TESTS := $(patsubst tests/host/kernel_%.c,$(B)/host/kernel-%,\
	$(filter-out tests/host/kernel_support.c,$(wildcard tests/host/kernel_*.c)))
KERNEL_HOST_CFLAGS = -std=gnu17 -O1 -g $(WARNINGS) -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -MMD -MP -Ikernel -Ikernel/arch/host -Iabi -I$(B)/gen -I. -Itests/host
KERNEL_HOST_WRAPPED := account_allocate account_free pages_allocate pages_free page_run_round account_charge

# Slabs keep their chain in free memory, which is poisoned for everybody else.
$(KH)/kernel/object/slab.o: KERNEL_HOST_CFLAGS += -fno-sanitize=address -Dmemset=host_memset
# The names the linker's --wrap uses.
$(KH)/kernel/arch/host/poison.o: KERNEL_HOST_CFLAGS += $(call supported,-Wno-builtin-declaration-mismatch)

$(KH)/%.o: %.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(KERNEL_HOST_CFLAGS) -c -o $@ $<

$(KH)/kernel/debug/screen.o $(KH)/tests/host/kernel_screen.o: $(FONT)

# Only this test holds pages.
$(B)/host/kernel-checks: $(KH)/kernel/checks_on/held_pages.o

$(KERNEL_HOST_TESTS): $(B)/host/kernel-%: $(KH)/tests/host/kernel_%.o $(KERNEL_HOST_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=address,undefined $(patsubst %,-Wl$(comma)--wrap=%,$(KERNEL_HOST_WRAPPED)) \
		-o $@ $^ -lcmocka

TESTS += $(KERNEL_HOST_TESTS)
.PHONY: host-tests
host-tests: $(KERNEL_HOST_TESTS)
.SECONDARY:
-include $(KERNEL_HOST_OBJECTS:.o=.d) $(patsubst tests/%.c,$(KH)/tests/%.d,$(wildcard tests/host/kernel_*.c))
