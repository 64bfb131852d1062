/* SPDX-License-Identifier: MIT */
/*
 * Faults made for the test: a platform component that lets clients write BARs, and unpins memory
 * without having the IOMMU forget it.
 */
#include "amd_unit.h"
#include "config_filter.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "vtd_unit.h"

unsigned int __real_config_filter_write(struct config_filter *filter, unsigned int offset,
					unsigned int size, uint32_t value);
unsigned int __wrap_config_filter_write(struct config_filter *filter, unsigned int offset,
					unsigned int size, uint32_t value);
bool __wrap_vtd_flush_domain(struct vtd_unit *unit, uint16_t domain);
bool __wrap_amd_flush_domain(struct amd_unit *unit, uint16_t number);

unsigned int __wrap_config_filter_write(struct config_filter *filter, unsigned int offset,
					unsigned int size, uint32_t value)
{
	if (offset >= CFG_BAR && offset < CFG_BAR + 4 * PCI_BARS)
		pci_config_write(filter->function->bdf, offset, size, value);
	return __real_config_filter_write(filter, offset, size, value);
}

bool __wrap_vtd_flush_domain(struct vtd_unit *unit, uint16_t domain)
{
	(void)unit;
	(void)domain;
	return true;
}

bool __wrap_amd_flush_domain(struct amd_unit *unit, uint16_t number)
{
	(void)unit;
	(void)number;
	return true;
}
