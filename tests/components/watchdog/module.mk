# SPDX-License-Identifier: MIT
# Guests that hang or do not, each an image that init takes for a Linux, and who looks at them.
WATCHDOG := tests/components/watchdog
$(eval $(call component,watchdog-witness,tests/components/check.c $(WATCHDOG)/witness.c,,))
$(B)/tests/watchdog-guest.d/main.o: $(WATCHDOG)/image/main.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -MMD -MP -I. -c -o $@ $<
WATCHDOG_GUEST := $(B)/tests/meter-guest.d/entry.o $(B)/tests/watchdog-guest.d/main.o
$(B)/components/watchdog-guest: $(WATCHDOG_GUEST) tests/components/meter/image/guest.lds
	$(call say,LD,$@)
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-T tests/components/meter/image/guest.lds -o $@ $(WATCHDOG_GUEST)
-include $(B)/tests/watchdog-guest.d/main.d
ALL += $(B)/components/watchdog-guest
