# SPDX-License-Identifier: MIT
# guest-test and guest-fuzz: components with a small guest kernel inside.

$(B)/tests/guest-image.d/%.o: tests/components/guest/image/%.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -c -o $@ $<
$(B)/tests/guest-image.d/%.o: tests/components/guest/image/%.S $(GEN)
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -c -o $@ $<
$(B)/tests/guest-image.elf: $(B)/tests/guest-image.d/entry.o $(B)/tests/guest-image.d/main.o $(B)/tests/guest-image.d/mappings.o \
		$(B)/tests/guest-image.d/fuzz.o $(B)/tests/guest-image.d/alert.o $(B)/tests/guest-image.d/watch.o \
		$(B)/tests/guest-image.d/several.o $(B)/tests/guest-image.d/several-entry.o \
		$(B)/tests/guest-image.d/races.o \
		$(B)/tests/guest-image.d/registers.o $(B)/tests/guest-image.d/registers-entry.o \
		tests/components/guest/image/guest.lds
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-T tests/components/guest/image/guest.lds -o $@ $(filter %.o,$^)
$(B)/tests/guest-image.bin: $(B)/tests/guest-image.elf
	$(Q)objcopy -O binary $< $@
$(foreach C,guest-test guest-several guest-races guest-registers guest-fuzz guest-fuzz-slice,$(B)/components/$(C).d/tests/components/guest/image.o): $(B)/tests/guest-image.bin

GUEST_RUN_SOURCES := tests/components/guest/run.c tests/components/guest/image.S
$(eval $(call component,guest-test,tests/components/guest/main.c $(GUEST_RUN_SOURCES)))
$(eval $(call component,guest-several,tests/components/guest/several.c $(GUEST_RUN_SOURCES)))
$(eval $(call component,guest-races,tests/components/guest/races.c $(GUEST_RUN_SOURCES)))
$(eval $(call component,guest-registers,$(addprefix tests/components/guest/,registers.c image/registers-entry.S) $(GUEST_RUN_SOURCES)))
GUEST_FUZZ_SOURCES := tests/components/guest/fuzz.c tests/components/guest/image.S
$(eval $(call component,guest-fuzz,$(GUEST_FUZZ_SOURCES),-DROUNDS=16))
$(eval $(call component,guest-fuzz-slice,$(GUEST_FUZZ_SOURCES),-DROUNDS=6))
