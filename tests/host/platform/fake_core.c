/* SPDX-License-Identifier: MIT */
/* What the platform claims from core and the kernel, for host tests. */
#include "fake_core.h"

#include <stdio.h>
#include <string.h>

#include "drivers/platform/claims.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pin.h"
#include "drivers/platform/turn.h"

uint32_t fake_msix_table[1024];
uint64_t fake_mapped;
struct route fake_route;
char fake_events[256];
char fake_log[4096];
void (*fake_on_event)(char event);
void (*fake_on_sleep)(void);

static purlin_u64 next_slot = 100;

void fake_core_clear(void)
{
	memset(fake_msix_table, 0, sizeof(fake_msix_table));
	fake_route = (struct route){ .gsi = 20, .level = true };
	fake_events[0] = 0;
	fake_log[0] = 0;
	fake_on_event = NULL;
	fake_on_sleep = NULL;
	fake_mapped = 0;
}

static void event(char letter)
{
	size_t length = strlen(fake_events);

	if (fake_on_event)
		fake_on_event(letter);
	if (length + 1 < sizeof(fake_events)) {
		fake_events[length] = letter;
		fake_events[length + 1] = 0;
	}
}

static purlin_s64 take(struct claim *claim, char letter)
{
	event(letter);
	claim->slot = next_slot++;
	return PURLIN_OK;
}

static void give_back(struct claim *claim, char letter)
{
	if (claim->slot)
		event(letter);
	claim->slot = 0;
}

purlin_s64 claim_msi(struct claim *claim, unsigned int processor, purlin_u64 *address,
		     purlin_u64 *data)
{
	(void)processor;
	*address = 0xfee00000;
	*data = 0x40 + next_slot % 64;
	return take(claim, 'M');
}

purlin_s64 claim_gsi(struct claim *claim, const struct route *route)
{
	(void)route;
	return take(claim, 'G');
}

purlin_s64 claim_memory(struct claim *claim, uint64_t address, uint64_t pages)
{
	(void)address;
	(void)pages;
	return take(claim, 'I');
}

purlin_s64 claim_ports(struct claim *claim, uint64_t first, uint64_t count)
{
	(void)first;
	(void)count;
	return take(claim, 'P');
}

purlin_s64 claim_ram(struct claim *claim, uint64_t pages)
{
	(void)pages;
	return take(claim, 'R');
}

purlin_s64 claim_copy(const struct claim *claim, purlin_u64 rights, purlin_u64 *slot)
{
	(void)rights;
	*slot = claim->slot + 1000;
	return PURLIN_OK;
}

void claim_release_irq(struct claim *claim)
{
	give_back(claim, 'g');
}

void claim_release_memory(struct claim *claim)
{
	give_back(claim, 'i');
}

void claim_release_ports(struct claim *claim)
{
	give_back(claim, 'p');
}

void claim_release_ram(struct claim *claim)
{
	give_back(claim, 'r');
}

/* Slots below 10 hold memory that is not contiguous. */
purlin_s64 pin_take(struct pin *pin, purlin_u64 slot)
{
	event('A');
	pin->slot = slot;
	pin->physical = slot < 10 ? PIN_SCATTERED : slot << 20;
	return PURLIN_OK;
}

void pin_release(struct pin *pin)
{
	event('a');
	pin->slot = 0;
}

bool acpi_route_find(const struct pci_function *function, struct route *route)
{
	*route = fake_route;
	return function->pin != 0;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	fake_mapped = physical;
	return size <= sizeof(fake_msix_table) ? fake_msix_table : NULL;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

void turn_pause(uint64_t nanoseconds)
{
	(void)nanoseconds;
	if (fake_on_sleep)
		fake_on_sleep();
}

void hardware_log(const char *format, ...)
{
	size_t length = strlen(fake_log);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fake_log + length, sizeof(fake_log) - length, format, arguments);
	va_end(arguments);
}

void hardware_log_for(const char *source, const char *format, ...)
{
	size_t length = strlen(fake_log);
	va_list arguments;

	(void)source;
	va_start(arguments, format);
	vsnprintf(fake_log + length, sizeof(fake_log) - length, format, arguments);
	va_end(arguments);
}
