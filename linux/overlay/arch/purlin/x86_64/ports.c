// SPDX-License-Identifier: GPL-2.0
/* I/O ports: which capability covers which ports, and accesses as calls on it. */
#include <linux/export.h>
#include <linux/io.h>
#include <linux/spinlock.h>
#include <asm/ports.h>
#include <purlin/calls.h>

/* One for each port BAR of an assigned device, and some to spare. */
#define RANGES	64

struct port_range {
	unsigned int first;
	unsigned int count;
	unsigned int slot;
};

static struct port_range ranges[RANGES];
static unsigned int range_count;
static DEFINE_SPINLOCK(range_lock);

int purlin_ports_add(unsigned int first, unsigned int count, unsigned int slot)
{
	unsigned long flags;
	int result = -ENOSPC;

	spin_lock_irqsave(&range_lock, flags);
	if (range_count < RANGES) {
		ranges[range_count] = (struct port_range){ first, count, slot };
		/* Readers take no lock: the entry before the count. */
		smp_store_release(&range_count, range_count + 1);
		result = 0;
	}
	spin_unlock_irqrestore(&range_lock, flags);
	return result;
}

static unsigned int slot_of(unsigned long port, unsigned int size)
{
	/* The entry before the count, see purlin_port_range(). */
	unsigned int count = smp_load_acquire(&range_count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (port >= ranges[i].first && port + size <= ranges[i].first + ranges[i].count)
			return ranges[i].slot;
	}
	return 0;
}

u32 purlin_port_in(unsigned long port, unsigned int size)
{
	unsigned int slot = slot_of(port, size);
	purlin_u64 value;

	if (!slot || purlin_io_port_in(slot, port, size, &value))
		return ~0U;
	return value;
}
EXPORT_SYMBOL(purlin_port_in);

void purlin_port_out(unsigned long port, unsigned int size, u32 value)
{
	unsigned int slot = slot_of(port, size);

	if (slot)
		purlin_io_port_out(slot, port, size, value);
}
EXPORT_SYMBOL(purlin_port_out);
