/* SPDX-License-Identifier: MIT */
/* What the platform claims from core and the kernel, for host tests. */
#include "fake_core.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/resource.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pin.h"
#include "session/irq.h"

_Alignas(4096) uint32_t fake_msix_table[0x8000 / 4];
uint64_t fake_mapped;
uint64_t fake_pin_pages;
unsigned int fake_processors;
uint32_t fake_apic_id;
bool fake_wide;
struct purlin_memory_range fake_memory[2];
unsigned int fake_memory_ranges;
purlin_s64 fake_refusal;
struct route fake_route;
char fake_events[256];
char fake_log[4096];
void (*fake_on_event)(char event);
void (*fake_on_sleep)(void);

unsigned int fake_raised[FAKE_SLOTS], fake_acked[FAKE_SLOTS];
bool fake_unacked[FAKE_SLOTS];
uint64_t fake_storms[FAKE_SLOTS], fake_now;

static purlin_u64 next_slot = 100;

void fake_core_clear(void)
{
	memset(fake_msix_table, 0, sizeof(fake_msix_table));
	fake_route = (struct route){ .gsi = 20, .level = true };
	memset(fake_raised, 0, sizeof(fake_raised));
	memset(fake_acked, 0, sizeof(fake_acked));
	memset(fake_unacked, 0, sizeof(fake_unacked));
	memset(fake_storms, 0, sizeof(fake_storms));
	fake_now = 1000000000;
	next_slot = 100;
	fake_memory_ranges = 0;
	fake_events[0] = 0;
	fake_log[0] = 0;
	fake_on_event = NULL;
	fake_on_sleep = NULL;
	fake_mapped = 0;
	fake_pin_pages = 256;
	fake_processors = 2;
	fake_apic_id = 0;
	fake_wide = false;
	fake_refusal = PURLIN_OK;
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

static purlin_s64 take(struct resource *resource, char letter)
{
	if (fake_refusal)
		return fake_refusal;
	event(letter);
	resource->slot = next_slot++;
	return PURLIN_OK;
}

static void give_back(struct resource *resource, char letter)
{
	if (resource->slot)
		event(letter);
	resource->slot = 0;
}

unsigned int resource_processors(void)
{
	return fake_processors;
}

purlin_s64 resource_claim_msi(struct resource *resource, unsigned int processor, bool wide,
			      purlin_u64 *address, purlin_u64 *data)
{
	(void)processor;
	if (fake_apic_id > 0xff && !wide)
		return PURLIN_NO_DEVICE;
	*address = 0xfee00000 | (uint64_t)(fake_apic_id & 0xff) << 12 |
		   (uint64_t)(fake_apic_id >> 8) << 40;
	*data = 0x40 + next_slot % 64;
	return take(resource, 'M');
}

purlin_s64 resource_line_destination(uint32_t gsi, uint64_t *destination)
{
	*destination = 0x21 | (fake_wide ? IRQ_REMAP_WIDE : 0);
	return gsi % 24 ? PURLIN_NO_DEVICE : PURLIN_OK;
}

purlin_s64 resource_remap_lines(uint32_t gsi, unsigned int entry)
{
	event((char)('0' + entry / 512));
	return gsi % 24 ? PURLIN_NO_DEVICE : PURLIN_OK;
}

purlin_s64 resource_claim_gsi(struct resource *resource, const struct route *route)
{
	(void)route;
	return take(resource, 'G');
}

purlin_s64 resource_claim_memory(struct resource *resource, uint64_t address, uint64_t pages)
{
	(void)address;
	(void)pages;
	return take(resource, 'I');
}

purlin_s64 resource_claim_ports(struct resource *resource, uint64_t first, uint64_t count)
{
	(void)first;
	(void)count;
	return take(resource, 'P');
}

purlin_s64 resource_new_ram(struct resource *resource, uint64_t pages)
{
	(void)pages;
	return take(resource, 'R');
}

purlin_s64 resource_copy(const struct resource *resource, purlin_u64 rights, purlin_u64 *slot)
{
	(void)rights;
	*slot = resource->slot + 1000;
	return PURLIN_OK;
}

purlin_s64 resource_bind(const struct resource *resource, purlin_u64 signal)
{
	(void)resource;
	(void)signal;
	return PURLIN_OK;
}

void resource_irq_counts(const struct resource *resource, uint64_t *delivered, uint64_t *storms)
{
	*delivered = resource->slot;
	*storms = fake_storms[resource->slot];
}

void resource_watcher_set(purlin_u64 signal)
{
	(void)signal;
}

purlin_s64 resource_bind_watcher(const struct resource *resource, purlin_u64 bits)
{
	(void)resource;
	(void)bits;
	return PURLIN_OK;
}

void resource_watch(const struct resource *resource, purlin_u64 bits)
{
	(void)resource;
	(void)bits;
}

purlin_s64 resource_new_irq(struct resource *resource, purlin_u64 bits)
{
	(void)bits;
	return take(resource, 'S');
}

void resource_release_soft_irq(struct resource *resource)
{
	give_back(resource, 's');
}

void resource_raise(const struct resource *resource)
{
	fake_raised[resource->slot]++;
	fake_unacked[resource->slot] = true;
}

void resource_ack(const struct resource *resource)
{
	fake_acked[resource->slot]++;
}

bool resource_unacked(const struct resource *resource)
{
	return fake_unacked[resource->slot];
}

/* fake_tables.c has a time that passes. */
__attribute__((weak)) uint64_t hardware_time_ns(void)
{
	return fake_now;
}

void resource_notify(purlin_u64 signal)
{
	if (signal)
		event('N');
}

void resource_forget(purlin_u64 signal)
{
	if (signal)
		event('n');
}

void resource_release_irq(struct resource *resource)
{
	give_back(resource, 'g');
}

void resource_release_memory(struct resource *resource)
{
	give_back(resource, 'i');
}

void resource_release_ports(struct resource *resource)
{
	give_back(resource, 'p');
}

void resource_release_ram(struct resource *resource)
{
	give_back(resource, 'r');
}

/* Slots below 10 hold memory that is not contiguous. */
purlin_s64 pin_take(struct pin *pin, purlin_u64 slot)
{
	event('A');
	pin->id = slot;
	pin->physical = slot < 10 ? PIN_SCATTERED : slot << 20;
	pin->pages = fake_pin_pages;
	pin->writable = slot % 2 == 0;
	return PURLIN_OK;
}

void pin_release(struct pin *pin)
{
	event('a');
	pin->id = 0;
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

void *hardware_map_claimed(uint64_t memory, uint64_t pages)
{
	(void)memory;
	event('O');
	return pages * 4096 <= sizeof(fake_msix_table) ? fake_msix_table : NULL;
}

void hardware_unmap_claimed(void *address)
{
	assert_ptr_equal(address, fake_msix_table);
	event('o');
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

unsigned int hardware_memory(const struct purlin_memory_range **ranges)
{
	*ranges = fake_memory;
	return fake_memory_ranges;
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
