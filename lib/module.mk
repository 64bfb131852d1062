# SPDX-License-Identifier: MIT
# libpurlin.a: start-up and run-time of components, small C library. libfdt.a: the library of
# the vanilla Linux tree (dual-licensed), compiled against our C headers.

LIB_SOURCES := $(sort $(wildcard lib/purlin/*.c lib/formats/*.c lib/virtio/*.c lib/c/*.c lib/arch/$(ARCH)/*.[cS]))
LIB_OBJECTS := $(call objects,lib/libpurlin.d,$(LIB_SOURCES))

$(B)/lib/libpurlin.d/%.o: %.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(COMPONENT_CFLAGS) -c -o $@ $<
$(B)/lib/libpurlin.d/%.o: %.S $(GEN)
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(COMPONENT_CFLAGS) -c -o $@ $<
$(B)/lib/libpurlin.a: $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
-include $(LIB_OBJECTS:.o=.d)

# Users add -I$(LIBFDT_SOURCE) to their flags and $(B)/lib/libfdt.a to their libraries.
LIBFDT_SOURCE := $(B)/linux/6.12/scripts/dtc/libfdt
LIBFDT_OBJECTS := $(patsubst %,$(B)/lib/libfdt.d/%.o,fdt fdt_ro fdt_rw fdt_sw fdt_wip fdt_strerror \
	fdt_empty_tree fdt_addresses)

$(B)/lib/libfdt.d/%.o: $(LIBFDT_SOURCE)/%.c
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(FREESTANDING) -w -mno-red-zone -fno-pie -Ilib/c/include -I$(LIBFDT_SOURCE) -c -o $@ $<
$(B)/lib/libfdt.a: $(LIBFDT_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
