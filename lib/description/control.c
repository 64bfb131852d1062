/* SPDX-License-Identifier: MIT */
/* Who may act on which components (session/control.h). */
#include "internal.h"
#include "session/devices.h"

/* Nodes are kept for now, as in routes: the list may name a component that comes later. */
void read_control(const struct property *property, struct component_description *component)
{
	struct property one = *property;

	if (!property->bytes || property->bytes % CELL ||
	    property->bytes / CELL > DESCRIPTION_COMPONENTS) {
		report_property(property, "1 to %u references (<&label>) are wanted",
				DESCRIPTION_COMPONENTS);
		return;
	}
	one.bytes = CELL;
	for (; one.value < property->value + property->bytes; one.value += CELL) {
		int node = read_reference(&one);

		if (node < 0)
			continue;
		for (unsigned int i = 0; i < component->control_count; i++)
			if (component->control[i] == node)
				report_property(property, "it names a component twice");
		component->control[component->control_count++] = node;
	}
}

static void settle_one(struct reader *reader, struct component_description *component,
		       uint32_t *controlled)
{
	for (unsigned int i = 0; i < component->control_count; i++) {
		int index = component_of_node(reader, component->control[i]);

		if (index < 0)
			report_node(reader, component->node, "control", "refers to no component");
		else
			*controlled |= 1u << index;
		component->control[i] = index;
	}
}

/* Those whose devices it may see, itself among them, are named in one message. */
static void check_devices(struct reader *reader, const struct component_description *component)
{
	if (component->control_count >= DEVICES_NAMES &&
	    description_server(component, "Devices") != DESCRIPTION_NONE)
		report_node(reader, component->node, "control",
			    "with a route for Devices, at most %u components", DEVICES_NAMES - 1);
}

_Static_assert(DESCRIPTION_COMPONENTS <= 32, "bits");

void settle_control(struct reader *reader)
{
	struct description *description = reader->description;
	uint32_t controlled = 0;

	for (unsigned int i = 0; i < description->component_count; i++) {
		check_devices(reader, &description->components[i]);
		settle_one(reader, &description->components[i], &controlled);
	}
	for (unsigned int i = 0; i < description->component_count; i++)
		if (description->components[i].on_demand && !is_added(reader, i) &&
		    !(controlled >> i & 1))
			report_node(reader, description->components[i].node, "on-demand",
				    "no component has control of it");
}
