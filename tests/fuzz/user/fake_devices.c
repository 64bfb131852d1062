// SPDX-License-Identifier: MIT
/* Memory, interrupts, ports, timers, signals, PDs and the log of the fake kernel. */
#include "fake_kernel.h"

#include "runtime/memory.h"
#include "runtime/slots.h"

#define MOST_PAGES (1ull << 40)
#define MOST_ATTACHED 4096 /* pages; a target that lets its component attach more asks too much */

uint64_t (*fake_port_in)(uint64_t port, unsigned int size);
void (*fake_port_out)(uint64_t port, unsigned int size, uint64_t value);
void (*fake_notified)(struct fake_object *signal, uint64_t bits);
purlin_s64 (*fake_log_read)(uint64_t sequence, uint64_t *bytes, uint64_t *next);

purlin_s64 purlin_memory_create(purlin_u64 account, purlin_u64 slot, purlin_u64 pages,
				purlin_u64 flags)
{
	struct fake_object *object;
	purlin_s64 status;

	if (!pages || flags & ~3ull)
		return PURLIN_BAD_ARGUMENT;
	status = fake_create(account, slot, PURLIN_TYPE_MEMORY, pages, &object);
	if (!status)
		object->count = pages;
	return status;
}

/* No two owners hold one page or port: whoever creates them has to see to that. */
static void check_apart(unsigned int type, uint64_t first, uint64_t count)
{
	for (const struct fake_object *other = fake_objects; other; other = other->next)
		if (other->type == type && !other->dead && other->count && !other->account &&
		    other->owner != fake_owner && other->owner && fake_owner)
			MUST(first >= other->first + other->count || other->first >= first + count);
}

static purlin_s64 create_range(unsigned int type, uint64_t slot, uint64_t first, uint64_t count)
{
	struct fake_object *object;
	purlin_s64 status = fake_create(0, slot, type, 0, &object);

	if (status)
		return status;
	object->first = first;
	object->count = count;
	check_apart(type, first, count);
	object->owner = fake_owner;
	return PURLIN_OK;
}

purlin_s64 purlin_memory_create_physical(purlin_u64 root, purlin_u64 slot, purlin_u64 address,
					 purlin_u64 pages, purlin_u64 cache)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(root, PURLIN_TYPE_PHYSICAL_ROOT, 0, &object);

	if (status)
		return status;
	if (address % PURLIN_PAGE_SIZE || !pages || cache & ~0x30ull || pages > MOST_PAGES ||
	    address / PURLIN_PAGE_SIZE > MOST_PAGES - pages)
		return PURLIN_BAD_ARGUMENT;
	if (address / PURLIN_PAGE_SIZE < 0x100 && cache == PURLIN_MAP_WRITE_COMBINING)
		return PURLIN_OVERLAP;
	return create_range(PURLIN_TYPE_MEMORY, slot, address / PURLIN_PAGE_SIZE, pages);
}

purlin_s64 purlin_memory_info(purlin_u64 memory, purlin_u64 *pages, purlin_u64 *address)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(memory, PURLIN_TYPE_MEMORY, 0, &object);

	if (status)
		return status;
	*pages = object->count;
	*address = object->context ? (uint64_t)object->context : ~0ull; /* the target says so */
	return PURLIN_OK;
}

purlin_s64 purlin_memory_pin(purlin_u64 memory)
{
	struct fake_object *object;
	purlin_s64 status =
		fake_look_up(memory, PURLIN_TYPE_MEMORY, PURLIN_RIGHT_PHYSICAL, &object);

	if (status)
		return status;
	fake_take(object);
	object->pins++;
	return PURLIN_OK;
}

/* Also what has been destroyed. */
purlin_s64 purlin_memory_unpin(purlin_u64 memory)
{
	const struct fake_cap *cap = fake_slot(fake_self, memory);

	MUST(cap && cap->object && cap->object->type == PURLIN_TYPE_MEMORY && cap->object->pins);
	cap->object->pins--;
	fake_drop(cap->object);
	return PURLIN_OK;
}

purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address)
{
	struct fake_object *object;
	purlin_s64 status =
		fake_look_up(memory, PURLIN_TYPE_MEMORY, rights & PURLIN_RIGHT_ALL & 7, &object);

	if (status)
		return status;
	if (!pages || offset_pages > object->count || pages > object->count - offset_pages)
		return PURLIN_BAD_ARGUMENT;
	if (fake_fails() || object->count > MOST_ATTACHED)
		return PURLIN_NO_MEMORY;
	if (!object->data)
		object->data = calloc(object->count, PURLIN_PAGE_SIZE);
	object->maps++;
	*address = object->data + offset_pages * PURLIN_PAGE_SIZE;
	return PURLIN_OK;
}

void memory_unmap(void *address)
{
	for (struct fake_object *object = fake_objects; address && object; object = object->next) {
		const uint8_t *at = address;

		if (!object->data || at < object->data ||
		    at >= object->data + object->count * PURLIN_PAGE_SIZE)
			continue;
		MUST(object->maps);
		object->maps--;
		return;
	}
	MUST(!address);
}

purlin_s64 purlin_memory_map(purlin_u64 memory, purlin_u64 pd, purlin_u64 virtual_address,
			     purlin_u64 offset_pages, purlin_u64 pages, purlin_u64 rights)
{
	struct fake_object *object, *target;
	purlin_s64 status = fake_look_up(memory, PURLIN_TYPE_MEMORY, rights & 7, &object);

	if (!status)
		status = fake_look_up(pd, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &target);
	if (status)
		return status;
	if (virtual_address % PURLIN_PAGE_SIZE || !pages || offset_pages > object->count ||
	    pages > object->count - offset_pages)
		return PURLIN_BAD_ARGUMENT;
	return fake_fails() ? PURLIN_NO_MEMORY : PURLIN_OK;
}

purlin_s64 purlin_irq_create_gsi(purlin_u64 root, purlin_u64 slot, purlin_u64 gsi, purlin_u64 flags)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(root, PURLIN_TYPE_IRQ_ROOT, 0, &object);

	if (status)
		return status;
	if (flags & ~3ull)
		return PURLIN_BAD_ARGUMENT;
	if (gsi >= 64)
		return PURLIN_NO_DEVICE;
	for (object = fake_objects; object; object = object->next)
		if (object->type == PURLIN_TYPE_IRQ && !object->dead && object->count &&
		    object->first == gsi)
			return PURLIN_BUSY;
	return create_range(PURLIN_TYPE_IRQ, slot, gsi, 1);
}

purlin_s64 purlin_irq_create_msi(purlin_u64 root, purlin_u64 slot, purlin_u64 cpu,
				 purlin_u64 *address, purlin_u64 *data)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(root, PURLIN_TYPE_IRQ_ROOT, 0, &object);

	if (!status && cpu >= 4)
		status = PURLIN_BAD_ARGUMENT;
	if (!status)
		status = create_range(PURLIN_TYPE_IRQ, slot, 0, 0);
	*address = 0xfee00000;
	*data = 0x41;
	return status;
}

purlin_s64 purlin_irq_remap(purlin_u64 root, purlin_u64 gsi, purlin_u64 entry,
			    purlin_u64 *destination)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(root, PURLIN_TYPE_IRQ_ROOT, 0, &object);

	*destination = 0;
	if (status)
		return status;
	if (entry != ~0ull && entry > 65536 - 512)
		return PURLIN_BAD_ARGUMENT;
	return gsi ? PURLIN_NO_DEVICE : PURLIN_OK;
}

static purlin_s64 bind(struct fake_object *object, uint64_t signal, uint64_t bits)
{
	struct fake_object *target;
	purlin_s64 status = fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE, &target);

	if (status)
		return status;
	fake_take(target);
	if (object->bound)
		fake_drop(object->bound);
	object->bound = target;
	object->bits = bits;
	return PURLIN_OK;
}

purlin_s64 purlin_irq_bind(purlin_u64 irq, purlin_u64 signal, purlin_u64 bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(irq, PURLIN_TYPE_IRQ, PURLIN_RIGHT_CONTROL, &object);

	return status ? status : bind(object, signal, bits);
}

purlin_s64 purlin_irq_ack(purlin_u64 irq)
{
	struct fake_object *object;

	return fake_look_up(irq, PURLIN_TYPE_IRQ, 0, &object);
}

/* Nothing is ever delivered, and nobody has to ack. */
purlin_s64 purlin_irq_info(purlin_u64 irq, purlin_u64 *delivered, purlin_u64 *flags,
			   purlin_u64 *gsi)
{
	struct fake_object *object;

	*delivered = *flags = *gsi = 0;
	return fake_look_up(irq, PURLIN_TYPE_IRQ, 0, &object);
}

purlin_s64 purlin_irq_create_soft(purlin_u64 account, purlin_u64 slot)
{
	struct fake_object *object;

	(void)account;
	return fake_create(0, slot, PURLIN_TYPE_IRQ, 0, &object);
}

purlin_s64 purlin_irq_raise(purlin_u64 irq)
{
	struct fake_object *object;

	return fake_look_up(irq, PURLIN_TYPE_IRQ, PURLIN_RIGHT_WRITE, &object);
}

/* The signal is not kept: nothing happens that it would have to be told. */
purlin_s64 purlin_irq_watch(purlin_u64 irq, purlin_u64 signal, purlin_u64 bits)
{
	struct fake_object *object, *target;
	purlin_s64 status = fake_look_up(irq, PURLIN_TYPE_IRQ, PURLIN_RIGHT_WRITE, &object);

	(void)bits;
	return status ? status :
			fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE, &target);
}

purlin_s64 purlin_io_port_create(purlin_u64 ports, purlin_u64 slot, purlin_u64 first,
				 purlin_u64 count)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(ports, PURLIN_TYPE_IO_PORT, 0, &object);

	if (status)
		return status;
	if (!count || first >= 65536 || count > 65536 - first)
		return PURLIN_BAD_ARGUMENT;
	if (first <= 0x21 && first + count > 0x20)
		return PURLIN_OVERLAP;
	return create_range(PURLIN_TYPE_IO_PORT, slot, first, count);
}

purlin_s64 purlin_io_port_in(purlin_u64 ports, purlin_u64 port, purlin_u64 size, purlin_u64 *value)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(ports, PURLIN_TYPE_IO_PORT, PURLIN_RIGHT_READ, &object);

	*value = fake_port_in && !status ? fake_port_in(port, (unsigned int)size) : 0xff;
	return status;
}

purlin_s64 purlin_io_port_out(purlin_u64 ports, purlin_u64 port, purlin_u64 size, purlin_u64 value)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(ports, PURLIN_TYPE_IO_PORT, PURLIN_RIGHT_WRITE, &object);

	if (fake_port_out && !status)
		fake_port_out(port, (unsigned int)size, value);
	return status;
}

purlin_s64 purlin_timer_create(purlin_u64 account, purlin_u64 slot)
{
	struct fake_object *object;

	return fake_create(account, slot, PURLIN_TYPE_TIMER, 1, &object);
}

purlin_s64 purlin_timer_set(purlin_u64 timer, purlin_u64 deadline, purlin_u64 signal,
			    purlin_u64 bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(timer, PURLIN_TYPE_TIMER, PURLIN_RIGHT_CONTROL, &object);

	(void)deadline;
	return status ? status : bind(object, signal, bits);
}

bool fake_time_passes(void)
{
	bool passed = false;

	for (struct fake_object *timer = fake_objects; timer; timer = timer->next) {
		struct fake_object *signal = timer->bound;

		if (timer->type != PURLIN_TYPE_TIMER || !signal)
			continue;
		timer->bound = NULL;
		signal->bits |= timer->bits;
		fake_drop(signal);
		passed = true;
	}
	return passed;
}

purlin_s64 purlin_signal_create(purlin_u64 account, purlin_u64 slot)
{
	struct fake_object *object;

	return fake_create(account, slot, PURLIN_TYPE_SIGNAL, 1, &object);
}

purlin_s64 purlin_signal_notify(purlin_u64 signal, purlin_u64 bits)
{
	struct fake_object *object;
	const struct fake_cap *cap = fake_slot(fake_self, signal);
	purlin_s64 status = fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE, &object);

	if (status)
		return status;
	bits &= cap->badge ? cap->badge : ~0ull;
	object->bits |= bits;
	if (fake_notified)
		fake_notified(object, bits);
	return PURLIN_OK;
}

purlin_s64 purlin_signal_poll(purlin_u64 signal, purlin_u64 *bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_READ, &object);

	if (status)
		return status;
	*bits = object->bits;
	object->bits = 0;
	return *bits ? PURLIN_OK : PURLIN_AGAIN;
}

purlin_s64 purlin_pd_create(purlin_u64 account, purlin_u64 slot, purlin_u64 capability_slots,
			    purlin_u64 flags, purlin_u64 processors)
{
	struct fake_object *object;
	purlin_s64 status;

	if (!processors)
		return PURLIN_BAD_ARGUMENT;
	if (capability_slots < 16 || capability_slots > 65536 || flags & ~3ull)
		return PURLIN_BAD_ARGUMENT;
	status = fake_create(account, slot, PURLIN_TYPE_PD, 4, &object);
	if (status)
		return status;
	object->slots = 256;
	object->table = calloc(object->slots, sizeof(*object->table));
	return PURLIN_OK;
}

purlin_s64 purlin_pd_watch(purlin_u64 pd, purlin_u64 signal, purlin_u64 bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(pd, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &object);

	return status ? status : bind(object, signal, bits);
}

purlin_s64 purlin_pd_status(purlin_u64 pd, purlin_u64 *state, purlin_u64 *reason,
			    purlin_u64 *address)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(pd, PURLIN_TYPE_PD, 0, &object);

	if (status)
		return status;
	*state = object->first;
	*reason = object->count;
	*address = 0;
	return PURLIN_OK;
}

purlin_s64 purlin_thread_create(purlin_u64 pd, purlin_u64 slot, purlin_u64 cpu, purlin_u64 priority,
				purlin_u64 message_address)
{
	struct fake_object *object, *target;
	purlin_s64 status = fake_look_up(pd, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &target);

	if (status)
		return status;
	if (cpu >= 4 || priority >= PURLIN_PRIORITIES || message_address % PURLIN_PAGE_SIZE)
		return PURLIN_BAD_ARGUMENT;
	return fake_create(0, slot, PURLIN_TYPE_THREAD, 0, &object);
}

purlin_s64 purlin_thread_start(purlin_u64 thread, purlin_u64 rip, purlin_u64 rsp,
			       purlin_u64 argument)
{
	struct fake_object *object;

	(void)rip;
	(void)rsp;
	(void)argument;
	return fake_look_up(thread, PURLIN_TYPE_THREAD, PURLIN_RIGHT_CONTROL, &object);
}

purlin_s64 purlin_log_uart(purlin_u64 log, purlin_u64 owner, purlin_u64 *sequence)
{
	struct fake_object *object;

	(void)owner;
	*sequence = 0;
	return fake_look_up(log, PURLIN_TYPE_LOG, PURLIN_RIGHT_CONTROL, &object);
}

purlin_s64 purlin_log_watch(purlin_u64 log, purlin_u64 signal, purlin_u64 bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(log, PURLIN_TYPE_LOG, PURLIN_RIGHT_READ, &object);

	return status ? status : bind(object, signal, bits);
}

purlin_s64 purlin_log_read(purlin_u64 log, purlin_u64 sequence, purlin_u64 *bytes,
			   purlin_u64 *next_sequence)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(log, PURLIN_TYPE_LOG, PURLIN_RIGHT_READ, &object);

	if (status)
		return status;
	return fake_log_read ? fake_log_read(sequence, bytes, next_sequence) : PURLIN_AGAIN;
}

purlin_s64 purlin_log_write(purlin_u64 log, purlin_u64 bytes)
{
	struct fake_object *object;

	MUST(bytes <= 480);
	return fake_look_up(log, PURLIN_TYPE_LOG, PURLIN_RIGHT_WRITE, &object);
}
