/* SPDX-License-Identifier: MIT */
/* Reading the nodes of a description: the root, components, routes. Properties: read.c. */
#include <string.h>

#include "internal.h"

#define DEFAULT_PRIORITY_NATIVE 24
#define DEFAULT_PRIORITY_LINUX 12
#define DEFAULT_RESTARTS 3
#define DEFAULT_NATIVE_MEMORY (4u << 20)

/* Added by dtc to nodes that are referred to. */
bool made_by_compiler(const char *name)
{
	return !strcmp(name, "phandle") || !strcmp(name, "linux,phandle");
}

static struct property property_at(struct reader *reader, int node, int offset)
{
	struct property property = { .reader = reader, .node = node };

	property.value =
		fdt_getprop_by_offset(reader->tree, offset, &property.name, &property.bytes);
	return property;
}

/*
 * A route may name a component that comes later. So it keeps the server's node for now; check.c
 * turns it into a number of a component.
 */
static void read_routes(struct reader *reader, int node, struct component_description *component)
{
	int offset;

	fdt_for_each_property_offset(offset, reader->tree, node)
	{
		struct property property = property_at(reader, node, offset);
		struct description_route *route = &component->routes[component->route_count];

		if (made_by_compiler(property.name))
			continue;
		if (component->route_count == DESCRIPTION_ROUTES) {
			report_node(reader, node, NULL, "more than %u routes", DESCRIPTION_ROUTES);
			return;
		}
		/* Each mistake is reported and reading goes on: one run shows all of them. */
		check_name(&property, property.name);
		if (description_server(component, property.name) != DESCRIPTION_NONE)
			report_property(&property, "it is given twice");
		route->service = property.name;
		route->server = read_reference(&property);
		if (route->server >= 0)
			component->route_count++;
	}
	for (node = fdt_first_subnode(reader->tree, node); node >= 0;
	     node = fdt_next_subnode(reader->tree, node))
		report_node(reader, node, NULL, "routes has no nodes in it");
}

/* Read before all other properties: it decides which of them are known, and their defaults. */
static void read_type(struct reader *reader, struct component_description *component)
{
	int bytes;
	const char *type = fdt_getprop(reader->tree, component->node, "type", &bytes);

	component->type = COMPONENT_NATIVE;
	if (!type || (bytes == 7 && !memcmp(type, "native", 7)))
		return;
	if (bytes == 6 && !memcmp(type, "linux", 6))
		component->type = COMPONENT_LINUX;
	else
		report_node(reader, component->node, "type", "\"native\" or \"linux\" is wanted");
}

static void set_defaults(const struct reader *reader, struct component_description *component)
{
	const struct description_addition *addition = reader->target->addition;
	bool guest = component->type == COMPONENT_LINUX;

	component->memory = guest ? 0 : DEFAULT_NATIVE_MEMORY;
	component->priority = guest ? DEFAULT_PRIORITY_LINUX : DEFAULT_PRIORITY_NATIVE;
	/* An added one is no more urgent than who adds it. */
	if (reader->by_name &&
	    component->priority > addition->before->components[addition->adder].priority)
		component->priority = addition->before->components[addition->adder].priority;
	component->restarts = DEFAULT_RESTARTS;
	component->on_restart = END_RESTART;
	component->log = guest; /* a guest always has slot PURLIN_SLOT_LOG: it has no LOG session */
	component->bootargs = "";
	component->vcpus = 1;
}

/* Even one with mistakes is kept: routes to it would otherwise be reported, too. */
static void read_component(struct reader *reader, int node, struct component_description *component)
{
	const char *problem;
	uint64_t seen = 0;
	int offset;

	component->name = fdt_get_name(reader->tree, node, NULL);
	component->node = node;
	problem = name_problem(component->name);
	if (problem)
		report_node(reader, node, NULL, "the name %s", problem);
	reader->by_name =
		is_added(reader, (unsigned int)(component - reader->description->components));
	read_type(reader, component);
	set_defaults(reader, component);
	fdt_for_each_property_offset(offset, reader->tree, node)
	{
		struct property property = property_at(reader, node, offset);

		if (!made_by_compiler(property.name))
			read_component_property(&property, component, &seen);
	}
	for (int child = fdt_first_subnode(reader->tree, node); child >= 0;
	     child = fdt_next_subnode(reader->tree, child)) {
		if (!strcmp(fdt_get_name(reader->tree, child, NULL), "routes"))
			read_routes(reader, child, component);
		else
			report_node(reader, child, NULL,
				    "unknown node: only \"routes\" is possible");
	}
}

static void read_components(struct reader *reader, int parent)
{
	struct description *description = reader->description;
	int offset;

	fdt_for_each_property_offset(offset, reader->tree, parent)
	{
		struct property property = property_at(reader, parent, offset);

		if (!made_by_compiler(property.name))
			report_property(&property, "unknown property");
	}
	for (int node = fdt_first_subnode(reader->tree, parent); node >= 0;
	     node = fdt_next_subnode(reader->tree, node)) {
		if (description->component_count == DESCRIPTION_COMPONENTS) {
			report_node(reader, node, NULL, "more than %u components",
				    DESCRIPTION_COMPONENTS);
			return;
		}
		read_component(reader, node,
			       &description->components[description->component_count++]);
	}
}

/* Properties that only the front door and the tests use are accepted here and otherwise ignored. */
static void read_root_property(const struct property *property)
{
	const char *text = NULL;
	uint32_t seconds = 0;

	if (!strcmp(property->name, "compatible")) {
		read_text(property, &text);
		if (text && strcmp(text, "purlin,system"))
			report_property(property, "\"purlin,system\" is wanted");
	} else if (!strcmp(property->name, "timeout")) {
		read_cell(property, &seconds, 1, 24 * 60 * 60);
	} else if (!strcmp(property->name, "power")) {
		property->reader->description->power = read_reference(property);
	} else if (!strcmp(property->name, "report-memory")) {
		read_flag(property, &property->reader->description->report_memory);
	} else if (!strcmp(property->name, "description")) {
		read_text(property, &text);
	} else if (strcmp(property->name, "expect") && strcmp(property->name, "qemu") &&
		   strcmp(property->name, "modules")) {
		report_property(property, "unknown property");
	}
}

static void read_root(struct reader *reader)
{
	int offset;

	fdt_for_each_property_offset(offset, reader->tree, 0)
	{
		struct property property = property_at(reader, 0, offset);

		if (!made_by_compiler(property.name))
			read_root_property(&property);
	}
	if (!fdt_getprop(reader->tree, 0, "compatible", NULL))
		report_node(reader, 0, "compatible", "missing: \"purlin,system\" is wanted");
	for (int node = fdt_first_subnode(reader->tree, 0); node >= 0;
	     node = fdt_next_subnode(reader->tree, node)) {
		const char *name = fdt_get_name(reader->tree, node, NULL);

		if (!strcmp(name, "components"))
			read_components(reader, node);
		else if (strcmp(name, "core") && strcmp(name, "__symbols__"))
			report_node(reader, node, NULL,
				    "unknown node: \"core\" and \"components\" are possible");
	}
}

static bool properties_sound(const void *tree, int node)
{
	int offset;

	fdt_for_each_property_offset(offset, tree, node)
	{
		const char *name;
		int bytes;

		if (!fdt_getprop_by_offset(tree, offset, &name, &bytes) || !name)
			return false;
	}
	return offset == -FDT_ERR_NOTFOUND;
}

/*
 * Whether libfdt finds a name and value for each node and property. The readers rely on that: they
 * do not check each pointer again.
 */
static bool tree_sound(const void *tree)
{
	int depth = 0, node;

	for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth)) {
		if (!fdt_get_name(tree, node, NULL) || !properties_sound(tree, node))
			return false;
	}
	return node >= 0 || node == -FDT_ERR_NOTFOUND;
}

bool tree_usable(const void *tree, size_t bytes)
{
	return bytes >= sizeof(struct fdt_header) && !fdt_check_header(tree) &&
	       fdt_totalsize(tree) <= bytes && tree_sound(tree);
}

unsigned int description_read(struct description *description, const void *device_tree,
			      size_t bytes, const struct description_target *target)
{
	struct reader reader = { .tree = device_tree,
				 .target = target,
				 .description = description };

	memset(description, 0, sizeof(*description));
	description->power = DESCRIPTION_NONE;
	/* Everything that is read later lies within these bytes: the blob may be anybody's. */
	if (!tree_usable(device_tree, bytes)) {
		report_node(&reader, -1, NULL, "this is no compiled device tree");
		return reader.errors;
	}
	read_root(&reader);
	settle_processors(&reader);
	check_all(&reader);
	return reader.errors;
}
