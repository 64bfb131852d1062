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

/* The first that is free, at most the one behind the last. */
static unsigned int find_free(void)
{
	unsigned int i;

	for (i = 0; i < range_count; i++) {
		if (!ranges[i].count)
			break;
	}
	return i;
}

int purlin_ports_add(unsigned int first, unsigned int count, unsigned int slot)
{
	unsigned long flags;
	int result = -ENOSPC;
	unsigned int i;

	spin_lock_irqsave(&range_lock, flags);
	i = find_free();
	if (i < RANGES) {
		ranges[i].first = first;
		ranges[i].slot = slot;
		/* Readers take no lock: an entry is there when it has ports. */
		smp_store_release(&ranges[i].count, count);
		result = 0;
	}
	if (i == range_count && !result) {
		/* Likewise: the entry before their number. */
		smp_store_release(&range_count, i + 1);
	}
	spin_unlock_irqrestore(&range_lock, flags);
	return result;
}

unsigned int purlin_ports_remove(unsigned int first)
{
	unsigned int i, slot = 0;
	unsigned long flags;

	spin_lock_irqsave(&range_lock, flags);
	for (i = 0; i < range_count && !slot; i++) {
		if (!ranges[i].count || ranges[i].first != first)
			continue;
		slot = ranges[i].slot;
		WRITE_ONCE(ranges[i].count, 0);
	}
	spin_unlock_irqrestore(&range_lock, flags);
	return slot;
}

static unsigned int slot_of(unsigned long port, unsigned int size)
{
	/* The entry before the count, see purlin_port_range(). */
	unsigned int count = smp_load_acquire(&range_count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		/* The ports before the rest, see purlin_ports_add(). */
		unsigned int ports = smp_load_acquire(&ranges[i].count);

		if (ports && port >= ranges[i].first && port + size <= ranges[i].first + ports)
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
