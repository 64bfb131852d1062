# SPDX-License-Identifier: MIT
# libacpica.a: the ACPI interpreter, compiled as it lies in the Linux tree; acpi/platform/aclinux.h
# here is its environment. The debugger and what only ACPICA's own tools use stay out.

ACPICA_TREE := $(B)/linux/6.12
ACPICA_FOLDER := $(ACPICA_TREE)/drivers/acpi/acpica
ACPICA_INCLUDES := -Idrivers/platform/acpica -isystem $(ACPICA_TREE)/include
ACPICA_UNUSED := acapps db% hwtimer nsdumpdv rsdump utprint uttrack utuuid
ACPICA_NAMES := $(sort $(filter-out $(ACPICA_UNUSED),$(basename $(notdir $(wildcard $(ACPICA_FOLDER)/*.c)))))
ACPICA_FLAGS := -w -fno-strict-aliasing $(ACPICA_INCLUDES) -I$(ACPICA_FOLDER)
ACPICA_ENVIRONMENT := $(wildcard drivers/platform/acpica/*/*.h drivers/platform/acpica/*/*/*.h)

# $(eval $(call acpica,FOLDER,LIBRARY,COMPILER-FLAGS))
define acpica
$(1)/%.o: $(ACPICA_FOLDER)/%.c $(ACPICA_ENVIRONMENT)
	$$(call say,CC,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $(3) $(ACPICA_FLAGS) -c -o $$@ $$<
$(2): $(patsubst %,$(1)/%.o,$(ACPICA_NAMES))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef

$(eval $(call acpica,$(B)/components/acpica,$(B)/components/acpica/libacpica.a,\
	$(filter-out -MMD -MP,$(FREESTANDING)) -mno-red-zone -fno-pie -Ilib/c/include))
$(eval $(call acpica,$(B)/host/acpica,$(B)/host/acpica/libacpica.a,-std=gnu17 -O1 -g))
