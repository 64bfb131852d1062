/* SPDX-License-Identifier: MIT */
/*
 * Components that another one adds at run time (session/control.h): they have nothing that it could
 * not have itself, no devices, and their end is not the machine's.
 */
#include <string.h>

#include "internal.h"

/* Each restart is work for init, and only the component that adds has allowed it. */
#define MOST_RESTARTS 16

static const char *const refused[] = {
	"hardware", "console-log", "framebuffer", "io-ports",	  "io-memory",
	"irqs",	    "pci",	   "trusted-dma", "used-devices", "on-device",
	"kept",	    "control",	   "adds",	  "memory-most",  "moves",
};

bool is_added(const struct reader *reader, unsigned int index)
{
	const struct description_addition *addition = reader->target->addition;

	return addition && (index >= addition->count || addition->before->components[index].added);
}

static bool added_by(const struct description_addition *addition, int index)
{
	const struct component_description *component;

	if (index < 0 || (unsigned int)index >= addition->count)
		return index >= 0;
	component = &addition->before->components[index];
	return component->added && component->adder == addition->adder;
}

/* Those that give devices, or show those of others, need what no added component has. */
static bool of_devices(const char *name)
{
	const struct description_service *service = description_service(name);

	return service && service->grants != GRANTS_ARGUMENTS &&
	       service->grants != GRANTS_RAM_QUOTA;
}

static void check_route(struct reader *reader, const struct component_description *component,
			const struct description_route *route)
{
	const struct description_addition *addition = reader->target->addition;
	const struct component_description *adder = &addition->before->components[addition->adder];
	int node = fdt_subnode_offset(reader->tree, component->node, "routes");

	if (of_devices(route->service))
		report_node(reader, node, route->service, "an added component has no devices");
	else if (route->server != DESCRIPTION_NONE && !added_by(addition, route->server) &&
		 description_server(adder, route->service) != route->server)
		report_node(reader, node, route->service, "%s has no such route itself",
			    adder->name);
}

static void check_end(struct reader *reader, const struct component_description *component,
		      const char *property, enum end_action action)
{
	if (action > END_RESTART)
		report_node(reader, component->node, property,
			    "the end of an added component is not the machine's");
}

static void check_log(struct reader *reader, const struct component_description *component,
		      const struct component_description *adder)
{
	if (component->log && !adder->log)
		report_node(reader, component->node, "log", "%s does not have it", adder->name);
	if (component->read_log && !adder->read_log)
		report_node(reader, component->node, "read-log", "%s does not have it",
			    adder->name);
}

static void check_processor(struct reader *reader, const struct component_description *component,
			    const struct component_description *adder)
{
	uint64_t others = component->processors & ~adder->processors;

	if (component->priority > adder->priority)
		report_node(reader, component->node, "priority", "%u is above %s's, which is %u",
			    component->priority, adder->name, adder->priority);
	if (others)
		report_node(reader, component->node, "cpus", "processor %u is not %s's",
			    (unsigned int)__builtin_ctzll(others), adder->name);
}

static void check_rights(struct reader *reader, const struct component_description *component,
			 const struct component_description *adder)
{
	for (unsigned int i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (fdt_getprop(reader->tree, component->node, refused[i], NULL))
			report_node(reader, component->node, refused[i],
				    "not for a component that is added");
	/* In a reference and in what Control sessions show this is core. */
	if (!strcmp(component->name, "core"))
		report_node(reader, component->node, NULL, "another component has this name");
	if (component->memory_rest)
		report_node(reader, component->node, "memory", "an added component has no rest");
	check_processor(reader, component, adder);
	check_log(reader, component, adder);
	if (component->restarts > MOST_RESTARTS)
		report_node(reader, component->node, "restarts",
			    "at most %u for a component that is added", MOST_RESTARTS);
	check_end(reader, component, "on-exit", component->on_exit);
	check_end(reader, component, "on-power-off", component->on_power_off);
	check_end(reader, component, "on-restart", component->on_restart);
	check_end(reader, component, "on-fault", component->on_fault);
	for (unsigned int i = 0; i < component->route_count; i++)
		check_route(reader, component, &component->routes[i]);
}

/* One by one: the sum of several may wrap. */
static bool take(uint64_t *left, uint64_t bytes)
{
	if (bytes > *left)
		return false;
	*left -= bytes;
	return true;
}

static void check_budget(struct reader *reader, const struct component_description *component,
			 const struct component_description *adder, uint64_t *left)
{
	uint64_t before = *left;

	if (take(left, component->memory) && take(left, component->overhead) &&
	    take(left, component->ram_quota) && take(left, component->lent))
		return;
	report_node(reader, component->node, "memory",
		    "too much memory: %lluK of what %s may give are left",
		    (unsigned long long)before >> 10, adder->name);
	*left = before;
}

void check_additions(struct reader *reader)
{
	const struct description_addition *addition = reader->target->addition;
	const struct component_description *adder;
	uint64_t left;

	if (!addition)
		return;
	adder = &addition->before->components[addition->adder];
	left = addition->memory;
	for (unsigned int i = addition->count; i < reader->description->component_count; i++) {
		const struct component_description *component = &reader->description->components[i];

		check_rights(reader, component, adder);
		check_budget(reader, component, adder, &left);
	}
}

static void move(const char **text, const char *from, size_t bytes, const char *to)
{
	/* What is not said is NULL, or a string of the reader's. */
	if (*text >= from && *text < from + bytes)
		*text = to + (*text - from);
}

void description_move(struct component_description *component, const char *from, size_t bytes,
		      const char *to)
{
	move(&component->name, from, bytes, to);
	move(&component->binary, from, bytes, to);
	move(&component->kernel, from, bytes, to);
	move(&component->initrd, from, bytes, to);
	move(&component->bootargs, from, bytes, to);
	for (unsigned int i = 0; i < component->route_count; i++)
		move(&component->routes[i].service, from, bytes, to);
	for (unsigned int i = 0; i < component->provide_count; i++)
		move(&component->provides[i], from, bytes, to);
	for (unsigned int i = 0; i < component->serve_count; i++)
		move(&component->serves[i], from, bytes, to);
	for (unsigned int i = 0; i < component->session_count; i++)
		move(&component->sessions[i].label, from, bytes, to);
}
