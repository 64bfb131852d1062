// SPDX-License-Identifier: MIT
/* Reading MADT and HPET. Tables are firmware's: lengths and sums are checked, nothing is trusted
 * further. */
#include "arch/acpi.h"

#include "arch/boot.h"
#include "arch/layout.h"
#include "base/string.h"
#include "debug/log.h"

#define TABLE_MAX (1u << 20)
#define TABLES_MAX 256
#define REACH_END ((uint64_t)DIRECT_MAP_SLOTS << 39) /* what lies beyond cannot be mapped */

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length; /* from revision 2 on */
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
} __attribute__((packed));
#define RSDP_OLD_BYTES 20

struct table {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

struct madt {
	struct table header;
	uint32_t local_apic, flags;
} __attribute__((packed));

#define MADT_ENTRY_BYTES 2u /* at least: type and length */
#define MADT_LOCAL_APIC 0
#define MADT_IOAPIC 1
#define MADT_LOCAL_NMI 4
#define MADT_LOCAL_APIC_ADDRESS 5
#define MADT_LOCAL_X2APIC 9
#define PROCESSOR_ENABLED 1u

struct hpet {
	struct table header;
	uint32_t block;
	uint8_t space, width, offset, access;
	uint64_t address;
} __attribute__((packed));

struct acpi acpi = { .local_apic = 0xfee00000, .nmi_lint = 1 };

static bool sum_is_zero(const void *data, size_t bytes)
{
	const uint8_t *byte = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + byte[i]);
	return sum == 0;
}

/* Wherever firmware says: garbage there must not stop the machine. */
static const void *firmware_map(uint64_t address, uint64_t bytes)
{
	return address < REACH_END && bytes <= REACH_END - address ?
		       direct_map_firmware(address, bytes) :
		       NULL;
}

/* NULL: there is none. From revision 2 on it says its length, of which all is mapped then. */
static const struct rsdp *rsdp_read(uint64_t address)
{
	const struct rsdp *rsdp = firmware_map(address, sizeof(*rsdp));
	uint32_t length;

	if (!rsdp || memcmp(rsdp->signature, "RSD PTR ", 8) != 0 ||
	    !sum_is_zero(rsdp, RSDP_OLD_BYTES))
		return NULL;
	length = rsdp->length;
	if (rsdp->revision < 2)
		return rsdp;
	if (length < sizeof(*rsdp) || length > PAGE_SIZE)
		return NULL;
	rsdp = firmware_map(address, length);
	return rsdp && sum_is_zero(rsdp, length) ? rsdp : NULL;
}

/* BIOS: in the first KiB of the extended BIOS data area, or below 1 MiB (5.2.5.1). */
static uint64_t rsdp_search(uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at + sizeof(struct rsdp) <= to; at += 16)
		if (rsdp_read(at))
			return at;
	return 0;
}

static uint64_t rsdp_find(void)
{
	const uint16_t *segment = direct_map_firmware(0x40e, sizeof(*segment));
	uint64_t extended_data = (uint64_t)*segment << 4;
	uint64_t found = 0;

	if (extended_data >= 0x80000 && extended_data < 0xa0000)
		found = rsdp_search(extended_data, extended_data + 1024);
	return found ? found : rsdp_search(0xe0000, 0x100000);
}

static const struct table *table_read(uint64_t address)
{
	const struct table *table = firmware_map(address, sizeof(*table));
	uint32_t length = table ? table->length : 0;

	if (length < sizeof(*table) || length > TABLE_MAX)
		return NULL;
	table = firmware_map(address, length);
	return table && sum_is_zero(table, length) ? table : NULL;
}

static void add_processor(uint32_t apic_id, uint32_t flags)
{
	/* Not there, or to be plugged in later, which the kernel does not do. */
	if (!(flags & PROCESSOR_ENABLED))
		return;
	for (unsigned int i = 0; i < acpi.processors; i++)
		if (acpi.apic_id[i] == apic_id)
			return; /* listed as APIC and as x2APIC */
	if (acpi.processors < CPU_MAX)
		acpi.apic_id[acpi.processors++] = apic_id;
}

static uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void add_ioapic(uint64_t address, uint32_t gsi_base)
{
	if (acpi.ioapics == ACPI_IOAPICS)
		return;
	acpi.ioapic[acpi.ioapics].address = address;
	acpi.ioapic[acpi.ioapics++].gsi_base = gsi_base;
}

static void use_local_apic(uint64_t address)
{
	if (address < REACH_END - PAGE_SIZE)
		acpi.local_apic = address;
}

/* Offsets: 5.2.12.2 and following. */
static void madt_entry_read(const uint8_t *entry, uint8_t length)
{
	switch (entry[0]) {
	case MADT_LOCAL_APIC:
		if (length >= 8)
			add_processor(entry[3], load32(entry + 4));
		break;
	case MADT_IOAPIC:
		if (length >= 12)
			add_ioapic(load32(entry + 4), load32(entry + 8));
		break;
	case MADT_LOCAL_NMI:
		if (length >= 6)
			acpi.nmi_lint = entry[5] & 1;
		break;
	case MADT_LOCAL_APIC_ADDRESS:
		if (length >= 12)
			use_local_apic(load32(entry + 4) | (uint64_t)load32(entry + 8) << 32);
		break;
	case MADT_LOCAL_X2APIC:
		if (length >= 16)
			add_processor(load32(entry + 4), load32(entry + 8));
		break;
	default:
		break;
	}
}

static void madt_read(const struct table *table)
{
	const struct madt *madt = (const void *)table;
	const uint8_t *at = (const uint8_t *)(madt + 1),
		      *end = (const uint8_t *)table + table->length;

	if (table->length < sizeof(*madt))
		return;
	acpi.local_apic = madt->local_apic;
	while (at + MADT_ENTRY_BYTES <= end) {
		uint8_t length = at[1];
		/* Length 0 would be read for ever. */
		if (length < MADT_ENTRY_BYTES || length > end - at)
			break;
		madt_entry_read(at, length);
		at += length;
	}
}

static void hpet_read(const struct table *table)
{
	const struct hpet *hpet = (const void *)table;

	if (table->length >= sizeof(*hpet) && hpet->space == 0 &&
	    hpet->address < REACH_END - PAGE_SIZE)
		acpi.hpet = hpet->address;
}

static void table_visit(uint64_t address)
{
	const struct table *table = table_read(address);

	if (!table)
		return;
	if (memcmp(table->signature, "APIC", 4) == 0)
		madt_read(table);
	else if (memcmp(table->signature, "HPET", 4) == 0)
		hpet_read(table);
}

/* XSDT or RSDT: a header, then addresses of 8 or 4 bytes. */
static void root_read(uint64_t address, size_t entry_bytes)
{
	const struct table *root = table_read(address);

	if (!root)
		return;
	const char *at = (const char *)(root + 1);
	size_t count = (root->length - sizeof(*root)) / entry_bytes;
	for (size_t i = 0; i < count && i < TABLES_MAX; i++) {
		uint64_t entry = 0;
		memcpy(&entry, at + i * entry_bytes, entry_bytes);
		if (entry)
			table_visit(entry);
	}
}

uint64_t acpi_init(uint64_t address)
{
	if (!address)
		address = rsdp_find();
	const struct rsdp *rsdp = address ? rsdp_read(address) : NULL;
	if (!rsdp) {
		log_print("warning: no ACPI tables: one processor, no interrupt lines\n");
		return 0;
	}
	/* The XSDT replaces the RSDT, whose addresses may be cut off (5.2.8). */
	if (rsdp->revision >= 2 && rsdp->xsdt)
		root_read(rsdp->xsdt, 8);
	else
		root_read(rsdp->rsdt, 4);
	return address;
}
