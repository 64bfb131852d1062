# SPDX-License-Identifier: MIT
# Builds everything but Linux. Each folder adds its own targets in module.mk.
# Products: build/gen (from the ABI table), build/kernel/purlin.elf, build/components/NAME,
# build/host (unit tests), build/scenarios/NAME. `make CC=clang` works, too.

B := build
CC := gcc
AR := ar
PYTHON := python3
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
else
Q :=
say = @true
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wvla -Wundef
# Freestanding code of kernel and components. -fno-stack-protector: no TLS before start-up.
FREESTANDING := -std=c17 -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	-O2 -g -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-common -fvisibility=hidden -ffunction-sections -fdata-sections -fno-omit-frame-pointer -MMD -MP

# The one architecture so far: folders of this name say what it is like. "purlin/arch/..." is found
# in abi/purlin/arch/$(ARCH), by a link beside what is made from the table.
ARCH := x86_64
GEN := $(B)/gen/purlin/calls.h
ABI_REGISTERS := abi/purlin/arch/$(ARCH)/registers.toml
$(GEN) $(B)/gen/purlin/call_numbers.h $(B)/gen/kernel/dispatch.inc $(B)/gen/kernel/arguments.h \
	$(B)/gen/abi.md &: abi/calls.toml $(ABI_REGISTERS) tools/abi-gen
	$(call say,ABI,abi/calls.toml)
	@mkdir -p $(B)/gen/purlin
	@ln -sfn ../../../abi/purlin/arch/$(ARCH) $(B)/gen/purlin/arch
	$(Q)tools/abi-gen abi/calls.toml $(ABI_REGISTERS) $(B)/gen

# The letters of the kernel's screen.
$(B)/gen/kernel/font.inc: kernel/debug/font.txt tools/purlin/font.py
	@mkdir -p $(dir $@)
	$(Q)$(PYTHON) -B tools/purlin/font.py $@
FONT := $(B)/gen/kernel/font.inc

ALL :=
TESTS :=

comma := ,

# $(call objects,FOLDER-IN-BUILD,SOURCES): object file names.
objects = $(patsubst %,$(B)/$(1)/%.o,$(basename $(2)))

# $(call supported,OPTIONS): those that this compiler has.
supported = $(foreach option,$(1),$(shell $(CC) -Werror $(option) -fsyntax-only -x c /dev/null 2>/dev/null && echo $(option)))

LIB_INCLUDES := -Ilib/include -Ilib/arch/$(ARCH)/include

# Small guest kernels that some components bring along.
GUEST_IMAGE_FLAGS = $(FREESTANDING) $(WARNINGS) -mcmodel=kernel -mno-red-zone -fno-pie -mgeneral-regs-only \
	-Iabi -I$(B)/gen

# $(eval $(call component,NAME,SOURCES,EXTRA-CFLAGS,EXTRA-LIBRARIES,LINKER-OPTIONS)): a user-level
# program build/components/NAME (static ELF, symbols kept).
COMPONENT_CFLAGS = $(FREESTANDING) $(WARNINGS) -mno-red-zone -fno-pie -I. -Iabi -I$(B)/gen $(LIB_INCLUDES) -Ilib/c/include
define component
$(B)/components/$(1).d/%.o: %.c $(GEN)
	$$(call say,CC,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $$(COMPONENT_CFLAGS) $(3) -c -o $$@ $$<
$(B)/components/$(1).d/%.o: %.S $(GEN)
	$$(call say,AS,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $$(COMPONENT_CFLAGS) $(3) -c -o $$@ $$<
$(B)/components/$(1): $$(call objects,components/$(1).d,$(2)) $(4) $(B)/lib/libpurlin.a lib/purlin/component.lds
	$$(call say,LD,$$@)
	$$(Q)$$(CC) -static -nostdlib -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack \
		-T lib/purlin/component.lds $(5) -o $$@ $$(call objects,components/$(1).d,$(2)) $(4) $(B)/lib/libpurlin.a
ALL += $(B)/components/$(1)
-include $$(patsubst %.o,%.d,$$(call objects,components/$(1).d,$(2)))
endef

include $(sort $(wildcard */module.mk */*/module.mk */*/*/module.mk))

.PHONY: all clean host-tests list-host-tests
all: $(ALL)
# Unit tests for this machine: programs whose exit status counts, built with ASan and UBSan.
host-tests: $(TESTS)
list-host-tests:
	@echo $(TESTS)
clean:
	rm -rf $(B)/gen $(B)/kernel $(B)/components $(B)/lib $(B)/host $(B)/scenarios
