/* SPDX-License-Identifier: MIT */
/* Properties of components, one by one; what concerns more than one of them is in check.c. */
#include <string.h>

#include "internal.h"
#include "session/parent.h"

/* Below init's; see core/start_init.c. */
#define MOST_PRIORITY 47
#define REST "rest"	    /* in place of a size */
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

static void linux_memory_most(const struct property *p, struct component_description *c)
{
	read_size(p, &c->memory_most);
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
		if (!strcmp(c->provides[i], DESCRIPTION_CONTROL))
			report_property(p, "%s is a service of init", c->provides[i]);
	}
}

static void component_serves(const struct property *p, struct component_description *c)
{
	read_texts(p, c->serves, DESCRIPTION_SERVES, &c->serve_count);
	for (unsigned int i = 0; i < c->serve_count; i++)
		if (strlen(c->serves[i]) >= PARENT_SERVES_BYTES)
			report_property(p, "'%s' is longer than %u characters", c->serves[i],
					PARENT_SERVES_BYTES - 1);
}

static void component_control(const struct property *p, struct component_description *c)
{
	read_control(p, c);
}

static void component_moves(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->moves);
}

static void component_on_demand(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->on_demand);
}

static void component_on_device(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->on_device);
}

static void component_kept(const struct property *p, struct component_description *c)
{
	read_size(p, &c->kept);
}

static void component_adds(const struct property *p, struct component_description *c)
{
	read_size(p, &c->adds);
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

/* For the front door, which chooses the module "vmlinux" and the disks of the machine. */
static void linux_front_door(const struct property *p, struct component_description *c)
{
	const char *text = NULL;

	(void)c;
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
	if (c->session_count == DESCRIPTION_SESSIONS) {
		report_property(p, "more than %u sessions", DESCRIPTION_SESSIONS);
		return;
	}
	c->sessions[c->session_count++] = (struct description_session){ service, label };
	if (service->delivery == DELIVERY_VIRTIO)
		c->lent += 4096ull * service->pages;
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

static void linux_watchdog(const struct property *p, struct component_description *c)
{
	read_cell(p, &c->watchdog, 1, 3600);
}

static void linux_lend(const struct property *p, struct component_description *c)
{
	const char *word = NULL;

	read_text(p, &word);
	c->lends_ram = word && !strcmp(word, "ram");
	if (word && strcmp(word, "ram") && strcmp(word, "pool"))
		report_property(p,
				"\"%s\": \"pool\" (of each device session) or \"ram\" (all of it) "
				"is wanted",
				word);
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
					"\"device vvvv:dddd\", \"bdf bb:dd.f\" or \"slot n\" "
					"is wanted, or one of them behind \"moved \"",
					rules[i]);
	}
}

static void component_trusted_dma(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->trusted_dma);
}

static void component_used_devices(const struct property *p, struct component_description *c)
{
	read_flag(p, &c->used_devices);
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
	{ "used-devices", NATIVE | LINUX, component_used_devices },
	{ "log", NATIVE, component_log },
	{ "console-log", NATIVE, component_console_log },
	{ "read-log", NATIVE, component_read_log },
	{ "hardware", NATIVE, component_hardware },
	{ "provides", NATIVE, component_provides },
	{ "serves", NATIVE, component_serves },
	{ "kept", NATIVE, component_kept },
	{ "control", NATIVE | LINUX, component_control },
	{ "moves", NATIVE | LINUX, component_moves },
	{ "on-demand", NATIVE | LINUX, component_on_demand },
	{ "on-device", NATIVE | LINUX, component_on_device },
	{ "adds", NATIVE | LINUX, component_adds },
	{ "io-ports", NATIVE | LINUX, component_io_ports },
	{ "io-memory", NATIVE, component_io_memory },
	{ "irqs", NATIVE | LINUX, component_irqs },
	{ "framebuffer", NATIVE | LINUX, component_framebuffer },
	{ "binary", NATIVE, component_binary },
	{ "version", LINUX, linux_front_door },
	{ "configuration", LINUX, linux_front_door },
	{ "root", LINUX, linux_front_door },
	{ "overhead", LINUX, component_overhead },
	{ "memory-most", LINUX, linux_memory_most },
	{ "kernel", LINUX, linux_kernel },
	{ "initrd", LINUX, linux_initrd },
	{ "bootargs", LINUX, linux_bootargs },
	{ "vcpus", LINUX, linux_vcpus },
	{ "watchdog", LINUX, linux_watchdog },
	{ "lend", LINUX, linux_lend },
};

#define PROPERTIES (sizeof(component_properties) / sizeof(component_properties[0]))

/* A search: there are few properties, and each is read once. */
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
void read_component_property(const struct property *property,
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
