/* SPDX-License-Identifier: MIT */
/* ACPI start-up, root bridges and power. */
#include "acpi.h"

#include "acpi/acpi.h"
#include "acpi_root.h"
#include "hardware.h"
#include "pci_config.h"
#include "tables.h"

#define LEGACY_END 0x100000
#define ECAM_BUS_BYTES 0x100000
#define PHYSICAL_END (1ull << 52)

static bool failed(const char *what, acpi_status status)
{
	if (ACPI_SUCCESS(status))
		return false;
	hardware_log("ACPI: %s: %s", what, acpi_format_exception(status));
	return true;
}

/* PCI Firmware 3.3, 4.1.2; configuration space by ports remains. */
static void use_window(const struct acpi_mcfg_allocation *entry)
{
	if (entry->pci_segment != 0)
		hardware_log("PCI: segment %u is not supported", entry->pci_segment);
	else if (entry->address % ECAM_BUS_BYTES || entry->address >= PHYSICAL_END)
		hardware_log("PCI: an ECAM window at 0x%llx makes no sense",
			     (unsigned long long)entry->address);
	else
		pci_config_use_ecam(entry->address, entry->start_bus_number, entry->end_bus_number);
}

static void find_ecam(void)
{
	struct acpi_table_header *header;
	struct acpi_table_mcfg *mcfg;
	struct acpi_mcfg_allocation *entry;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MCFG, 1, &header)))
		return;
	mcfg = (struct acpi_table_mcfg *)header;
	entry = (struct acpi_mcfg_allocation *)(mcfg + 1);
	for (; (char *)(entry + 1) <= (char *)header + header->length; entry++)
		use_window(entry);
	acpi_put_table(header);
}

void acpi_leave_supplements(void)
{
	acpi_gbl_disable_ssdt_table_install = TRUE;
}

/* ACPICA takes it for granted when it loads tables. */
static bool has_dsdt(void)
{
	struct acpi_table_header *header;

	if (failed("find the DSDT", acpi_get_table(ACPI_SIG_DSDT, 1, &header)))
		return false;
	acpi_put_table(header);
	return true;
}

bool acpi_start_tables(void)
{
	if (failed("initialise", acpi_initialize_subsystem()) ||
	    failed("find tables", acpi_initialize_tables(NULL, 16, TRUE)))
		return false;
	/*
	 * Before the tables are loaded, since methods that run then may read configuration space.
	 */
	find_ecam();
	return true;
}

static bool load_tables(void)
{
	return acpi_start_tables() && has_dsdt() && !failed("load tables", acpi_load_tables()) &&
	       !failed("enable", acpi_enable_subsystem(ACPI_FULL_INITIALIZATION)) &&
	       !failed("initialise objects", acpi_initialize_objects(ACPI_FULL_INITIALIZATION));
}

/* ACPI 6.5, 5.8.1: argument 1: I/O APICs are in use. The method is optional. */
static void choose_apic_mode(void)
{
	union acpi_object mode = { .integer = { ACPI_TYPE_INTEGER, 1 } };
	struct acpi_object_list arguments = { 1, &mode };

	(void)acpi_evaluate_object(NULL, "\\_PIC", &arguments, NULL);
}

/*
 * What a bridge uses itself. Only the extended form is believed: of the others, much firmware says
 * so where it means a window.
 */
static bool is_own(const struct acpi_resource *resource,
		   const struct acpi_resource_address64 *address)
{
	return resource->type == ACPI_RESOURCE_TYPE_EXTENDED_ADDRESS64 &&
	       address->producer_consumer == ACPI_CONSUMER;
}

static acpi_status add_window(struct acpi_resource *resource, void *context)
{
	struct acpi_description *description = context;
	struct acpi_resource_address64 address;
	struct acpi_window *window;

	if (ACPI_FAILURE(acpi_resource_to_address64(resource, &address)))
		return AE_OK;
	if (address.resource_type == ACPI_BUS_NUMBER_RANGE || !address.address.address_length ||
	    is_own(resource, &address) || description->windows == ACPI_WINDOWS)
		return AE_OK;
	/* The hole for legacy graphics and option ROMs: no BAR lies there. */
	if (address.resource_type == ACPI_MEMORY_RANGE && address.address.maximum < LEGACY_END)
		return AE_OK;
	if (address.address.minimum + (address.address.address_length - 1) <
	    address.address.minimum) {
		hardware_log("PCI: a window at 0x%llx makes no sense",
			     (unsigned long long)address.address.minimum);
		return AE_OK;
	}
	window = &description->window[description->windows++];
	window->base = address.address.minimum;
	window->size = address.address.address_length;
	window->ports = address.resource_type == ACPI_IO_RANGE;
	window->prefetchable =
		!window->ports && address.info.mem.caching == ACPI_PREFETCHABLE_MEMORY;
	return AE_OK;
}

/* In any of the forms of ACPI 6.5, 6.4.2 and 6.4.3. */
static struct acpi_range range_of(const struct acpi_resource *resource)
{
	const union acpi_resource_data *data = &resource->data;
	uint64_t first = 0, bytes = 0;

	switch (resource->type) {
	case ACPI_RESOURCE_TYPE_IO:
		first = data->io.minimum;
		bytes = data->io.address_length;
		break;
	case ACPI_RESOURCE_TYPE_FIXED_IO:
		first = data->fixed_io.address;
		bytes = data->fixed_io.address_length;
		break;
	case ACPI_RESOURCE_TYPE_MEMORY24:
		first = (uint64_t)data->memory24.minimum << 8;
		bytes = (uint64_t)data->memory24.address_length << 8;
		break;
	case ACPI_RESOURCE_TYPE_MEMORY32:
		first = data->memory32.minimum;
		bytes = data->memory32.address_length;
		break;
	case ACPI_RESOURCE_TYPE_FIXED_MEMORY32:
		first = data->fixed_memory32.address;
		bytes = data->fixed_memory32.address_length;
		break;
	default:
		break;
	}
	return (struct acpi_range){ first, first + bytes - 1,
				    resource->type == ACPI_RESOURCE_TYPE_IO ||
					    resource->type == ACPI_RESOURCE_TYPE_FIXED_IO };
}

static acpi_status add_taken(struct acpi_resource *resource, void *context)
{
	struct acpi_description *description = context;
	struct acpi_range range = range_of(resource);
	struct acpi_resource_address64 address;

	address.resource_type = ACPI_MEMORY_RANGE;
	if (ACPI_SUCCESS(acpi_resource_to_address64(resource, &address)))
		range = (struct acpi_range){ address.address.minimum,
					     address.address.minimum +
						     (address.address.address_length - 1),
					     address.resource_type == ACPI_IO_RANGE };
	/* Nothing that has addresses, or nonsense. */
	if (range.last + 1 <= range.first || address.resource_type == ACPI_BUS_NUMBER_RANGE ||
	    description->taken == ACPI_TAKEN)
		return AE_OK;
	description->take[description->taken++] = range;
	return AE_OK;
}

/* Parts of the board that no driver knows. */
static acpi_status add_board(acpi_handle device, u32 level, void *context, void **result)
{
	(void)level;
	(void)result;
	(void)acpi_walk_resources(device, "_CRS", add_taken, context);
	return AE_OK;
}

/* PCI Firmware 3.3, 4.5.1: a buffer of three words, of which the last says what is wanted. */
#define OSC_ERRORS 0x0eu  /* failed, unknown name or revision */
#define OSC_SUPPORT 0x13u /* extended configuration space, ASPM, MSI */
#define OSC_SLOTS 0x01u
#define OSC_REPORTS 0x08u    /* of errors */
#define OSC_CAPABILITY 0x10u /* the PCI Express capability, where slots are controlled */

/* What firmware gives away of that; it may give a part. */
static u32 take_control(acpi_handle root)
{
	static u8 name[16] = { 0x5b, 0x4d, 0xdb, 0x33, 0xf7, 0x1f, 0x1c, 0x40,
			       0x96, 0x57, 0x74, 0x41, 0xc0, 0x3d, 0xd7, 0x66 };
	u32 words[3] = { 0, OSC_SUPPORT, OSC_SLOTS | OSC_REPORTS | OSC_CAPABILITY };
	union acpi_object argument[4] = {
		{ .buffer = { ACPI_TYPE_BUFFER, sizeof(name), name } },
		{ .integer = { ACPI_TYPE_INTEGER, 1 } },
		{ .integer = { ACPI_TYPE_INTEGER, 3 } },
		{ .buffer = { ACPI_TYPE_BUFFER, sizeof(words), (u8 *)words } },
	};
	struct acpi_object_list arguments = { 4, argument };
	struct acpi_buffer answer = { ACPI_ALLOCATE_BUFFER, NULL };
	union acpi_object *object;
	u32 granted = 0;

	if (ACPI_FAILURE(acpi_evaluate_object(root, "_OSC", &arguments, &answer)))
		return 0;
	object = answer.pointer;
	if (object && object->type == ACPI_TYPE_BUFFER && object->buffer.length == sizeof(words)) {
		memcpy(words, object->buffer.pointer, sizeof(words));
		granted = words[0] & OSC_ERRORS ? 0 : words[2];
	}
	ACPI_FREE(answer.pointer);
	return granted;
}

static acpi_status add_root(acpi_handle device, u32 level, void *context, void **result)
{
	struct acpi_description *description = context;
	unsigned int bus = 0;
	u32 control;

	(void)level;
	(void)result;
	/* Fixed tables: what firmware describes beyond them is left out, with its devices. */
	if (description->roots == ACPI_ROOTS)
		return AE_OK;
	switch (acpi_root_place(device, &bus)) {
	case ACPI_ROOT_FOREIGN:
		hardware_log("PCI: a root bridge on another segment is not supported");
		return AE_OK;
	case ACPI_ROOT_NOWHERE:
		hardware_log("PCI: a root bridge's bus number makes no sense");
		return AE_OK;
	default:
		break;
	}
	description->root[description->roots++].bus = bus;
	(void)acpi_walk_resources(device, "_CRS", add_window, description);
	control = take_control(device);
	description->native_slots &= (control & OSC_SLOTS) != 0;
	description->native_errors &= (control & OSC_REPORTS) != 0;
	return AE_OK;
}

bool acpi_start(struct acpi_description *description)
{
	bool loaded = load_tables();

	*description = (struct acpi_description){ .native_slots = true, .native_errors = true };
	if (loaded) {
		choose_apic_mode();
		/* PNP0A08 (PCI Express) bridges name PNP0A03 as compatible. */
		(void)acpi_get_devices("PNP0A03", add_root, description, NULL);
		(void)acpi_get_devices("PNP0C01", add_board, description, NULL);
		(void)acpi_get_devices("PNP0C02", add_board, description, NULL);
	}
	if (description->roots)
		return true;
	/* A machine with broken tables still has its devices, though no interrupt lines for them.
	 */
	hardware_log("ACPI: no root bridge is described: bus 0 is taken for one");
	description->roots = 1;
	description->native_slots = false;
	description->native_errors = false;
	return false;
}

size_t acpi_table(const char *signature, void *copy, size_t bytes)
{
	struct acpi_table_header *header;
	size_t length;

	if (ACPI_FAILURE(acpi_get_table((char *)(uintptr_t)signature, 1, &header)))
		return 0;
	/* A copy: ACPICA may unmap the table, and a reader must not see it change. */
	length = header->length <= bytes ? header->length : 0;
	memcpy(copy, header, length);
	acpi_put_table(header);
	return length;
}

void acpi_power_off(void)
{
	if (!failed("prepare S5", acpi_enter_sleep_state_prep(ACPI_STATE_S5)))
		(void)failed("enter S5", acpi_enter_sleep_state(ACPI_STATE_S5));
}

void acpi_reset_machine(void)
{
	(void)failed("reset", acpi_reset());
}
