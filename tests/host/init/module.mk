# SPDX-License-Identifier: MIT
# Host tests of init. The calls and threads are those of the fuzz targets' fake kernel; METER_TABLE
# is tests/components/meter's.

INIT_TEST := $(B)/host/init
INIT_TEST_FLAGS := -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-iquote tests/fuzz/user/include -iquote $(FZ)/include -I. -Iabi -I$(B)/gen $(LIB_INCLUDES)
SERVICE_TEST := tests/host/init/service_test.c init/guest_sessions.c init/guest_tree.c \
	init/tree.c lib/purlin/status.c $(wildcard lib/description/*.c)

# $(call init_test,NAME,SOURCES,FLAGS)
define init_test
$(INIT_TEST)/$(1).d/%.o: %.c $(GEN) $(USER_FUZZ_CALLS) $(METER_TABLE)
	$$(call say,HOSTCC,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $(3) $$(INIT_TEST_FLAGS) $$(WARNINGS) -c -o $$@ $$<
$(B)/host/init-$(1): $(call objects,host/init/$(1).d,$(2))
	$$(call say,HOSTLD,$$@)
	$$(Q)$$(CC) -fsanitize=address,undefined -o $$@ $$^ -lcmocka -lfdt
TESTS += $(B)/host/init-$(1)
-include $(patsubst %.o,%.d,$(call objects,host/init/$(1).d,$(2)))
endef

$(eval $(call init_test,service,$(SERVICE_TEST),-DMETER_LINE -iquote $(B)/tests/meter))
$(eval $(call init_test,no-service,$(SERVICE_TEST),))
$(eval $(call init_test,vcpus,tests/host/init/vcpus_test.c init/linux.c lib/purlin/status.c,))
$(eval $(call init_test,memory,tests/host/init/memory_test.c init/guest_memory.c init/guest_ram.c lib/formats/elf.c,))
$(eval $(call init_test,ram,tests/host/init/ram_test.c init/guest_ram.c,))
$(eval $(call init_test,devices,tests/host/init/devices_test.c init/device_sessions.c lib/purlin/status.c lib/description/services.c,))
