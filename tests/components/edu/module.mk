# SPDX-License-Identifier: MIT
# Test component: PCI, interrupts and DMA with QEMU's edu device (scenario edu).

$(eval $(call component,edu-test,tests/components/edu/edu.c tests/components/edu/main.c,-Itests/components/edu,))
# With the same device, scenario storm.
$(eval $(call component,edu-attack,tests/components/check.c tests/components/edu/edu.c tests/components/edu/attack.c,-Itests/components/edu -DATTACK_TOLD=1,))
$(eval $(call component,edu-attack-untold,tests/components/check.c tests/components/edu/edu.c tests/components/edu/attack.c,-Itests/components/edu -DATTACK_TOLD=0,))
$(eval $(call component,storm,tests/components/check.c tests/components/edu/edu.c tests/components/storm/main.c,-Itests/components/edu,))
