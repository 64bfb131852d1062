# SPDX-License-Identifier: MIT
# crossing-pairs: guests, their processes and native threads that look for each other's registers.

PAIR_IMAGE := $(B)/tests/pair-image
$(PAIR_IMAGE).d/%.o: tests/components/crossing-pairs/%.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -MMD -MP -c -o $@ $<
$(PAIR_IMAGE).d/%.o: tests/components/crossing-pairs/%.S $(GEN)
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -MMD -MP -c -o $@ $<
PAIR_OBJECTS := $(addprefix $(PAIR_IMAGE).d/,image/entry.o image/main.o turns.o)
$(PAIR_IMAGE).elf: $(PAIR_OBJECTS) tests/components/guest/image/guest.lds
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-T tests/components/guest/image/guest.lds -o $@ $(filter %.o,$^)
$(PAIR_IMAGE).bin: $(PAIR_IMAGE).elf
	$(Q)objcopy -O binary $< $@
$(B)/components/crossing-pairs.d/tests/components/crossing-pairs/image.o: $(PAIR_IMAGE).bin
-include $(PAIR_OBJECTS:.o=.d)

$(eval $(call component,crossing-pairs,tests/components/check.c \
	$(addprefix tests/components/crossing-pairs/,main.c compare.c turns.S image.S)))
