/* SPDX-License-Identifier: MIT */
/* Raw PCI configuration space. Whoever uses it has the turn, so CF8 and CFC need no lock. */
#include "pci_config.h"

#include "hardware.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define BUSES 256
#define BUS_BYTES 0x100000u
#define FUNCTION_BYTES 0x1000u

static struct {
	uint64_t base[BUSES]; /* 0: ports only */
	volatile uint8_t *window[BUSES];
} ecam;

void pci_config_use_ecam(uint64_t base, unsigned int first_bus, unsigned int last_bus)
{
	for (unsigned int bus = first_bus; bus <= last_bus && bus < BUSES; bus++)
		ecam.base[bus] = base + (uint64_t)bus * BUS_BYTES;
}

/* The window of a bus is mapped at its first use; a machine has few buses. */
static volatile uint8_t *ecam_address(uint16_t bdf, unsigned int offset)
{
	unsigned int bus = PCI_BUS(bdf);

	if (!ecam.base[bus])
		return NULL;
	if (!ecam.window[bus])
		ecam.window[bus] = hardware_map(ecam.base[bus], BUS_BYTES);
	if (!ecam.window[bus]) {
		hardware_log("PCI: no access to the ECAM window of bus %u at 0x%llx", bus,
			     (unsigned long long)ecam.base[bus]);
		ecam.base[bus] = 0;
		return NULL;
	}
	return ecam.window[bus] + ((bdf & 0xffu) << 12) + offset;
}

unsigned int pci_config_size(uint16_t bdf)
{
	return ecam_address(bdf, 0) ? 4096 : 256;
}

/* PCI 3.0, 3.2.2.3.2. False: the ports do not reach there. */
static bool select_by_ports(uint16_t bdf, unsigned int offset)
{
	return offset < 256 &&
	       hardware_port_write(CONFIG_ADDRESS, 4,
				   0x80000000u | (uint32_t)bdf << 8 | (offset & 0xfcu));
}

/* AML asks for what it likes. What lies behind is another function, or nothing that is mapped. */
static bool within_function(unsigned int offset, unsigned int size)
{
	return offset < FUNCTION_BYTES && offset % size == 0;
}

uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	bool within = within_function(offset, size);
	volatile uint8_t *at = within ? ecam_address(bdf, offset) : NULL;
	uint32_t value = 0xffffffffu;

	if (at)
		value = size == 1 ? *at :
			size == 2 ? *(volatile uint16_t *)at :
				    *(volatile uint32_t *)at;
	else if (within && select_by_ports(bdf, offset))
		(void)hardware_port_read((uint16_t)(CONFIG_DATA + (offset & 3)), size, &value);
	return size == 4 ? value : value & ((1u << (size * 8)) - 1);
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	bool within = within_function(offset, size);
	volatile uint8_t *at = within ? ecam_address(bdf, offset) : NULL;

	if (!at) {
		if (within && select_by_ports(bdf, offset))
			(void)hardware_port_write((uint16_t)(CONFIG_DATA + (offset & 3)), size,
						  value);
	} else if (size == 1) {
		*at = (uint8_t)value;
	} else if (size == 2) {
		*(volatile uint16_t *)at = (uint16_t)value;
	} else {
		*(volatile uint32_t *)at = value;
	}
}
