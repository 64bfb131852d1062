// SPDX-License-Identifier: GPL-2.0
/*
 * Terminal sessions as hvc consoles. init has opened them and put the two rings into
 * guest-physical memory; session/terminal.h is the protocol. The other side is not
 * trusted: every index is used modulo the ring's size.
 */
#include <linux/console.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <asm/irq.h>
#include <asm/pgtable.h>
#include <asm/vcpu.h>
#include <purlin/calls.h>
#include <session/terminal.h>
#include "../../../drivers/tty/hvc/hvc_console.h"

struct terminal {
	struct terminal_shared *shared;
	unsigned int notify;	/* slot of the server's signal */
	unsigned int irq;
	struct hvc_struct *hvc;
};

static struct terminal terminals[MAX_NR_HVC_CONSOLES];
static unsigned int terminal_count;

static void notify(struct terminal *terminal)
{
	purlin_signal_notify(terminal->notify, ~0ULL);
}

/* Bytes in the ring; a peer that says more than it can hold has none. */
static u32 ring_fill(u32 head, u32 tail, u32 size)
{
	u32 fill = head - tail;

	return fill <= size ? fill : 0;
}

static int terminal_write(struct terminal *terminal, const u8 *data, size_t count)
{
	struct terminal_shared *shared = terminal->shared;
	u32 head = READ_ONCE(shared->output.head);
	/* What the server has read may be written again. */
	u32 tail = virt_load_acquire(&shared->output.tail);
	u32 fill = ring_fill(head, tail, TERMINAL_OUTPUT_BYTES);
	u32 room = TERMINAL_OUTPUT_BYTES - fill;
	u32 part = min_t(size_t, count, room);
	u32 i;

	if (!part)
		return -EAGAIN;
	for (i = 0; i < part; i++)
		shared->output_data[(head + i) % TERMINAL_OUTPUT_BYTES] = data[i];
	/* The data before the head that covers it. */
	virt_store_release(&shared->output.head, head + part);
	/*
	 * The server may have emptied the ring between: it looks at head before it sleeps. It may
	 * run on another processor even where Linux has one.
	 */
	virt_mb();
	if (READ_ONCE(shared->output.tail) == head || fill == 0)
		notify(terminal);
	return part;
}

static int terminal_read(struct terminal *terminal, u8 *data, size_t count)
{
	struct terminal_shared *shared = terminal->shared;
	u32 tail = READ_ONCE(shared->input.tail);
	/* The head before the data it covers. */
	u32 head = virt_load_acquire(&shared->input.head);
	u32 fill = ring_fill(head, tail, TERMINAL_INPUT_BYTES);
	u32 part = min_t(size_t, count, fill);
	u32 i;

	if (head - tail > TERMINAL_INPUT_BYTES)
		WRITE_ONCE(shared->input.tail, head);
	/* The server notifies when it writes to an empty ring: nobody need look again. */
	if (!part)
		return 0;
	for (i = 0; i < part; i++)
		data[i] = shared->input_data[(tail + i) % TERMINAL_INPUT_BYTES];
	/* The server may write there again. */
	virt_store_release(&shared->input.tail, tail + part);
	/* Before the head is read again: the server may have filled the ring since, and sleep. */
	virt_mb();
	if (READ_ONCE(shared->input.head) - tail >= TERMINAL_INPUT_BYTES)
		notify(terminal);
	return part;
}

static struct terminal *terminal_of(u32 number)
{
	return number < terminal_count ? &terminals[number] : NULL;
}

#ifdef PURLIN_TREE_HVC_U8
static ssize_t put_chars(u32 number, const u8 *data, size_t count)
#else
static int put_chars(u32 number, const char *data, int count)
#endif
{
	struct terminal *terminal = terminal_of(number);
	int written;

	if (!terminal)
		return count;
	written = terminal_write(terminal, (const u8 *)data, count);
	/* The callers spin: let the server have the processor. */
	if (written == -EAGAIN)
		purlin_thread_yield();
	return written;
}

#ifdef PURLIN_TREE_HVC_U8
static ssize_t get_chars(u32 number, u8 *data, size_t count)
#else
static int get_chars(u32 number, char *data, int count)
#endif
{
	struct terminal *terminal = terminal_of(number);

	return terminal ? terminal_read(terminal, (u8 *)data, count) : 0;
}

static const struct hv_ops terminal_ops = {
	.get_chars = get_chars,
	.put_chars = put_chars,
	.notifier_add = notifier_add_irq,
	.notifier_del = notifier_del_irq,
	.notifier_hangup = notifier_hangup_irq,
};

static int __init terminal_init(struct device_node *node, struct terminal *terminal)
{
	struct resource resource;
	u32 event;

	if (of_address_to_resource(node, 0, &resource) ||
	    of_property_read_u32(node, "purlin,notify", &terminal->notify) ||
	    of_property_read_u32(node, "purlin,event", &event))
		return -EINVAL;
	terminal->shared = memremap(resource.start, sizeof(struct terminal_shared), MEMREMAP_WB);
	if (!terminal->shared)
		return -ENOMEM;
	terminal->irq = purlin_event_irq(event);
	return 0;
}

static int __init terminals_find(void)
{
	struct device_node *node;

	for_each_compatible_node(node, NULL, "purlin,console") {
		if (terminal_count == ARRAY_SIZE(terminals)) {
			of_node_put(node);
			break;
		}
		if (terminal_init(node, &terminals[terminal_count])) {
			pr_err("%pOF: unusable\n", node);
			continue;
		}
		hvc_instantiate(terminal_count, terminal_count, &terminal_ops);
		terminal_count++;
	}
	return 0;
}
console_initcall(terminals_find);

static void __init set_size(struct terminal *terminal)
{
	struct winsize size = {
		.ws_row = READ_ONCE(terminal->shared->rows),
		.ws_col = READ_ONCE(terminal->shared->columns),
	};

	if (size.ws_row && size.ws_col)
		hvc_resize(terminal->hvc, size);
}

static int __init terminals_register(void)
{
	unsigned int i;

	for (i = 0; i < terminal_count; i++) {
		struct hvc_struct *hvc = hvc_alloc(i, terminals[i].irq, &terminal_ops, 256);

		if (IS_ERR(hvc))
			return PTR_ERR(hvc);
		terminals[i].hvc = hvc;
		set_size(&terminals[i]);
	}
	return 0;
}
device_initcall(terminals_register);
