/* SPDX-License-Identifier: MIT */
/* Bridges and root ports tell nobody of errors, and pass nothing on but their windows. */
#include "pci_errors.h"

#include "pci_config.h"
#include "pci_function.h"
#include "pci_registers.h"

static void clear_bits(uint16_t bdf, unsigned int offset, uint32_t bits)
{
	pci_config_write(bdf, offset, 2, pci_config_read(bdf, offset, 2) & ~bits);
}

void pci_errors_contain_nothing(uint16_t bridge)
{
	unsigned int offset = pci_extended_capability_find(bridge, XCAP_CONTAINMENT);

	if (!offset)
		return;
	clear_bits(bridge, offset + CONTAINMENT_CONTROL, CONTAINMENT_ON);
	pci_config_write(bridge, offset + CONTAINMENT_STATUS, 2, CONTAINMENT_CAME);
}

void pci_errors_quiet(uint16_t bridge, unsigned int root_port)
{
	clear_bits(bridge, CFG_BRIDGE_CONTROL, BRIDGE_SERR | BRIDGE_VGA);
	if (root_port)
		clear_bits(bridge, root_port + PCIE_ROOT_CONTROL, PCIE_ROOT_SYSTEM_ERRORS);
}
