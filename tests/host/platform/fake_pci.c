/* SPDX-License-Identifier: MIT */
/* PCI functions for host tests. */
#include "fake_pci.h"

#include <string.h>

#include "drivers/platform/pci_config.h"

static struct fake_function functions[64];
static unsigned int count;

void (*fake_on_access)(void);

void fake_pci_clear(void)
{
	fake_on_access = NULL;
	count = 0;
}

struct fake_function *fake_pci_add(uint16_t bdf, uint16_t vendor, uint16_t device,
				   uint32_t class_code)
{
	struct fake_function *function = &functions[count++];

	memset(function, 0, sizeof(*function));
	function->bdf = bdf;
	fake_set(function, 0, 4, (uint32_t)device << 16 | vendor, 0, 0);
	fake_set(function, 4, 2, 0, 0xffff, 0);
	fake_set(function, 6, 2, 0, 0, 0xf900);
	fake_set(function, 8, 4, class_code << 8 | 1, 0, 0);
	fake_set(function, 0x0c, 2, 0, 0xffff, 0);
	fake_set(function, 0x3c, 1, 0x0b, 0xff, 0);
	return function;
}

void fake_set(struct fake_function *function, unsigned int offset, unsigned int size,
	      uint32_t value, uint32_t writable, uint32_t clearable)
{
	memcpy(function->value + offset, &value, size);
	memcpy(function->writable + offset, &writable, size);
	memcpy(function->clearable + offset, &clearable, size);
}

uint32_t fake_get(const struct fake_function *function, unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, function->value + offset, size);
	return value;
}

void fake_capability(struct fake_function *function, unsigned int offset, unsigned int id)
{
	unsigned int pointer = 0x34;

	function->value[6] |= 0x10;
	while (function->value[pointer])
		pointer = function->value[pointer] + 1u;
	function->value[pointer] = (uint8_t)offset;
	function->value[offset] = (uint8_t)id;
	function->value[offset + 1] = 0;
}

void fake_extended_capability(struct fake_function *function, unsigned int offset, unsigned int id)
{
	unsigned int last = 0x100;

	fake_set(function, offset, 4, 1u << 16 | id, 0, 0);
	if (offset == 0x100)
		return;
	while (fake_get(function, last, 4) >> 20)
		last = fake_get(function, last, 4) >> 20;
	fake_set(function, last, 4, (fake_get(function, last, 4) & 0xfffff) | offset << 20, 0, 0);
}

static struct fake_function *find(uint16_t bdf)
{
	if (fake_on_access)
		fake_on_access();
	for (unsigned int i = 0; i < count; i++)
		if (functions[i].bdf == bdf)
			return &functions[i];
	return NULL;
}

unsigned int pci_config_size(uint16_t bdf)
{
	(void)bdf;
	return 4096;
}

uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	struct fake_function *function = find(bdf);

	if (function && !function->absent_reads)
		return fake_get(function, offset, size);
	if (function)
		function->absent_reads--;
	return 0xffffffffu >> (32 - size * 8);
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	struct fake_function *function = find(bdf);

	for (unsigned int i = 0; function && i < size; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));
		uint8_t *at = &function->value[offset + i];
		uint8_t writable = function->writable[offset + i];

		*at = (uint8_t)((*at & ~writable) | (byte & writable));
		*at = (uint8_t)(*at & ~(byte & function->clearable[offset + i]));
	}
	if (function && function->written)
		function->written(function, offset);
}
