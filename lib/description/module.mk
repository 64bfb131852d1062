# SPDX-License-Identifier: MIT
# The reader of system descriptions: libdescription.a for init, check-system for the host.

DESCRIPTION_SOURCES := $(wildcard lib/description/*.c)
DESCRIPTION_OBJECTS := $(call objects,lib/description.d,$(DESCRIPTION_SOURCES))

# The headers of libfdt are not ours to warn about.
$(B)/lib/description.d/%.o: %.c $(GEN)
	$(call say,CC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(COMPONENT_CFLAGS) -isystem $(LIBFDT_SOURCE) -c -o $@ $<
$(B)/lib/libdescription.a: $(DESCRIPTION_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
-include $(DESCRIPTION_OBJECTS:.o=.d)

CHECK_SYSTEM_SOURCES := $(DESCRIPTION_SOURCES) $(wildcard lib/description/host/*.c)
CHECK_SYSTEM_OBJECTS := $(call objects,host/check-system.d,$(CHECK_SYSTEM_SOURCES))
HOST_CFLAGS ?= -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all

$(B)/host/check-system.d/%.o: %.c
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_CFLAGS) $(WARNINGS) -I. -Iabi -c -o $@ $<
$(B)/host/check-system: $(CHECK_SYSTEM_OBJECTS)
	$(call say,HOSTLD,$@)
	$(Q)$(CC) $(HOST_CFLAGS) -o $@ $^ -lfdt
-include $(CHECK_SYSTEM_OBJECTS:.o=.d)
ALL += $(B)/host/check-system
