/* SPDX-License-Identifier: MIT */
/* Raw PCI configuration space: by ECAM where MCFG names it, else by ports CF8/CFC. */
#ifndef PLATFORM_PCI_CONFIG_H
#define PLATFORM_PCI_CONFIG_H

#include <stdint.h>

#define PCI_BDF(bus, device, function)                                       \
	((uint16_t)((unsigned int)(bus) << 8 | (unsigned int)(device) << 3 | \
		    (unsigned int)(function)))
#define PCI_BUS(bdf) ((unsigned int)(bdf) >> 8)
#define PCI_SLOT(bdf) (((unsigned int)(bdf) >> 3) & 31)
#define PCI_FUNCTION(bdf) ((unsigned int)(bdf)&7)

/* From now on, use this window for these buses (PCI Firmware 3.3, 4.1.2). */
void pci_config_use_ecam(uint64_t base, unsigned int first_bus, unsigned int last_bus);

/* Bytes of configuration space reachable on that bus: 4096 or 256. */
unsigned int pci_config_size(uint16_t bdf);

/* Size 1, 2 or 4. Out of reach, or not aligned: all ones, or no effect. */
uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size);
void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value);

#endif
