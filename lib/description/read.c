/* SPDX-License-Identifier: MIT */
/* Reading nodes and properties; what concerns more than one property is in check.c. */
#include <string.h>

#include "internal.h"

/* Below init's; see core/start_init.c. */
#define MOST_PRIORITY 47
#define DEFAULT_PRIORITY_NATIVE 24
#define DEFAULT_PRIORITY_LINUX 12
#define DEFAULT_RESTARTS 3
#define REST "rest" /* in place of a size */
#define DEFAULT_NATIVE_MEMORY (4u << 20)
#define MOST_BOOTARGS 2047u /* Linux's COMMAND_LINE_SIZE, final zero included, is 2048 */

typedef void component_reader(const struct property *property,
			      struct component_description *component);

static void component_type(const struct property *p, struct component_description *c)
{
	(void)p;
	(void)c; /* read beforehand: it says which properties are known */
}

static void component_memory(const struct property *p, struct component_description *c)
{
	/* check.c says how much that is. */
	if (p->bytes == sizeof(REST) && !memcmp(p->value, REST, sizeof(REST)))
		c->memory_rest = true;
	else
		read_size(p, &c->memory);
}

static void component_overhead(const struct property *p, struct component_description *c)
{
	read_size(p, &c->overhead);
}

static void component_ram_quota(const struct property *p, struct component_description *c)
{
	read_size(p, &c->ram_quota);
}

static void component_priority(const struct property *p, struct component_description *c)
{
	read_cell(p, &c->priority, 1, MOST_PRIORITY);
}

static void component_cpu(const struct property *p, struct component_description *c)
{
	read_cell(p, &c->cpu, 0, MOST_CPUS - 1);
}

static void component_cpus(const struct property *p, struct component_description *c)
{
	read_processors(p, &c->processors);
}

static void component_log(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->log);
}

static void component_console_log(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->console_log);
}

static void component_read_log(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->read_log);
}

static void component_hardware(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->hardware);
}

static void component_on_exit(const struct property *p, struct component_description *c)
{
	read_action(p, &c->on_exit);
}

static void component_on_power_off(const struct property *p, struct component_description *c)
{
	read_action(p, &c->on_power_off);
}

static void component_on_restart(const struct property *p, struct component_description *c)
{
	read_action(p, &c->on_restart);
}

static void component_on_fault(const struct property *p, struct component_description *c)
{
	read_action(p, &c->on_fault);
}

static void component_restarts(const struct property *p, struct component_description *c)
{
	read_cell(p, &c->restarts, 0, UINT32_MAX);
}

static void component_provides(const struct property *p, struct component_description *c)
{
	read_texts(p, c->provides, DESCRIPTION_PROVIDES, &c->provide_count);
	for (unsigned int i = 0; i < c->provide_count; i++) {
		check_name(p, c->provides[i]);
		if (description_core_service(c->provides[i]))
			report_property(p, "%s is a service of core", c->provides[i]);
	}
}

static void component_io_ports(const struct property *p, struct component_description *c)
{
	read_ranges(p, &c->io_ports, 1);
}

static void component_io_memory(const struct property *p, struct component_description *c)
{
	read_ranges(p, &c->io_memory, 2);
	for (unsigned int i = 0; i < c->io_memory.count; i++) {
		if ((c->io_memory.range[i].first | c->io_memory.range[i].count) % 4096)
			report_property(p, "range %u is not made of whole 4K pages", i);
	}
}

static void component_irqs(const struct property *p, struct component_description *c)
{
	read_irqs(p, &c->irqs);
}

static void component_framebuffer(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->framebuffer);
}

static void component_binary(const struct property *p, struct component_description *c)
{
	read_text(p, &c->binary);
}

static void linux_version(const struct property *p, struct component_description *c)
{
	const char *text = NULL;

	(void)c; /* for the front door, which chooses what becomes the module "vmlinux" */
	read_text(p, &text);
}

static void linux_kernel(const struct property *p, struct component_description *c)
{
	read_text(p, &c->kernel);
}

static void linux_initrd(const struct property *p, struct component_description *c)
{
	read_text(p, &c->initrd);
}

static void linux_bootargs(const struct property *p, struct component_description *c)
{
	/* The empty string is a valid command line. */
	if (p->bytes == 1 && !p->value[0])
		c->bootargs = p->value;
	else
		read_text(p, &c->bootargs);
	if (strlen(c->bootargs) > MOST_BOOTARGS)
		report_property(p, "a command line has at most %u characters", MOST_BOOTARGS);
}

/* A label tells two sessions of one kind apart. */
static void add_session(const struct property *p, struct component_description *c,
			const struct description_service *service, const char *label)
{
	check_name(p, label);
	for (unsigned int i = 0; i < c->session_count; i++)
		if (c->sessions[i].service == service && !strcmp(c->sessions[i].label, label))
			report_property(p, "\"%s\" is named twice", label);
	if (c->session_count < DESCRIPTION_SESSIONS)
		c->sessions[c->session_count++] = (struct description_session){ service, label };
	else
		report_property(p, "more than %u sessions", DESCRIPTION_SESSIONS);
}

static void linux_sessions(const struct property *p, struct component_description *c,
			   const struct description_service *service)
{
	const char *labels[DESCRIPTION_LABELS];
	unsigned int count = 0;

	read_texts(p, labels, DESCRIPTION_LABELS, &count);
	for (unsigned int i = 0; i < count; i++)
		add_session(p, c, service, labels[i]);
}

static void linux_vcpus(const struct property *p, struct component_description *c)
{
	read_cell(p, &c->vcpus, 1, DESCRIPTION_VCPUS);
}

static void component_pci(const struct property *p, struct component_description *c)
{
	const char *rules[DESCRIPTION_PCI_RULES];
	unsigned int count = 0;

	read_texts(p, rules, DESCRIPTION_PCI_RULES, &count);
	for (unsigned int i = 0; i < count; i++) {
		if (pci_rule_parse(rules[i], &c->pci_rules[c->pci_rule_count]))
			c->pci_rule_count++;
		else
			report_property(p,
					"\"%s\" names no device: \"class ccssii\", "
					"\"device vvvv:dddd\" or \"bdf bb:dd.f\" is wanted",
					rules[i]);
	}
}

static void component_trusted_dma(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->trusted_dma);
}

#define NATIVE (1u << COMPONENT_NATIVE)
#define LINUX (1u << COMPONENT_LINUX)

static const struct {
	const char *name;
	unsigned int types;
	component_reader *read;
} component_properties[] = {
	{ "type", NATIVE | LINUX, component_type },
	{ "memory", NATIVE | LINUX, component_memory },
	{ "ram-quota", NATIVE | LINUX, component_ram_quota },
	{ "priority", NATIVE | LINUX, component_priority },
	{ "cpu", NATIVE | LINUX, component_cpu },
	{ "cpus", NATIVE | LINUX, component_cpus },
	{ "on-exit", NATIVE | LINUX, component_on_exit },
	{ "on-power-off", NATIVE | LINUX, component_on_power_off },
	{ "on-restart", NATIVE | LINUX, component_on_restart },
	{ "on-fault", NATIVE | LINUX, component_on_fault },
	{ "restarts", NATIVE | LINUX, component_restarts },
	{ "pci", NATIVE | LINUX, component_pci },
	{ "trusted-dma", NATIVE | LINUX, component_trusted_dma },
	{ "log", NATIVE, component_log },
	{ "console-log", NATIVE, component_console_log },
	{ "read-log", NATIVE, component_read_log },
	{ "hardware", NATIVE, component_hardware },
	{ "provides", NATIVE, component_provides },
	{ "io-ports", NATIVE | LINUX, component_io_ports },
	{ "io-memory", NATIVE, component_io_memory },
	{ "irqs", NATIVE | LINUX, component_irqs },
	{ "framebuffer", NATIVE | LINUX, component_framebuffer },
	{ "binary", NATIVE, component_binary },
	{ "version", LINUX, linux_version },
	{ "overhead", LINUX, component_overhead },
	{ "kernel", LINUX, linux_kernel },
	{ "initrd", LINUX, linux_initrd },
	{ "bootargs", LINUX, linux_bootargs },
	{ "vcpus", LINUX, linux_vcpus },
};

/* Added by dtc to nodes that are referred to. */
static bool made_by_compiler(const char *name)
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

#define PROPERTIES (sizeof(component_properties) / sizeof(component_properties[0]))

static unsigned int property_index(const char *name)
{
	unsigned int i = 0;

	while (i < PROPERTIES && strcmp(component_properties[i].name, name))
		i++;
	return i;
}

/* The service whose labels the property lists (session/services.h). */
static unsigned int service_index(const char *name)
{
	unsigned int i = 0;

	while (i < description_service_count && (!description_services[i].property ||
						 strcmp(description_services[i].property, name)))
		i++;
	return i;
}

/*
 * Find the property's reader in the table. dtc refuses a property that is given twice, but a blob
 * that was made in another way may have one; readers of lists rely on being called once.
 */
static void read_component_property(const struct property *property,
				    struct component_description *component, uint64_t *seen)
{
	unsigned int index = property_index(property->name);
	unsigned int service = service_index(property->name);
	unsigned int bit = index < PROPERTIES ? index : (unsigned int)PROPERTIES + service;
	unsigned int types = index < PROPERTIES ? component_properties[index].types : LINUX;

	if (index == PROPERTIES && service == description_service_count)
		report_property(property, "unknown property");
	else if (*seen & 1ull << bit)
		report_property(property, "it is given twice");
	else if (!(types & 1u << component->type))
		report_property(property, "not for components of this type");
	else if (index < PROPERTIES)
		component_properties[index].read(property, component);
	else
		linux_sessions(property, component, &description_services[service]);
	if (bit < 64)
		*seen |= 1ull << bit;
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

static void set_defaults(struct component_description *component)
{
	bool guest = component->type == COMPONENT_LINUX;

	component->memory = guest ? 0 : DEFAULT_NATIVE_MEMORY;
	component->priority = guest ? DEFAULT_PRIORITY_LINUX : DEFAULT_PRIORITY_NATIVE;
	component->restarts = DEFAULT_RESTARTS;
	component->on_restart = END_RESTART;
	component->log = guest; /* a guest always has slot PURLIN_SLOT_LOG: it has no LOG session */
	component->bootargs = "";
	component->vcpus = 1;
}

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
	read_type(reader, component);
	set_defaults(component);
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
	} else if (strcmp(property->name, "expect") && strcmp(property->name, "qemu")) {
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

unsigned int description_read(struct description *description, const void *device_tree,
			      size_t bytes, const struct description_target *target)
{
	struct reader reader = { device_tree, target, description, 0 };

	memset(description, 0, sizeof(*description));
	description->power = DESCRIPTION_NONE;
	if (bytes < sizeof(struct fdt_header) || fdt_check_header(device_tree) ||
	    fdt_totalsize(device_tree) > bytes || !tree_sound(device_tree)) {
		report_node(&reader, -1, NULL, "this is no compiled device tree");
		return reader.errors;
	}
	read_root(&reader);
	settle_processors(&reader);
	check_all(&reader);
	return reader.errors;
}
