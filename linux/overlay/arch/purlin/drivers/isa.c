// SPDX-License-Identifier: GPL-2.0
/*
 * Devices at fixed places of a PC: the I/O ports and interrupt lines that the system
 * description gives (docs/guest-device-tree.md). Drivers know them by their numbers,
 * so a line has its own as Linux's interrupt number.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/mc146818rtc.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <asm/irq.h>
#include <asm/ports.h>
#include "pci-host.h"

#define LINES	16

DEFINE_SPINLOCK(rtc_lock);
EXPORT_SYMBOL(rtc_lock);

/* All are edges: the event remembers those that come while the line is masked. */
static struct irq_chip isa_chip = {
	.name = "purlin-isa",
	.irq_startup = purlin_source_startup,
	.irq_shutdown = purlin_source_shutdown,
	.irq_mask = purlin_source_mask,
	.irq_unmask = purlin_source_unmask,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static bool line_known[LINES];

/* These numbers exist from the start, so that nobody else is given them. */
int __init arch_probe_nr_irqs(void)
{
	return LINES;
}

static void __init add_line(unsigned int line, unsigned int slot)
{
	struct purlin_source *source;

	if (line >= LINES || line_known[line]) {
		pr_warn("isa: line %u has no number of its own\n", line);
		return;
	}
	source = kzalloc(sizeof(*source), GFP_KERNEL);
	if (!source || purlin_source_init(source, slot)) {
		kfree(source);
		return;
	}
	irq_set_chip_data(line, source);
	irq_set_chip_and_handler(line, &isa_chip, handle_simple_irq);
	purlin_event_pass_to(source->event, line);
	line_known[line] = true;
}

static u32 __init cell(const struct device_node *node, const char *property, int index)
{
	u32 value = 0;

	of_property_read_u32_index(node, property, index, &value);
	return value;
}

static bool __init has_port(const struct device_node *node, u32 port)
{
	int count = of_property_count_u32_elems(node, "purlin,ports");
	int i;

	for (i = 0; i + 2 < count; i += 3) {
		u32 first = cell(node, "purlin,ports", i);

		if (port >= first && port - first < cell(node, "purlin,ports", i + 1))
			return true;
	}
	return false;
}

static void __init add_clock(const struct device_node *node)
{
	struct resource resources[] = {
		DEFINE_RES_IO(RTC_PORT(0), 2),
		DEFINE_RES_IRQ(RTC_IRQ),
	};

	if (!has_port(node, RTC_PORT(0)) || !has_port(node, RTC_PORT(1)))
		return;
	platform_device_register_simple("rtc_cmos", -1, resources,
					line_known[RTC_IRQ] ? 2 : 1);
}

static int __init isa_init(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "purlin,isa");
	int ports, lines, i;

	if (!node)
		return 0;
	ports = of_property_count_u32_elems(node, "purlin,ports");
	for (i = 0; i + 2 < ports; i += 3)
		purlin_ports_add(cell(node, "purlin,ports", i),
				 cell(node, "purlin,ports", i + 1),
				 cell(node, "purlin,ports", i + 2));
	lines = of_property_count_u32_elems(node, "purlin,lines");
	for (i = 0; i + 1 < lines; i += 2)
		add_line(cell(node, "purlin,lines", i),
			 cell(node, "purlin,lines", i + 1));
	add_clock(node);
	of_node_put(node);
	return 0;
}
arch_initcall(isa_init);
