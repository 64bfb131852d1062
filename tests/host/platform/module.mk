# SPDX-License-Identifier: MIT
# Host tests of the platform component. The routing tests run on dumps of QEMU's machines.

PLATFORM_TEST_FLAGS := -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-I. -Iabi -I$(B)/gen $(LIB_INCLUDES) -Idrivers/platform -Idrivers/platform/acpica \
	-isystem $(B)/linux/6.12/include
PLATFORM_TEST := $(B)/host/platform
MACHINES := $(B)/host/machines

$(PLATFORM_TEST).d/%.o: %.c $(GEN)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(PLATFORM_TEST_FLAGS) $(WARNINGS) -DMACHINES='"$(MACHINES)"' -DBOARDS='"$(PLATFORM_TESTS)/boards"' -c -o $@ $<

# $(call platform_test,NAME,SOURCES,LIBRARIES)
define platform_test
$(B)/host/platform-$(1): $(patsubst %.c,$(PLATFORM_TEST).d/%.o,$(2)) $(3)
	$$(call say,HOSTLD,$$@)
	$$(Q)$$(CC) -fsanitize=address,undefined -o $$@ $(patsubst %.c,$(PLATFORM_TEST).d/%.o,$(2)) $(3) -lcmocka
TESTS += $(B)/host/platform-$(1)
-include $(patsubst %.c,$(PLATFORM_TEST).d/%.d,$(2))
endef

$(MACHINES)/q35.mem: tests/host/platform/dump-machine
	$(call say,DUMP,$@)
	@mkdir -p $(dir $@)
	$(Q)tests/host/platform/dump-machine $(basename $@) q35 -device pcie-root-port,id=rp,slot=1,chassis=1 \
		-device pcie-pci-bridge,id=br,bus=rp -device edu,bus=br,addr=3 -device qemu-xhci \
		-device ich9-usb-ehci1,addr=1d.7,multifunction=on \
		-device ich9-usb-uhci1,addr=1d.0,multifunction=on
$(MACHINES)/pc.mem: tests/host/platform/dump-machine
	$(call say,DUMP,$@)
	@mkdir -p $(dir $@)
	$(Q)tests/host/platform/dump-machine $(basename $@) pc -device edu -device piix3-usb-uhci

PLATFORM_FOLDER := drivers/platform
PLATFORM_TESTS := tests/host/platform
ROUTE_SOURCES := $(PLATFORM_TESTS)/machine.c $(PLATFORM_TESTS)/printed_log.c $(PLATFORM_TESTS)/route_machine.c $(addprefix $(PLATFORM_FOLDER)/,interpreter/acpi.c interpreter/acpi_os.c interpreter/acpi_root.c interpreter/acpi_route.c acpi_find.c) $(PLATFORM_FOLDER)/pci_config.c $(PLATFORM_FOLDER)/pci_errors.c $(PLATFORM_FOLDER)/pci_function.c $(PLATFORM_FOLDER)/pci_bars.c $(PLATFORM_FOLDER)/pci_settings.c $(PLATFORM_FOLDER)/pci_tree.c
$(eval $(call platform_test,route-q35,$(PLATFORM_TESTS)/route_q35_test.c $(ROUTE_SOURCES),$(B)/host/acpica/libacpica.a))
$(eval $(call platform_test,route-pc,$(PLATFORM_TESTS)/route_pc_test.c $(ROUTE_SOURCES),$(B)/host/acpica/libacpica.a))
$(eval $(call platform_test,tables,$(PLATFORM_TESTS)/tables_test.c $(ROUTE_SOURCES),$(B)/host/acpica/libacpica.a))
BOARD_SOURCES := $(PLATFORM_TESTS)/board.c $(filter-out $(PLATFORM_TESTS)/machine.c $(PLATFORM_TESTS)/route_machine.c,$(ROUTE_SOURCES))
$(eval $(call platform_test,boards,$(PLATFORM_TESTS)/boards_test.c $(BOARD_SOURCES),$(B)/host/acpica/libacpica.a))
$(B)/host/platform-route-q35 $(B)/host/platform-tables: | $(MACHINES)/q35.mem
$(B)/host/platform-route-pc: | $(MACHINES)/pc.mem
FILTER_SOURCES := $(PLATFORM_FOLDER)/pci_errors.c $(PLATFORM_FOLDER)/pci_function.c $(PLATFORM_FOLDER)/pci_bars.c $(PLATFORM_FOLDER)/pci_settings.c $(PLATFORM_FOLDER)/pci_tree.c $(PLATFORM_FOLDER)/pci_groups.c $(PLATFORM_FOLDER)/config_filter.c $(PLATFORM_FOLDER)/config_layout.c $(PLATFORM_TESTS)/fake_pci.c
$(eval $(call platform_test,filter,$(PLATFORM_TESTS)/filter_test.c $(PLATFORM_TESTS)/printed_log.c $(FILTER_SOURCES),))
SESSION_SOURCES := $(PLATFORM_TESTS)/fake_core.c $(PLATFORM_TESTS)/fake_server.c $(FILTER_SOURCES) \
	$(addprefix $(PLATFORM_FOLDER)/,device.c device_msi.c device_msix.c device_reset.c dma_untranslated.c pci_session.c pci_life.c pci_await.c pci_move.c pci_requests.c pci_faults.c dma_source.c bar_requests.c bar_place.c bar_room.c policy.c devices_session.c shared_line.c storms.c)
$(eval $(call platform_test,groups,$(PLATFORM_TESTS)/groups_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,session,$(PLATFORM_TESTS)/session_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,devices,$(PLATFORM_TESTS)/devices_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,shared-line,$(PLATFORM_TESTS)/shared_line_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,hostile,$(PLATFORM_TESTS)/hostile_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,reset,$(PLATFORM_TESTS)/reset_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,domain,$(PLATFORM_TESTS)/domain_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,slot,$(PLATFORM_TESTS)/slot_test.c $(PLATFORM_FOLDER)/pci_slot.c $(PLATFORM_FOLDER)/port_errors.c $(SESSION_SOURCES),))
$(eval $(call platform_test,card,$(PLATFORM_TESTS)/card_test.c $(PLATFORM_FOLDER)/pci_slot.c $(PLATFORM_FOLDER)/port_errors.c $(SESSION_SOURCES),))
$(eval $(call platform_test,death,$(PLATFORM_TESTS)/death_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,await,$(PLATFORM_TESTS)/await_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,move,$(PLATFORM_TESTS)/move_test.c $(SESSION_SOURCES),))
$(eval $(call platform_test,errors,$(PLATFORM_TESTS)/errors_test.c $(PLATFORM_FOLDER)/port_errors.c $(SESSION_SOURCES),))

$(eval $(call platform_test,dmar,$(PLATFORM_TESTS)/dmar_test.c $(PLATFORM_TESTS)/dmar_table.c $(FILTER_SOURCES) $(PLATFORM_TESTS)/fake_core.c $(PLATFORM_FOLDER)/dmar.c,))
$(eval $(call platform_test,dmar-boards,$(PLATFORM_TESTS)/dmar_boards_test.c $(PLATFORM_TESTS)/dmar_table.c $(FILTER_SOURCES) $(PLATFORM_TESTS)/fake_core.c $(PLATFORM_FOLDER)/dmar.c,))
$(eval $(call platform_test,ivrs,$(PLATFORM_TESTS)/ivrs_test.c $(PLATFORM_FOLDER)/ivrs.c,))
TRANSLATED_SOURCES := $(PLATFORM_TESTS)/fake_tables.c $(PLATFORM_TESTS)/iommu_support.c $(SESSION_SOURCES) \
	$(addprefix $(PLATFORM_FOLDER)/,dma_range.c dma_tables.c dma_translated.c)
VTD_SOURCES := $(PLATFORM_TESTS)/fake_vtd.c $(TRANSLATED_SOURCES) \
	$(addprefix $(PLATFORM_FOLDER)/,dmar.c dma_vtd.c vtd_unit.c vtd_faults.c vtd_remap.c vtd_start.c)
AMD_SOURCES := $(PLATFORM_TESTS)/fake_amd.c $(TRANSLATED_SOURCES) \
	$(addprefix $(PLATFORM_FOLDER)/,ivrs.c dma_amd.c amd_device.c amd_events.c amd_remap.c amd_start.c amd_unit.c)
$(eval $(call platform_test,vtd,$(PLATFORM_TESTS)/vtd_test.c $(VTD_SOURCES),))
$(eval $(call platform_test,amd,$(PLATFORM_TESTS)/amd_test.c $(AMD_SOURCES),))

# The service with its threads: fibers of the fake kernel (tests/fuzz/user).
THREADS_SOURCES := $(PLATFORM_TESTS)/threads_test.c $(PLATFORM_TESTS)/threads_hardware.c $(PLATFORM_TESTS)/fake_pci.c $(FAKE_KERNEL) $(RUNTIME) \
	$(addprefix $(PLATFORM_FOLDER)/,service.c serving.c turn.c alarm.c pci_life.c pci_await.c pci_move.c pci_slot.c port_errors.c slot_watch.c bar_place.c bar_room.c devices_session.c shared_line.c storms.c interrupt_watch.c pci_faults.c fault_watch.c dma_source.c pci_session.c pci_requests.c bar_requests.c policy.c device.c \
	device_msi.c device_msix.c device_reset.c dma_untranslated.c pci_groups.c pci_errors.c pci_function.c pci_bars.c pci_settings.c pci_tree.c config_filter.c config_layout.c)
THREADS_OBJECTS := $(patsubst %.c,$(B)/host/platform-threads.d/%.o,$(THREADS_SOURCES))
$(B)/host/platform-threads.d/%.o: %.c $(GEN) $(USER_FUZZ_CALLS)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(USER_FUZZ_CFLAGS) -Itests/fuzz -Ilib/purlin $(PLATFORM_TEST_FLAGS) $(WARNINGS) $(call supported,-Wno-clobbered) -c -o $@ $<
$(B)/host/platform-threads: $(THREADS_OBJECTS)
	$(call say,HOSTLD,$@)
	$(Q)$(CC) -fsanitize=address,undefined -Wl,--wrap=turn_take,--wrap=turn_give,--wrap=turn_pause -o $@ $^ -lcmocka
TESTS += $(B)/host/platform-threads
-include $(THREADS_OBJECTS:.o=.d)
