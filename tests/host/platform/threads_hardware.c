/* SPDX-License-Identifier: MIT */
/* What the service's threads do to the machine: nothing, but only whose turn it is may do it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "drivers/platform/hardware.h"
#include "drivers/platform/pin.h"
#include "drivers/platform/resource.h"
#include "fake_kernel.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "threads_hardware.h"

unsigned int powered_off, pins;

uint64_t hardware_deadline(uint64_t nanoseconds)
{
	return nanoseconds;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	(void)physical;
	(void)size;
	return NULL;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

void *hardware_map_claimed(uint64_t memory, uint64_t pages)
{
	(void)memory;
	(void)pages;
	return NULL;
}

void hardware_unmap_claimed(void *address)
{
	(void)address;
}

void hardware_log(const char *format, ...)
{
	(void)format;
	check_turn();
}

void hardware_log_for(const char *source, const char *format, ...)
{
	(void)source;
	(void)format;
	check_turn();
}

bool acpi_route_find(const struct pci_function *function, struct route *route)
{
	*route = (struct route){ .gsi = 20, .level = true };
	return function->pin != 0;
}

void acpi_power_off(void)
{
	check_turn();
	powered_off++;
}

void acpi_reset_machine(void)
{
}

_Noreturn void component_panic(const char *format, ...)
{
	(void)format;
	FAIL("panic");
}

static purlin_s64 take(struct resource *resource)
{
	check_turn();
	resource->slot = slot_reserve();
	return purlin_signal_create(PURLIN_SLOT_ACCOUNT, resource->slot);
}

static void give_back(struct resource *resource)
{
	if (resource->slot) {
		check_turn();
		slot_delete(resource->slot);
	}
	resource->slot = 0;
}

unsigned int resource_processors(void)
{
	return 1;
}

purlin_s64 resource_claim_msi(struct resource *resource, unsigned int processor, bool wide,
			      purlin_u64 *address, purlin_u64 *data)
{
	(void)processor;
	(void)wide;
	*address = *data = 0;
	return take(resource);
}

purlin_s64 resource_claim_gsi(struct resource *resource, const struct route *route)
{
	(void)route;
	return take(resource);
}

purlin_s64 resource_claim_memory(struct resource *resource, uint64_t address, uint64_t pages)
{
	(void)address;
	(void)pages;
	return take(resource);
}

purlin_s64 resource_claim_ports(struct resource *resource, uint64_t first, uint64_t count)
{
	(void)first;
	(void)count;
	return take(resource);
}

purlin_s64 resource_new_ram(struct resource *resource, uint64_t pages)
{
	(void)pages;
	return take(resource);
}

purlin_s64 resource_copy(const struct resource *resource, purlin_u64 rights, purlin_u64 *slot)
{
	return slot_copy(resource->slot, rights, 0, slot);
}

void resource_irq_counts(const struct resource *resource, uint64_t *delivered, uint64_t *storms)
{
	(void)resource;
	*delivered = *storms = 0;
}

void resource_watcher_set(purlin_u64 signal)
{
	(void)signal;
}

purlin_s64 resource_bind_watcher(const struct resource *resource, purlin_u64 bits)
{
	(void)resource;
	(void)bits;
	check_turn();
	return PURLIN_OK;
}

void resource_watch(const struct resource *resource, purlin_u64 bits)
{
	(void)resource;
	(void)bits;
	check_turn();
}

purlin_s64 resource_new_irq(struct resource *resource, purlin_u64 bits)
{
	(void)bits;
	return take(resource);
}

void resource_release_soft_irq(struct resource *resource)
{
	give_back(resource);
}

void resource_raise(const struct resource *resource)
{
	(void)resource;
	check_turn();
}

void resource_ack(const struct resource *resource)
{
	(void)resource;
	check_turn();
}

bool resource_unacked(const struct resource *resource)
{
	(void)resource;
	check_turn();
	return false;
}

unsigned int hardware_memory(const struct purlin_memory_range **ranges)
{
	*ranges = NULL;
	return 0;
}

uint64_t hardware_time_ns(void)
{
	return 0;
}

void resource_notify(purlin_u64 signal)
{
	(void)signal;
}

void resource_forget(purlin_u64 signal)
{
	(void)signal;
}

void resource_release_irq(struct resource *resource)
{
	give_back(resource);
}

void resource_release_memory(struct resource *resource)
{
	give_back(resource);
}

void resource_release_ports(struct resource *resource)
{
	give_back(resource);
}

void resource_release_ram(struct resource *resource)
{
	give_back(resource);
}

purlin_s64 pin_take(struct pin *pin, purlin_u64 slot)
{
	check_turn();
	*pin = (struct pin){ .id = slot, .physical = slot << 20 };
	pins++;
	return PURLIN_OK;
}

void pin_release(struct pin *pin)
{
	check_turn();
	slot_delete(pin->id);
	pin->id = 0;
	pins--;
}
