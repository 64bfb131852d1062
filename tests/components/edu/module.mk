# SPDX-License-Identifier: MIT
# Test component: PCI, interrupts and DMA with QEMU's edu device (scenario edu).

$(eval $(call component,edu-test,tests/components/edu/edu.c tests/components/edu/main.c,-Itests/components/edu,))
# With the same device, scenario storm.
$(eval $(call component,edu-attack,tests/components/check.c tests/components/edu/edu.c tests/components/edu/attack.c \
	tests/components/edu/attack_neighbour.c,-Itests/components/edu -DATTACK_TOLD=1 -DATTACK_FORGES=0,))
$(eval $(call component,edu-attack-untold,tests/components/check.c tests/components/edu/edu.c tests/components/edu/attack.c \
	tests/components/edu/attack_neighbour.c,-Itests/components/edu -DATTACK_TOLD=0 -DATTACK_FORGES=0,))
$(eval $(call component,edu-attack-forging,tests/components/check.c tests/components/edu/edu.c tests/components/edu/attack.c \
	tests/components/edu/attack_neighbour.c,-Itests/components/edu -DATTACK_TOLD=0 -DATTACK_FORGES=1,))
$(eval $(call component,edu-attacked,$(addprefix tests/components/,edu/edu.c edu/attacked.c shared-line/line.c),,))
$(eval $(call component,platform-open,$(PLATFORM_SOURCES) tests/components/edu/open_platform.c,$(PLATFORM_CFLAGS),\
	$(PLATFORM_LIBRARIES),$(addprefix -Wl$(comma)--wrap=,config_filter_write vtd_flush_domain amd_flush_domain)))
# With the same device, scenario storm.
$(eval $(call component,storm,tests/components/check.c tests/components/edu/edu.c tests/components/storm/main.c,-Itests/components/edu,))
