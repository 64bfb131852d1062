// SPDX-License-Identifier: GPL-2.0
/* The guest's environment: numbers from the device tree, and capability slots. */
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/of.h>
#include <asm/environment.h>

static DEFINE_IDA(slots);
static u32 slot_range[2];

u64 purlin_environment_u64(const char *property)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "purlin,environment");
	u64 value = 0;

	of_property_read_u64(node, property, &value);
	of_node_put(node);
	return value;
}

/* The first user is init_new_context(), long after the tree is there. */
static void read_slot_range(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "purlin,environment");

	if (of_property_read_u32_array(node, "purlin,slots", slot_range, 2))
		panic("device tree: no purlin,slots");
	of_node_put(node);
}

int purlin_slot_alloc(void)
{
	if (!slot_range[1])
		read_slot_range();
	return ida_alloc_range(&slots, slot_range[0], slot_range[1], GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(purlin_slot_alloc);

void purlin_slot_free(unsigned int slot)
{
	ida_free(&slots, slot);
}
EXPORT_SYMBOL_GPL(purlin_slot_free);
