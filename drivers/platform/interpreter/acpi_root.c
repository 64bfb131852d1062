/* SPDX-License-Identifier: MIT */
/* Segment and bus number of a root bridge, by _SEG, _CRS and _BBN (ACPI 6.5, 6.5.5, 6.5.6). */
#include "acpi_root.h"

bool acpi_integer_of(acpi_handle device, char *name, uint64_t *value)
{
	union acpi_object result;
	struct acpi_buffer buffer = { sizeof(result), &result };

	if (ACPI_FAILURE(acpi_evaluate_object(device, name, NULL, &buffer)) ||
	    result.type != ACPI_TYPE_INTEGER)
		return false;
	*value = result.integer.value;
	return true;
}

static acpi_status first_bus(struct acpi_resource *resource, void *context)
{
	struct acpi_resource_address64 address;
	uint64_t *bus = context;

	if (ACPI_SUCCESS(acpi_resource_to_address64(resource, &address)) &&
	    address.resource_type == ACPI_BUS_NUMBER_RANGE && address.address.address_length) {
		*bus = address.address.minimum;
		return AE_CTRL_TERMINATE;
	}
	return AE_OK;
}

/*
 * The range of buses that the bridge passes on comes before _BBN: firmware of several root bridges
 * was seen to give all of them one _BBN, while each has a range of its own.
 */
enum acpi_root_place acpi_root_place(acpi_handle device, unsigned int *bus)
{
	uint64_t segment = 0, number = 0;

	(void)acpi_integer_of(device, "_SEG", &segment);
	if (segment)
		return ACPI_ROOT_FOREIGN;
	(void)acpi_integer_of(device, "_BBN", &number);
	(void)acpi_walk_resources(device, "_CRS", first_bus, &number);
	if (number > 255)
		return ACPI_ROOT_NOWHERE;
	*bus = (unsigned int)number;
	return ACPI_ROOT_USABLE;
}
