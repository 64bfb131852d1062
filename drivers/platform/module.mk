# SPDX-License-Identifier: MIT
# The platform component. It brings the interpreter along, a program of its own with ACPICA
# (acpica/module.mk).

INTERPRETER_SOURCES := $(sort $(wildcard drivers/platform/interpreter/*.c)) \
	$(addprefix drivers/platform/,acpi_find.c pci_errors.c pci_function.c pci_bars.c pci_settings.c pci_tree.c)
INTERPRETER_CFLAGS := -Idrivers/platform -Idrivers/platform/acpica -isystem $(B)/linux/6.12/include
$(eval $(call component,interpreter,$(INTERPRETER_SOURCES),$(INTERPRETER_CFLAGS),$(B)/components/acpica/libacpica.a))

INTERPRETER_IMAGE := $(B)/components/interpreter.d/image
$(INTERPRETER_IMAGE).o: $(B)/components/interpreter
	@mkdir -p $(INTERPRETER_IMAGE)
	$(Q)objcopy --strip-all $< $(INTERPRETER_IMAGE)/interpreter
	$(Q)cd $(INTERPRETER_IMAGE) && ld -r -b binary -z noexecstack -o ../image.data interpreter
	$(Q)objcopy --rename-section .data=.rodata,alloc,load,readonly,data,contents \
		--set-section-alignment .data=16 $(INTERPRETER_IMAGE).data $@

PLATFORM_SOURCES := $(sort $(wildcard drivers/platform/*.c))
PLATFORM_CFLAGS := -Idrivers/platform
PLATFORM_LIBRARIES := $(INTERPRETER_IMAGE).o
$(eval $(call component,platform,$(PLATFORM_SOURCES),$(PLATFORM_CFLAGS),$(PLATFORM_LIBRARIES)))
