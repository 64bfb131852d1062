# SPDX-License-Identifier: MIT
# Test component: PCI, interrupts and DMA with QEMU's edu device (scenario edu).

$(eval $(call component,edu-test,$(sort $(wildcard tests/components/edu/*.c)),-Itests/components/edu,))
