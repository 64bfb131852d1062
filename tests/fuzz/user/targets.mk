# SPDX-License-Identifier: MIT
# Fuzz targets of user level, and of what the kernel reads at boot. Servers run on a fake kernel
# (fake_*.c): the calls are declared instead of made, threads are fibers.

USER_FUZZ := tests/fuzz/user
USER_FUZZ_CALLS := $(FZ)/include/purlin/calls.h
$(USER_FUZZ_CALLS): $(GEN)
	$(call say,GEN,$@)
	@mkdir -p $(dir $@)
	$(Q)awk '/^static inline/ { sub(/^static inline /, ""); print $$0 ";"; skip = 1 } \
		!skip { print } /^}/ { skip = 0 }' $< | sed 's,"call_numbers.h","purlin/call_numbers.h",' > $@

.PHONY: fuzz-headers
fuzz-headers: $(USER_FUZZ_CALLS)

# What is found in place of the runtime's own headers; names of the C library that are to fail or
# to be looked at.
USER_FUZZ_CFLAGS := -iquote $(USER_FUZZ)/include -iquote $(FZ)/include -I. $(LIB_INCLUDES) -I$(USER_FUZZ)
USER_FUZZ_NAMES := -Dprintf=fake_printf -Dvprintf=fake_vprintf -Dcalloc=fake_calloc -Wno-ignored-attributes
FAKE_KERNEL := $(addprefix $(USER_FUZZ)/,fake_objects.c fake_devices.c fake_threads.c fake_slots.c)
RUNTIME := $(addprefix lib/purlin/,server.c rpc.c session.c resources.c memory_new.c lock.c lock_init.c status.c)

# $(eval $(call user_target,NAME,SOURCES,EXTRA-CFLAGS,EXTRA-LDFLAGS)): one that needs the calls.
define user_target
$(call objects,fuzz/$(1).d,$(2)) $(call objects,fuzz/fault/$(FAULT)/$(1).d,$(2)): $(USER_FUZZ_CALLS)
$(call fuzz_target,$(1),$(2),$(USER_FUZZ_CFLAGS) $(3),$(4))
endef
# $(call named,SOURCES): these with the names above.
named = $(foreach source,$(1),$(eval FUZZ_FLAGS_$(source) := $(USER_FUZZ_NAMES)))

FUZZ_SAYS_elf := programs and Linux images: the reader of lib/formats, for kernel, core and init, and the loader
FUZZ_RUN_elf := -max_len=600
$(eval $(call user_target,elf,$(USER_FUZZ)/elf.c lib/formats/elf.c lib/purlin/elf_load.c))

BOOT_FUZZ_CFLAGS := -I. $(LIB_INCLUDES) -I$(USER_FUZZ) -Ikernel -Ikernel/arch/x86_64
FUZZ_SAYS_archive := the boot bundle: the reader of lib/formats, for kernel, core and init
FUZZ_RUN_archive := -max_len=1500
$(eval $(call fuzz_target,archive,$(USER_FUZZ)/archive.c lib/formats/cpio.c,$(BOOT_FUZZ_CFLAGS)))
FUZZ_SAYS_boot-info := Multiboot2 and PVH, and the memory map made of what they say
FUZZ_RUN_boot-info := -max_len=1600
$(eval $(call fuzz_target,boot-info,$(USER_FUZZ)/boot_info.c $(addprefix kernel/arch/x86_64/boot/,multiboot2.c pvh.c) \
	kernel/base/memory_map.c,$(BOOT_FUZZ_CFLAGS)))
FUZZ_SAYS_acpi := static ACPI tables: the reader of the kernel
FUZZ_RUN_acpi := -max_len=1500
$(eval $(call fuzz_target,acpi,$(USER_FUZZ)/acpi.c kernel/arch/x86_64/boot/acpi.c,$(BOOT_FUZZ_CFLAGS)))

FUZZ_SAYS_description := system descriptions: what is accepted keeps what init and core rely on
FUZZ_RUN_description := -max_len=2000 -dict=$(USER_FUZZ)/description.dict
$(eval $(call user_target,description,$(USER_FUZZ)/description.c $(wildcard lib/description/*.c),,-lfdt))

CORE_FUZZ := $(filter-out core/module.mk,$(wildcard core/*.c))
FUZZ_SAYS_core := all of core: requests of init and of all sessions, in any order
FUZZ_RUN_core := -max_len=1200 -len_control=20
$(call named,$(CORE_FUZZ))
$(eval $(call user_target,core,$(USER_FUZZ)/core.c $(FAKE_KERNEL) $(CORE_FUZZ) \
	$(RUNTIME) lib/formats/cpio.c,-Icore -Ilib/purlin))

PLATFORM_FUZZ := $(addprefix drivers/platform/,service.c serving.c turn.c alarm.c pci_session.c pci_life.c pci_await.c pci_move.c pci_slot.c port_errors.c slot_watch.c bar_place.c bar_room.c pci_requests.c bar_requests.c policy.c devices_session.c shared_line.c storms.c interrupt_watch.c \
	device.c device_msi.c device_msix.c device_reset.c dma_source.c dma_untranslated.c fault_watch.c pci_faults.c config_filter.c config_layout.c pci_groups.c pci_errors.c pci_function.c pci_bars.c pci_settings.c pci_tree.c resource.c pin.c)
FUZZ_SAYS_pci := the PCI service: devices that answer with something else each time, several clients
FUZZ_RUN_pci := -max_len=600 -len_control=20
$(call named,$(PLATFORM_FUZZ))
$(eval $(call user_target,pci,$(USER_FUZZ)/pci.c $(USER_FUZZ)/pci_mover.c $(USER_FUZZ)/pci_space.c $(FAKE_KERNEL) $(PLATFORM_FUZZ) \
	$(RUNTIME),-Idrivers/platform -Ilib/purlin))

UART_FUZZ := $(wildcard drivers/uart/*.c)
FUZZ_SAYS_uart := the UART driver: requests, rings that change while they are read, slow chips
FUZZ_RUN_uart := -max_len=800 -len_control=20
$(call named,$(UART_FUZZ))
# Each load calls the target first, which may change what is about to be read.
FUZZ_FLAGS_drivers/uart/line.c += -fsanitize-coverage=trace-loads
$(eval $(call user_target,uart,$(USER_FUZZ)/uart.c $(FAKE_KERNEL) $(UART_FUZZ) \
	$(RUNTIME),-Idrivers/uart -Ilib/purlin))

VIRTIO_FUZZ := $(addprefix lib/virtio/,server.c chain.c client.c)
FUZZ_SAYS_virtio := both ends of a device session: garbage that changes while it is read, servers that end anywhere
FUZZ_RUN_virtio := -max_len=700 -len_control=20
$(foreach source,$(VIRTIO_FUZZ),$(eval FUZZ_FLAGS_$(source) := \
	-fsanitize-coverage=trace-loads -include $(USER_FUZZ)/virtio_step.h))
$(eval $(call fuzz_target,virtio,$(USER_FUZZ)/virtio.c $(VIRTIO_FUZZ),-I. $(LIB_INCLUDES) -I$(USER_FUZZ)))

SWITCH_FUZZ := $(addprefix servers/switch/,frames.c ports.c)
FUZZ_SAYS_switch := the switch: hostile clients beside honest ones, a switch that ends anywhere
FUZZ_RUN_switch := -max_len=600 -len_control=20
$(eval $(call fuzz_target,switch,$(USER_FUZZ)/switch.c $(SWITCH_FUZZ) $(VIRTIO_FUZZ) lib/purlin/serves_word.c,-I. $(LIB_INCLUDES) \
	-I$(USER_FUZZ)))

BROKER_FUZZ := $(wildcard servers/broker/*.c)
FUZZ_SAYS_broker := the broker between a Linux that offers anything and ends, and clients that lend anything
FUZZ_RUN_broker := -max_len=600 -len_control=20
$(call named,$(BROKER_FUZZ))
$(foreach source,$(BROKER_FUZZ),$(eval FUZZ_FLAGS_$(source) += -Ulinux -include $(USER_FUZZ)/broker_data.h))
$(eval $(call user_target,broker,$(addprefix $(USER_FUZZ)/,broker.c broker_lend.c broker_linux.c broker_model.c) $(FAKE_KERNEL) $(BROKER_FUZZ) \
	$(RUNTIME) $(addprefix lib/purlin/,serves.c serves_word.c) lib/virtio/session.c,\
	-iquote $(USER_FUZZ)/include_init -Iservers/broker -Ilib/purlin))

FUZZ_SAYS_partitions := partition tables, GPT and MBR: the reader of servers/partitions
FUZZ_RUN_partitions := -max_len=400 -len_control=20
$(eval $(call fuzz_target,partitions,$(USER_FUZZ)/partitions.c servers/partitions/partitions.c,-I. $(LIB_INCLUDES) -I$(USER_FUZZ)))

FUZZ_SAYS_block := requests of disks in memory and of partitions: clients that end, a disk that answers as it likes
FUZZ_RUN_block := -max_len=600 -len_control=20
$(eval $(call fuzz_target,block,$(USER_FUZZ)/block.c servers/partitions/jobs.c $(addprefix lib/virtio/,block.c chain.c client.c server.c),\
	-I. $(LIB_INCLUDES) -I$(USER_FUZZ)))

# ACPICA as it lies in the Linux tree, and what the platform component makes of it.
AML_FUZZ_ACPICA := $(addprefix $(ACPICA_FOLDER)/,$(addsuffix .c,$(ACPICA_NAMES)))
AML_FUZZ := $(addprefix drivers/platform/,interpreter/acpi.c interpreter/acpi_os.c interpreter/acpi_root.c interpreter/acpi_route.c \
	acpi_find.c acpi_madt.c pci_config.c pci_errors.c pci_function.c pci_bars.c pci_settings.c pci_tree.c)
$(foreach source,$(AML_FUZZ_ACPICA),$(eval FUZZ_FLAGS_$(source) := -fno-sanitize=undefined $(ACPICA_FLAGS)))
FUZZ_FLAGS_drivers/platform/interpreter/acpi_os.c += -Dmalloc=aml_allocate -Dfree=aml_free -include $(USER_FUZZ)/aml.h
FUZZ_SAYS_aml := the interpreter of AML in the platform component: damaged tables, programs that do anything
FUZZ_RUN_aml := -max_len=20000 -len_control=20 -detect_leaks=0 -dict=$(USER_FUZZ)/aml.dict
$(eval $(call fuzz_target,aml,$(USER_FUZZ)/aml.c $(USER_FUZZ)/aml_machine.c $(AML_FUZZ) $(AML_FUZZ_ACPICA),-I. \
	-Idrivers/platform -Ilib/include $(ACPICA_INCLUDES)))

FUZZ_SAYS_interpreter := requests and results of the interpreter of AML, which damaged tables turned into anything
FUZZ_RUN_interpreter := -max_len=3000 -len_control=20
INTERPRETER_FUZZ := $(addprefix drivers/platform/,acpi_remote.c acpi_find.c acpi_madt.c interpreter_serve.c pci_config.c)
$(foreach source,acpi_remote.c interpreter_serve.c,$(eval FUZZ_FLAGS_drivers/platform/$(source) := \
	-fsanitize-coverage=trace-loads))
$(eval $(call fuzz_target,interpreter,$(USER_FUZZ)/interpreter.c $(INTERPRETER_FUZZ),-I. $(LIB_INCLUDES) -Idrivers/platform))

FUZZ_SAYS_iommu-tables := DMAR and IVRS: which IOMMU is before which device, as firmware says it
FUZZ_RUN_iommu-tables := -max_len=1200 -len_control=20
$(eval $(call fuzz_target,iommu-tables,$(USER_FUZZ)/iommu_tables.c $(addprefix drivers/platform/,dmar.c ivrs.c pci_errors.c pci_function.c pci_bars.c pci_settings.c pci_tree.c),\
	-I. -Idrivers/platform))

FUZZ_SAYS_guest-tree := the device tree of a guest: libfdt reads what init wrote
FUZZ_RUN_guest-tree := -max_len=300
$(eval $(call user_target,guest-tree,$(USER_FUZZ)/guest_tree.c init/guest_tree.c init/tree.c lib/description/services.c,-Iinit,-lfdt))

INIT_FUZZ := $(addprefix init/,provision.c add.c admit.c on_device.c ask.c closing.c control.c device_sessions.c route.c route_lives.c session_table.c wait.c supervisor.c state.c report.c core_sessions.c create.c native.c ram_target.c \
	arch/x86_64/exceptions.c)
FUZZ_SAYS_init := the protocol of init: components that ask, announce and die, servers that answer with anything or never
FUZZ_RUN_init := -max_len=800 -len_control=20
$(call named,$(INIT_FUZZ))
$(eval $(call user_target,init,$(USER_FUZZ)/init.c $(FAKE_KERNEL) $(INIT_FUZZ) \
	$(RUNTIME) $(wildcard lib/description/*.c),-iquote $(USER_FUZZ)/include_init -Iinit -Ilib/purlin,-lfdt -Wl$(comma)--wrap=lock_acquire))
