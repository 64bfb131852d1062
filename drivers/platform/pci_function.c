/* SPDX-License-Identifier: MIT */
/* A function's lines in the log, and its lists of capabilities. */
#include "pci_function.h"

#include <stdio.h>
#include <string.h>

#include "hardware.h"
#include "label.h"
#include "pci_config.h"
#include "pci_registers.h"

void pci_function_log(const struct pci_function *function, const char *text)
{
	char source[16];

	snprintf(source, sizeof(source), "PCI %02x:%02x.%x", PCI_BUS(function->bdf) & 0xffu,
		 PCI_SLOT(function->bdf), PCI_FUNCTION(function->bdf));
	hardware_log_for(source, "%s (%04x:%04x): %s", source, function->vendor, function->device,
			 text);
}

/* Who has it now is who was to have it: nobody else is asked to give it back. */
void pci_function_owned(struct pci_function *function, const void *owner)
{
	function->owner = owner;
	function->arrived = false;
	if (owner)
		function->moving = false;
}

void pci_function_refuse(struct pci_function *function, const char *client, const char *reason)
{
	strncpy(function->refused.client, client, sizeof(function->refused.client) - 1);
	function->refused.reason = reason;
}

void pci_function_had(struct pci_function *function, const char *label)
{
	size_t length = strcspn(label, "/");

	memset(function->kept_by, 0, sizeof(function->kept_by));
	if (!function->fresh && length < sizeof(function->kept_by))
		memcpy(function->kept_by, label, length);
}

/* Whether it is the name of a component, and not that of the label's. */
static bool is_another(const char *name, const char *label)
{
	return name[0] && !label_is_of(label, name);
}

bool pci_function_kept_from(const struct pci_function *function, const char *label)
{
	return is_another(function->kept_by, label);
}

bool pci_function_reserved_from(const struct pci_function *function, const char *label)
{
	return is_another(function->reserved_for, label);
}

/*
 * A device could answer with a list that never ends, or that leads into the header: both ends are
 * bounded here, so that no caller has to.
 */
unsigned int pci_capability_next(uint16_t bdf, unsigned int offset, unsigned int *steps)
{
	unsigned int next;

	if (!offset && !(pci_config_read(bdf, CFG_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	next = pci_config_read(bdf, offset ? offset + 1 : CFG_CAPABILITIES, 1) & 0xfcu;
	if (next < CFG_HEADER_END || ++*steps > (CFG_EXTENDED - CFG_HEADER_END) / 4)
		return 0;
	return next;
}

unsigned int pci_extended_capability_next(uint16_t bdf, unsigned int offset, unsigned int *steps)
{
	unsigned int next = CFG_EXTENDED;
	uint32_t header;

	if (pci_config_size(bdf) <= CFG_EXTENDED)
		return 0;
	if (offset)
		next = (pci_config_read(bdf, offset, 4) >> 20) & 0xffcu;
	if (next < CFG_EXTENDED || ++*steps > (4096 - CFG_EXTENDED) / 8)
		return 0;
	header = pci_config_read(bdf, next, 4);
	return header == 0 || header == 0xffffffffu ? 0 : next;
}

unsigned int pci_extended_capability_find(uint16_t bdf, unsigned int id)
{
	unsigned int offset = 0, steps = 0;

	while ((offset = pci_extended_capability_next(bdf, offset, &steps)) != 0)
		if (pci_config_read(bdf, offset, 2) == id)
			break;
	return offset;
}
