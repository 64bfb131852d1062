/* SPDX-License-Identifier: MIT */
/* What concerns more than one property: references, routes, sums, conflicts. */
#include <string.h>

#include "internal.h"
#include "session/virtio.h"

#define LEAST_LINUX_MEMORY (16ull << 20)
#define MOST_LINUX_MEMORY (16ull << 40) /* its linear map has room for more */
#define LEAST_OVERHEAD (256ull << 10)	/* for each vCPU; three times as much for the rest */
#define OVERHEAD_PERCENT 3		/* docs/performance.md: what it is spent on */
#define LARGE_PAGE (2ull << 20)
#define LEAST_STEP (64ull << 20) /* a section of Linux's */
#define MOST_STEPS 40

int description_server(const struct component_description *component, const char *service)
{
	for (unsigned int i = 0; i < component->route_count; i++) {
		if (!strcmp(component->routes[i].service, service))
			return component->routes[i].server;
	}
	return DESCRIPTION_NONE;
}

int component_of_node(const struct reader *reader, int node)
{
	const struct description *description = reader->description;
	const char *name = fdt_get_name(reader->tree, node, NULL);

	for (unsigned int i = 0; i < description->component_count; i++) {
		if (description->components[i].node == node)
			return (int)i;
	}
	if (fdt_parent_offset(reader->tree, node) == 0 && !strcmp(name, "core"))
		return DESCRIPTION_CORE;
	return DESCRIPTION_NONE;
}

static bool provides(const struct component_description *server, const char *service)
{
	for (unsigned int i = 0; i < server->provide_count; i++) {
		if (!strcmp(server->provides[i], service))
			return true;
	}
	return false;
}

/* Node of a component's routes, for messages about them. */
static int routes_node(const struct reader *reader, const struct component_description *component)
{
	return fdt_subnode_offset(reader->tree, component->node, "routes");
}

static void resolve_route(struct reader *reader, const struct component_description *component,
			  struct description_route *route)
{
	int node = routes_node(reader, component);
	int server = component_of_node(reader, route->server);

	route->server = server;
	if (server == DESCRIPTION_NONE) {
		report_node(reader, node, route->service, "refers to neither core nor a component");
	} else if (server == DESCRIPTION_CORE) {
		if (!description_core_service(route->service))
			report_node(reader, node, route->service, "core does not provide %s",
				    route->service);
	} else if (!strcmp(route->service, "Power")) {
		/* A component that had it could end everybody's run. */
		report_node(reader, node, route->service, "only init has a session of Power");
	} else if (!provides(&reader->description->components[server], route->service)) {
		report_node(reader, node, route->service, "%s does not provide %s",
			    reader->description->components[server].name, route->service);
	}
}

/*
 * Follow the routes from one component. Components in a cycle would wait for each other's servers
 * for ever. state: 0 not seen, 1 on the path, 2 done. The depth is bounded by the number of
 * components, so init's stack suffices.
 */
static bool find_cycle(struct reader *reader, unsigned int index, unsigned char *state)
{
	const struct component_description *component = &reader->description->components[index];

	state[index] = 1;
	for (unsigned int i = 0; i < component->route_count; i++) {
		int server = component->routes[i].server;

		if (server < 0 || state[server] == 2)
			continue;
		if (state[server] == 1) {
			report_node(reader, routes_node(reader, component),
				    component->routes[i].service,
				    "cyclic route: %s needs %s and, directly or not, the other way "
				    "round",
				    component->name, reader->description->components[server].name);
			return true;
		}
		if (find_cycle(reader, (unsigned int)server, state))
			return true;
	}
	state[index] = 2;
	return false;
}

static void check_routes(struct reader *reader)
{
	struct description *description = reader->description;
	unsigned char state[DESCRIPTION_COMPONENTS] = { 0 };

	for (unsigned int i = 0; i < description->component_count; i++) {
		struct component_description *component = &description->components[i];

		for (unsigned int j = 0; j < component->route_count; j++)
			resolve_route(reader, component, &component->routes[j]);
	}
	/* One cycle is reported; its components would be reported again and again otherwise. */
	for (unsigned int i = 0; i < description->component_count; i++) {
		if (!state[i] && find_cycle(reader, i, state))
			return;
	}
}

/* read.c stored the node's offset: only now are all components known. */
static void check_power(struct reader *reader)
{
	struct description *description = reader->description;

	if (description->power < 0) {
		description->power = DESCRIPTION_NONE;
		return;
	}
	description->power = component_of_node(reader, description->power);
	if (description->power < 0 ||
	    !provides(&description->components[description->power], "Power"))
		report_node(reader, 0, "power", "refers to no component that provides Power");
}

static void check_module(struct reader *reader, const struct component_description *component,
			 const char *property, const char *name)
{
	const struct description_target *target = reader->target;

	if (name && target->module_exists && !target->module_exists(target->context, name))
		report_node(reader, component->node, property, "there is no file \"%s\"", name);
}

static void need(struct reader *reader, const struct component_description *component,
		 const char *property, const void *value)
{
	if (!value)
		report_node(reader, component->node, property, "missing");
}

static void need_route(struct reader *reader, const struct component_description *component,
		       const char *property, const char *service)
{
	if (description_server(component, service) == DESCRIPTION_NONE)
		report_node(reader, component->node, property, "needs a route for %s", service);
}

/*
 * Never less than a few pages: each vCPU needs tables at the same time, however little memory it
 * shares.
 */
static void settle_overhead(struct component_description *component)
{
	uint64_t memory = component->memory;

	if (component->memory_most > memory)
		memory = component->memory_most;
	if (!component->overhead)
		component->overhead = memory / 100 * OVERHEAD_PERCENT;
	if (component->overhead < LEAST_OVERHEAD * (3 + component->vcpus))
		component->overhead = LEAST_OVERHEAD * (3 + component->vcpus);
	component->overhead &= ~4095ull; /* accounts count pages */
}

static void check_size(struct reader *reader, struct component_description *component)
{
	if (!component->memory)
		report_node(reader, component->node, "memory", "missing");
	else if (component->memory < LEAST_LINUX_MEMORY || component->memory > MOST_LINUX_MEMORY)
		report_node(reader, component->node, "memory", "Linux gets 16M to 16384G");
	settle_overhead(component);
}

/*
 * RAM beyond `memory`. A step is a memory object of the Linux's, which its devices reach by a
 * mapping of their own (PCI_DMA_MOST), and Linux adds memory in multiples of its sections.
 */
static void check_most(struct reader *reader, struct component_description *component)
{
	uint64_t more = component->memory_most - component->memory;

	if (component->memory_rest)
		report_node(reader, component->node, "memory-most", "means nothing with the rest");
	else if (component->memory_most > MOST_LINUX_MEMORY)
		report_node(reader, component->node, "memory-most", "Linux gets 16M to 16384G");
	else if (component->memory_most <= component->memory || component->ram_quota > more)
		report_node(reader, component->node, "memory-most",
			    "is not more than memory and ram-quota");
	else if (component->lends_ram)
		report_node(reader, component->node, "memory-most",
			    "all RAM is lent: none can come later");
	component->ram_step = LEAST_STEP;
	while (more / component->ram_step > MOST_STEPS)
		component->ram_step *= 2;
	if (more % component->ram_step || component->ram_quota % component->ram_step)
		report_node(reader, component->node, "memory-most",
			    "what is beyond memory, and ram-quota, must be multiples of %lluM",
			    (unsigned long long)component->ram_step >> 20);
	need_route(reader, component, "memory-most", "RAM");
}

/* Linux has interrupts of other kinds at higher numbers. */
#define LINUX_LINES 16

/* init asks for them before Linux runs, when it is too late to refuse the description. */
static void check_linux_hardware(struct reader *reader,
				 const struct component_description *component)
{
	if (component->io_ports.count)
		need_route(reader, component, "io-ports", "IO_PORT");
	if (component->irqs.count)
		need_route(reader, component, "irqs", "IRQ");
	for (unsigned int i = 0; i < component->irqs.count; i++)
		if (component->irqs.range[i].first >= LINUX_LINES)
			report_node(reader, component->node, "irqs",
				    "a Linux can have the lines 0 to %u", LINUX_LINES - 1);
}

static void check_linux(struct reader *reader, struct component_description *component)
{
	need(reader, component, "kernel", component->kernel);
	if (!component->memory_rest)
		check_size(reader, component);
	for (unsigned int i = 0; i < component->session_count; i++)
		need_route(reader, component, component->sessions[i].service->property,
			   component->sessions[i].service->name);
	check_module(reader, component, "kernel", component->kernel);
	check_module(reader, component, "initrd", component->initrd);
}

static void check_native(struct reader *reader, struct component_description *component)
{
	if (component->memory_rest)
		report_node(reader, component->node, "memory", "only a Linux can have the rest");
	need(reader, component, "binary", component->binary);
	check_module(reader, component, "binary", component->binary);
}

static void check_processors(struct reader *reader, const struct component_description *component)
{
	uint32_t last = 63 - (uint32_t)__builtin_clzll(component->processors);
	uint32_t cpus = reader->target->cpus;

	if (cpus && component->cpu >= cpus)
		report_node(reader, component->node, "cpu", "the machine has %u processors", cpus);
	else if (!(component->processors >> component->cpu & 1))
		report_node(reader, component->node, "cpu", "%u is not one of its cpus",
			    component->cpu);
	else if (cpus && last >= cpus)
		report_node(reader, component->node, "cpus",
			    "there is no processor %u: the machine has %u processors", last, cpus);
}

static bool has_disks(const struct component_description *component)
{
	for (unsigned int i = 0; i < component->session_count; i++)
		if (component->sessions[i].service->type == VIRTIO_TYPE_BLOCK)
			return true;
	return false;
}

static void check_component(struct reader *reader, struct component_description *component)
{
	if (component->type == COMPONENT_LINUX) {
		check_linux(reader, component);
		check_linux_hardware(reader, component);
	} else {
		check_native(reader, component);
	}
	if (component->framebuffer)
		need_route(reader, component, "framebuffer", "IO_MEM");
	if (component->pci_rule_count)
		need_route(reader, component, "pci", "PCI");
	if (component->lends_ram && !has_disks(component))
		report_node(reader, component->node, "lend", "means nothing without disks");
	if (component->trusted_dma && !component->pci_rule_count)
		report_node(reader, component->node, "trusted-dma", "means nothing without pci");
	if (component->on_device && !component->pci_rule_count)
		report_node(reader, component->node, "on-device", "means nothing without pci");
	if (component->on_device && component->on_demand)
		report_node(reader, component->node, "on-device",
			    "and on-demand: only one of them");
	if (component->moves && !component->control_count)
		report_node(reader, component->node, "moves", "means nothing without control");
	if (component->moves)
		need_route(reader, component, "moves", "Devices");
	if (component->used_devices && !component->pci_rule_count)
		report_node(reader, component->node, "used-devices", "means nothing without pci");
	if (component->ram_quota)
		need_route(reader, component, "ram-quota", "RAM");
	if (component->memory_most)
		check_most(reader, component);
	check_processors(reader, component);
}

static bool ranges_meet(const struct description_ranges *a, const struct description_ranges *b,
			uint64_t *where)
{
	for (unsigned int i = 0; i < a->count; i++) {
		for (unsigned int j = 0; j < b->count; j++) {
			struct description_range x = a->range[i], y = b->range[j];

			/* No sum wraps: read_ranges() has refused those that do. */
			if (x.first >= y.first + y.count || y.first >= x.first + x.count)
				continue;
			*where = x.first > y.first ? x.first : y.first;
			return true;
		}
	}
	return false;
}

/* Of two components with the same name or hardware, one could never have it. */
static void check_conflict(struct reader *reader, const struct component_description *a,
			   const struct component_description *b)
{
	uint64_t where = 0;

	if (!strcmp(a->name, b->name))
		report_node(reader, b->node, NULL, "another component has this name");
	if (ranges_meet(&a->io_ports, &b->io_ports, &where))
		report_node(reader, b->node, "io-ports", "port 0x%llx is given to %s, too",
			    (unsigned long long)where, a->name);
	if (a->console_log && b->console_log)
		report_node(reader, b->node, "console-log", "%s drives the log's UART already",
			    a->name);
	if (a->framebuffer && b->framebuffer)
		report_node(reader, b->node, "framebuffer", "%s has it already", a->name);
	if (ranges_meet(&a->io_memory, &b->io_memory, &where))
		report_node(reader, b->node, "io-memory", "0x%llx is given to %s, too",
			    (unsigned long long)where, a->name);
	if (ranges_meet(&a->irqs, &b->irqs, &where))
		report_node(reader, b->node, "irqs", "line %llu is given to %s, too",
			    (unsigned long long)where, a->name);
}

/* What the others leave, without what the kernel spends on it. */
static void settle_rest(struct reader *reader, struct component_description *component,
			uint64_t others)
{
	uint64_t machine = reader->target->memory;
	uint64_t left = machine > others ? machine - others : 0;

	/* Where the machine is not known, any size will do. */
	if (!machine)
		left = 2 * LEAST_LINUX_MEMORY;
	component->memory = left;
	settle_overhead(component);
	if (left < LEAST_LINUX_MEMORY + component->overhead) {
		report_node(reader, component->node, "memory",
			    "the rest is too little: %lluM of the machine's %lluM are left",
			    (unsigned long long)left >> 20, (unsigned long long)machine >> 20);
		component->memory = component->overhead = 0; /* said once is enough */
		return;
	}
	component->memory = (left - component->overhead) & ~(LARGE_PAGE - 1);
	if (component->memory > MOST_LINUX_MEMORY)
		component->memory = MOST_LINUX_MEMORY;
}

static void check_rest(struct reader *reader)
{
	struct description *description = reader->description;
	struct component_description *taker = NULL;
	uint64_t others = 0;

	for (unsigned int i = 0; i < description->component_count; i++) {
		struct component_description *component = &description->components[i];

		/* Of its adder's `adds`. */
		if (is_added(reader, i))
			continue;
		others +=
			component->ram_quota + component->lent + component->kept + component->adds;
		if (!component->memory_rest)
			others += component->memory + component->overhead;
		else if (taker)
			report_node(reader, component->node, "memory", "%s has the rest already",
				    taker->name);
		else
			taker = component;
		/* Sizes are below 2^62: no sum wraps. */
		if (others > reader->target->memory)
			others = reader->target->memory;
	}
	if (taker)
		settle_rest(reader, taker, others);
}

static void check_memory(struct reader *reader)
{
	struct description *description = reader->description;
	uint64_t sum = 0;

	/* Report the component with which it becomes too much: its line is where to look. */
	for (unsigned int i = 0; i < description->component_count; i++) {
		const struct component_description *component = &description->components[i];

		if (is_added(reader, i))
			continue;
		sum += component->memory + component->overhead + component->ram_quota +
		       component->lent + component->kept + component->adds;
		if (!reader->target->memory || sum <= reader->target->memory)
			continue;
		report_node(reader, component->node, "memory",
			    "too much memory: with this component %lluM are given away, "
			    "the machine has %lluM for all",
			    (unsigned long long)sum >> 20,
			    (unsigned long long)reader->target->memory >> 20);
		return;
	}
	if (reader->target->memory)
		description->spare = reader->target->memory - sum;
}

void check_all(struct reader *reader)
{
	struct description *description = reader->description;

	if (!description->component_count)
		report_node(reader, 0, "components", "no component is described");
	/* First, since the checks of components look at their routes' servers. */
	check_routes(reader);
	check_power(reader);
	settle_control(reader);
	for (unsigned int i = 0; i < description->component_count; i++) {
		check_component(reader, &description->components[i]);
		check_files(reader, &description->components[i]);
		for (unsigned int j = 0; j < i; j++)
			check_conflict(reader, &description->components[j],
				       &description->components[i]);
	}
	/* Last: sizes must make sense before they are added up. */
	check_rest(reader);
	check_memory(reader);
	check_additions(reader);
}
