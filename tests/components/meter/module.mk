# SPDX-License-Identifier: MIT
# The session of tests/suites/new_session.py: a header, a server, a client, and one line in a copy of the table of
# services. init and check-system are built with that copy, all else of them is as it is.

METER := tests/components/meter
METER_LINE := COMPONENT(meter, "Meter", ARGUMENTS, SHARED("meters", "meter", METER_START, METER_PAGES)) \\
METER_TABLE := $(B)/tests/meter/session/services.h
$(METER_TABLE): session/services.h $(METER)/module.mk
	$(call say,GEN,$@)
	@mkdir -p $(dir $@)
	$(Q)sed -e 's,#include "session/terminal.h",&\n#include "$(METER)/meter.h",' \
		-e 's/^\tCOMPONENT(power/\t$(METER_LINE)\n&/' $< > $@

$(eval $(call component,meter-server,$(METER)/server.c,,))
METER_INIT := $(INIT_SOURCES) $(DESCRIPTION_SOURCES)
$(eval $(call component,init-meter,$(METER_INIT),-iquote $(B)/tests/meter -isystem $$(LIBFDT_SOURCE),$(B)/lib/libfdt.a))
$(call objects,components/init-meter.d,$(METER_INIT)): $(METER_TABLE)

$(B)/host/check-system-meter.d/%.o: %.c $(METER_TABLE)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_CFLAGS) $(WARNINGS) -iquote $(B)/tests/meter -I. -Iabi -c -o $@ $<
METER_CHECK := $(call objects,host/check-system-meter.d,$(CHECK_SYSTEM_SOURCES))
$(B)/host/check-system-meter: $(METER_CHECK)
	$(call say,HOSTLD,$@)
	$(Q)$(CC) $(HOST_CFLAGS) -o $@ $^ -lfdt
-include $(METER_CHECK:.o=.d)

$(B)/tests/meter-guest.d/%.o: $(METER)/image/%.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -I. -c -o $@ $<
$(B)/tests/meter-guest.d/%.o: $(METER)/image/%.S $(GEN)
	$(call say,AS,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(GUEST_IMAGE_FLAGS) -c -o $@ $<
METER_GUEST := $(B)/tests/meter-guest.d/entry.o $(B)/tests/meter-guest.d/main.o
$(B)/components/meter-guest: $(METER_GUEST) $(METER)/image/guest.lds
	$(call say,LD,$@)
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-T $(METER)/image/guest.lds -o $@ $(METER_GUEST)
-include $(METER_GUEST:.o=.d)
ALL += $(B)/components/meter-guest $(B)/host/check-system-meter
