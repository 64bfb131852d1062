// SPDX-License-Identifier: MIT
/* A machine of variables: processors, time, interrupts, ports, memory. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/pages.h"
#include "base/string.h"
#include "debug/console.h"
#include "debug/log.h"
#include "host.h"
#include "object/irq.h"

#include <sanitizer/asan_interface.h>

struct host host;

static char *memory;
static uint64_t bitmap[HOST_MEMORY_PAGES / 64];

void host_reset(void)
{
	const size_t bytes = HOST_MEMORY_PAGES * PAGE_SIZE;

	if (!memory) {
		memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
		if (memory == MAP_FAILED)
			abort();
	}
	/* What was freed is poisoned already: nothing to do when all of it is. */
	if (pages_available() != HOST_MEMORY_PAGES - 1)
		__asan_poison_memory_region(memory, bytes);
	memset(&host, 0, sizeof(host));
	for (unsigned int i = 0; i < HOST_CPUS; i++)
		host.timer[i] = ~0ull;
	pages_init(bitmap, HOST_MEMORY_PAGES);
	/* Page 0 stays out: it is at 0, which no test should meet by accident. */
	pages_add((struct physical){ PAGE_SIZE }, HOST_MEMORY_PAGES - 1);
}

unsigned int arch_cpu_id(void)
{
	return host.cpu;
}

unsigned int arch_cpu_count(void)
{
	return HOST_CPUS;
}

struct thread *arch_current(void)
{
	return host.current;
}

void *arch_physical_to_kernel(struct physical address)
{
	return memory + address.value;
}

struct physical arch_kernel_to_physical(const void *address)
{
	return (struct physical){ (uint64_t)((const char *)address - memory) };
}

/* One at a time: an interrupt may wait after each. */
uint64_t arch_pages_zero(struct physical first, uint64_t pages)
{
	const char *page = arch_physical_to_kernel(first);

	for (size_t i = 0; i < PAGE_SIZE; i++)
		if (page[i])
			return 0;
	return pages ? 1 : 0;
}

void arch_pause(void)
{
	/* Without anybody to wait for this would never end. */
	kernel_assert(host.paused);
	host.paused();
}

uint64_t arch_time(void)
{
	return host.time;
}

uint64_t arch_time_hz(void)
{
	return HOST_TIME_HZ;
}

void arch_timer_arm(uint64_t deadline)
{
	host.timer[host.cpu] = deadline;
}

void arch_reschedule(unsigned int cpu)
{
	host.rescheduled |= 1ull << cpu;
}

/*
 * Where the kernel looked and found that an interrupt waits, as places in the program. With
 * HOST_INTERRUPTED in the environment the program tells them at its end.
 */
#define PLACES_MOST 128
extern const char __executable_start[]; /* by the linker */
static uint64_t interrupted_at[PLACES_MOST];

static void interrupted_tell(void)
{
	for (unsigned int i = 0; i < PLACES_MOST && interrupted_at[i]; i++)
		fprintf(stderr, "interrupted 0x%lx\n", interrupted_at[i]);
}

static void interrupted_note(uint64_t place)
{
	unsigned int i = 0;

	while (i < PLACES_MOST - 1 && interrupted_at[i] && interrupted_at[i] != place)
		i++;
	if (!interrupted_at[0] && getenv("HOST_INTERRUPTED"))
		(void)atexit(interrupted_tell);
	interrupted_at[i] = place;
}

bool arch_preemption_pending(void)
{
	bool pending = host.preempt_every && ++host.preempt_count % host.preempt_every == 0;

	/* Of the call itself, in front of where it returns to. */
	if (pending)
		interrupted_note((uintptr_t)__builtin_return_address(0) - 1 -
				 (uintptr_t)__executable_start);
	return pending;
}

status arch_irq_gsi_claim(struct irq *irq, uint32_t gsi, uint32_t flags)
{
	if (gsi >= HOST_GSIS)
		return PURLIN_NO_DEVICE;
	if (host.gsi[gsi].irq)
		return PURLIN_BUSY;
	host.gsi[gsi] = (struct host_line){ .irq = irq, .masked = true, .flags = flags };
	return PURLIN_OK;
}

void arch_irq_gsi_release(struct irq *irq, uint32_t gsi)
{
	kernel_assert(host.gsi[gsi].irq == irq && host.gsi[gsi].masked);
	host.gsi[gsi].irq = NULL;
}

void arch_irq_gsi_mask(uint32_t gsi, bool masked)
{
	kernel_assert(host.gsi[gsi].irq);
	host.gsi[gsi].masked = masked;
}

status arch_irq_remap(uint32_t gsi, uint64_t entry, uint64_t *destination)
{
	if (gsi)
		return PURLIN_NO_DEVICE;
	if (entry != IRQ_REMAP_NOTHING)
		host.remapped_at = entry;
	*destination = 0;
	return PURLIN_OK;
}

status arch_irq_msi_claim(struct irq *irq, unsigned int cpu, uint64_t *address, uint64_t *data)
{
	for (unsigned int i = 0; i < HOST_MSIS; i++) {
		if (host.msi[i])
			continue;
		host.msi[i] = irq;
		*address = 0xfee00000ull | cpu << 12;
		*data = i;
		return PURLIN_OK;
	}
	return PURLIN_NO_DEVICE;
}

void arch_irq_msi_release(struct irq *irq, uint64_t address, uint64_t data)
{
	kernel_assert(address && host.msi[data] == irq);
	host.msi[data] = NULL;
}

bool host_gsi_fire(uint32_t gsi)
{
	struct host_line *line = &host.gsi[gsi];

	if (!line->irq || line->masked)
		return false;
	if (line->flags & PURLIN_IRQ_LEVEL)
		line->masked = true;
	irq_interrupt(line->irq);
	return true;
}

void host_msi_fire(unsigned int index)
{
	if (host.msi[index])
		irq_interrupt(host.msi[index]);
}

uint32_t arch_port_in(uint16_t port, unsigned int size)
{
	return size == 4 ? host.port[port] : host.port[port] & ((1u << size * 8) - 1);
}

void arch_port_out(uint16_t port, unsigned int size, uint32_t value)
{
	host.port[port] = size == 4 ? value : value & ((1u << size * 8) - 1);
}

bool arch_port_reserved(uint16_t first, uint32_t count)
{
	return first <= HOST_RESERVED_PORT && first + count > HOST_RESERVED_PORT;
}

bool arch_physical_reserved(struct physical base, uint64_t pages)
{
	return base.value <= HOST_RESERVED_PHYSICAL &&
	       base.value + pages * PAGE_SIZE > HOST_RESERVED_PHYSICAL;
}

void arch_system_reset(void)
{
	host.resets++;
}

void arch_console_init(void)
{
}

/* The kernel's log, for who wants to see it. */
void arch_console_write(char character)
{
	if (getenv("KERNEL_LOG"))
		fputc(character, stderr);
}

bool arch_console_ready(void)
{
	host.console_asked++;
	return !host.console_busy;
}

void arch_console_put(char character)
{
	host.console_bytes++;
	arch_console_write(character);
}

void arch_debugcon_write(char character)
{
	(void)character;
}

_Noreturn void panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "kernel panic: ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	abort();
}
