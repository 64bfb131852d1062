/* SPDX-License-Identifier: MIT */
/*
 * INTx routing: _PRT of the root bridges and of bridges below (ACPI 6.5, 6.2.13), and the
 * link devices (PNP0C0F) they name.
 */
#include "acpi.h"

#include "acpi/acpi.h"
#include "acpi_root.h"
#include "hardware.h"
#include "pci_config.h"

#define LINKS 32

struct link {
	acpi_handle device;
	bool usable;
	struct route route;
};

static struct {
	unsigned int links;
	struct link link[LINKS];
} routing;

/* Interrupts of one resource, of either kind. Count 0: another kind, or disabled. */
struct interrupts {
	unsigned int count;
	uint32_t number[16];
	bool level;
	bool active_low;
};

static void read_interrupts(const struct acpi_resource *resource, struct interrupts *interrupts)
{
	const struct acpi_resource_irq *irq = &resource->data.irq;
	const struct acpi_resource_extended_irq *extended = &resource->data.extended_irq;

	interrupts->count = 0;
	if (resource->type == ACPI_RESOURCE_TYPE_IRQ) {
		for (unsigned int i = 0; i < irq->interrupt_count && i < 16; i++)
			if (irq->interrupts[i])
				interrupts->number[interrupts->count++] = irq->interrupts[i];
		interrupts->level = irq->triggering == ACPI_LEVEL_SENSITIVE;
		interrupts->active_low = irq->polarity == ACPI_ACTIVE_LOW;
	} else if (resource->type == ACPI_RESOURCE_TYPE_EXTENDED_IRQ) {
		for (unsigned int i = 0; i < extended->interrupt_count && i < 16; i++)
			if (extended->interrupts[i])
				interrupts->number[interrupts->count++] = extended->interrupts[i];
		interrupts->level = extended->triggering == ACPI_LEVEL_SENSITIVE;
		interrupts->active_low = extended->polarity == ACPI_ACTIVE_LOW;
	}
}

static acpi_status first_interrupts(struct acpi_resource *resource, void *context)
{
	struct interrupts found, *interrupts = context;

	read_interrupts(resource, &found);
	if (found.count && !interrupts->count)
		*interrupts = found;
	return AE_OK;
}

static unsigned int users_of(uint32_t gsi)
{
	unsigned int users = 0;

	for (unsigned int i = 0; i < routing.links; i++)
		users += routing.link[i].usable && routing.link[i].route.gsi == gsi;
	return users;
}

/* Fewer devices to a line mean fewer interrupts for nothing, and fewer that cannot be assigned. */
static uint32_t least_used(const struct interrupts *possible)
{
	uint32_t best = possible->number[0];

	for (unsigned int i = 1; i < possible->count; i++)
		if (users_of(possible->number[i]) <= users_of(best))
			best = possible->number[i];
	return best;
}

static bool contains(const struct interrupts *interrupts, uint32_t number)
{
	for (unsigned int i = 0; i < interrupts->count; i++)
		if (interrupts->number[i] == number)
			return true;
	return false;
}

/* Patch the interrupt of a resource template; its form and all else stays firmware's. */
static bool choose_in_template(struct acpi_resource *resource, uint32_t gsi)
{
	for (; resource->type != ACPI_RESOURCE_TYPE_END_TAG;
	     resource = ACPI_NEXT_RESOURCE(resource)) {
		if (resource->type == ACPI_RESOURCE_TYPE_IRQ) {
			resource->data.irq.interrupt_count = 1;
			resource->data.irq.interrupts[0] = (u8)gsi;
			return true;
		}
		if (resource->type == ACPI_RESOURCE_TYPE_EXTENDED_IRQ) {
			resource->data.extended_irq.interrupt_count = 1;
			resource->data.extended_irq.interrupts[0] = gsi;
			return true;
		}
	}
	return false;
}

/* _SRS takes a template of the form of _CRS (ACPI 6.5, 6.2.17); where that is empty, of _PRS. */
static bool set_link(acpi_handle device, uint32_t gsi)
{
	struct acpi_buffer template = { ACPI_ALLOCATE_BUFFER, NULL };
	bool done = false;

	if (ACPI_SUCCESS(acpi_get_current_resources(device, &template)) &&
	    choose_in_template(template.pointer, gsi)) {
		done = ACPI_SUCCESS(acpi_set_current_resources(device, &template));
	} else {
		ACPI_FREE(template.pointer);
		template = (struct acpi_buffer){ ACPI_ALLOCATE_BUFFER, NULL };
		if (ACPI_SUCCESS(acpi_get_possible_resources(device, &template)) &&
		    choose_in_template(template.pointer, gsi))
			done = ACPI_SUCCESS(acpi_set_current_resources(device, &template));
	}
	ACPI_FREE(template.pointer);
	return done;
}

static bool has_method(acpi_handle device, char *name)
{
	acpi_handle method;

	return ACPI_SUCCESS(acpi_get_handle(device, name, &method));
}

/*
 * Keep what firmware chose if it is one of the possible interrupts; set it in any case, since
 * the link may be disabled.
 */
static void start_link(struct link *link)
{
	struct interrupts current = { .count = 0 }, possible = { .count = 0 };
	uint32_t gsi;

	(void)acpi_walk_resources(link->device, "_PRS", first_interrupts, &possible);
	(void)acpi_walk_resources(link->device, "_CRS", first_interrupts, &current);
	if (!current.count && !possible.count)
		return;
	if (current.count && (!possible.count || contains(&possible, current.number[0])))
		gsi = current.number[0];
	else
		gsi = least_used(&possible);
	/* Without _SRS the link is wired, and _CRS says where to. */
	if (has_method(link->device, "_SRS") && !set_link(link->device, gsi) && !current.count)
		return;
	link->route.gsi = gsi;
	link->route.level = possible.count ? possible.level : current.level;
	link->route.active_low = possible.count ? possible.active_low : current.active_low;
	link->usable = true;
}

static struct link *find_link(acpi_handle device)
{
	struct link *link;

	for (unsigned int i = 0; i < routing.links; i++)
		if (routing.link[i].device == device)
			return &routing.link[i];
	/* Started when first named: a link that no table names stays as firmware left it. */
	if (routing.links == LINKS)
		return NULL;
	link = &routing.link[routing.links++];
	*link = (struct link){ .device = device };
	start_link(link);
	return link;
}

/* Where one _PRT line leads: an interrupt by number, or a link device by name. */
static bool resolve(acpi_handle bridge, struct acpi_pci_routing_table *line, struct route *route)
{
	acpi_handle device;
	struct link *link;

	if (!line->source[0]) {
		/*
		 * A number without a link is a GSI with the properties of PCI's lines (ACPI 6.5,
		 * 6.2.13).
		 */
		*route = (struct route){ .gsi = line->source_index,
					 .level = true,
					 .active_low = true };
		return true;
	}
	if (ACPI_FAILURE(acpi_get_handle(bridge, line->source, &device))) {
		hardware_log("ACPI: _PRT names an unknown link %s", line->source);
		return false;
	}
	link = find_link(device);
	if (!link || !link->usable)
		return false;
	*route = link->route;
	return true;
}

static void add_line(acpi_handle bridge, unsigned int bus, struct acpi_pci_routing_table *line)
{
	unsigned int index = acpi_found.count;

	if (index == ACPI_ROUTES || line->pin > 3)
		return;
	acpi_found.entry[index].bus = (uint8_t)bus;
	acpi_found.entry[index].slot = (uint8_t)((line->address >> 16) & 31);
	acpi_found.entry[index].pin = (uint8_t)line->pin;
	if (resolve(bridge, line, &acpi_found.entry[index].route))
		acpi_found.count++;
}

static void read_table(acpi_handle bridge, unsigned int bus)
{
	struct acpi_buffer buffer = { ACPI_ALLOCATE_BUFFER, NULL };
	char *at;

	if (ACPI_FAILURE(acpi_get_irq_routing_table(bridge, &buffer)))
		return;
	acpi_found.bus_has_table[bus] = true;
	for (at = buffer.pointer; ((struct acpi_pci_routing_table *)at)->length;
	     at += ((struct acpi_pci_routing_table *)at)->length)
		add_line(bridge, bus, (struct acpi_pci_routing_table *)at);
	ACPI_FREE(buffer.pointer);
}

/* The devices of the namespace below a bridge that are bridges themselves, by _ADR. */
static void read_tables_below(struct pci_tree *tree, acpi_handle bridge, unsigned int bus)
{
	acpi_handle child = NULL;

	read_table(bridge, bus);
	while (ACPI_SUCCESS(acpi_get_next_object(ACPI_TYPE_DEVICE, bridge, child, &child))) {
		struct pci_function *function;
		uint64_t address;

		if (!acpi_integer_of(child, "_ADR", &address))
			continue;
		function = pci_tree_find(tree, PCI_BDF(bus, (address >> 16) & 31, address & 7));
		/* Numbers grow, so that a namespace with a circle in it comes to an end. */
		if (function && function->bridge && function->secondary > bus)
			read_tables_below(tree, child, function->secondary);
	}
}

static acpi_status read_root(acpi_handle device, u32 level, void *context, void **result)
{
	unsigned int bus;

	(void)level;
	(void)result;
	if (acpi_root_place(device, &bus) == ACPI_ROOT_USABLE)
		read_tables_below(context, device, bus);
	return AE_OK;
}

void acpi_routes(struct pci_tree *tree)
{
	routing.links = 0;
	memset(&acpi_found, 0, sizeof(acpi_found));
	(void)acpi_get_devices("PNP0A03", read_root, tree, NULL);
	hardware_log("ACPI: %u interrupt routes, %u link devices", acpi_found.count, routing.links);
}
