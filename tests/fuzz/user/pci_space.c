// SPDX-License-Identifier: MIT
/* Functions that the fuzzer makes up, and what must hold for each write to them. */
#include "pci_space.h"

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"

#define MOST_LIES 400

struct space_function space[SPACE_FUNCTIONS];
unsigned int space_count;
struct pci_server *space_server;
bool space_client_writes;
bool space_looked_at;

static struct input *lies;
static unsigned int lies_left;
static bool extended;

static void set(struct space_function *function, unsigned int offset, unsigned int size,
		uint64_t value, uint64_t writable, uint64_t clearable)
{
	for (unsigned int i = 0; i < size && offset + i < 4096; i++) {
		function->value[offset + i] = (uint8_t)(value >> (8 * i));
		function->writable[offset + i] |= (uint8_t)(writable >> (8 * i));
		function->clearable[offset + i] |= (uint8_t)(clearable >> (8 * i));
	}
}

/* 32 or 64 bits, ports, sizes from 4 bytes on, addresses of which some meet others'. */
static unsigned int make_bar(struct input *input, struct space_function *function,
			     unsigned int index)
{
	unsigned int kind = input_choice(input, 6), shift = 2 + input_choice(input, 14);
	unsigned int offset = CFG_BAR + 4 * index;
	uint64_t address = input_number(input);

	if (index == 0 && kind < 3) { /* a plain one, with room for a table of messages */
		set(function, offset, 4, 0xe0000000 + ((address & 0xff) << 14), 0xffffc000, 0);
		return 1;
	}
	if (kind < 2)
		return 1;
	if (kind == 2) {
		uint64_t mask = ~((1ull << shift) - 1) & 0xfffc;

		set(function, offset, 4, (address & mask) | BAR_IO, mask, 0);
		return 1;
	}
	shift = shift < 4 ? 4 : shift;
	address = (address & 0xffff) << 12 | 0xe0000000;
	if (kind == 5 && index < PCI_BARS - 1) {
		set(function, offset, 8, (address & ~((1ull << shift) - 1)) | BAR_TYPE_64,
		    ~((1ull << shift) - 1), 0);
		return 2;
	}
	set(function, offset, 4, (address & ~((1ull << shift) - 1)) | (kind == 4 ? 8 : 0),
	    ~((1ull << shift) - 1) & 0xffffffff, 0);
	return 1;
}

static void make_capability(struct input *input, struct space_function *function,
			    unsigned int offset, unsigned int id)
{
	function->value[offset] = (uint8_t)id;
	switch (id) {
	case CAP_PM:
		set(function, offset + PM_CONTROL, 2, input_byte(input), 3, 0);
		break;
	case CAP_MSI:
		set(function, offset + 2, 2, input_bytes(input, 2), 0x71, 0);
		set(function, offset + 4, 8, 0, ~0ull, 0);
		set(function, offset + 12, 8, 0, ~0ull, 0);
		break;
	case CAP_MSIX:
		set(function, offset + 2, 2, input_bytes(input, 2) & 0x1f, 0xc000, 0);
		set(function, offset + 4, 4,
		    (uint64_t)input_choice(input, 4) << 12 |
			    (input_byte(input) < 200 ? 0 : input_byte(input) & 0x17),
		    0, 0);
		break;
	case CAP_PCIE:
		set(function, offset + 2, 2, input_byte(input), 0, 0);
		set(function, offset + 4, 4, (uint64_t)input_bit(input) << 28, 0, 0);
		set(function, offset + 8, 2, 0, 0x7fff, 0);
		set(function, offset + 10, 2, input_byte(input) & 0x20, 0, 0xf);
		break;
	case CAP_AF:
		set(function, offset + 3, 1, 3, 0, 0);
		break;
	default:
		input_fill(input, &function->value[offset + 2], 6);
	}
}

/* A list whose members may lie over each other, lead nowhere or back. */
static void make_capabilities(struct input *input, struct space_function *function)
{
	static const uint8_t ids[] = { CAP_PM, CAP_MSI, CAP_MSIX, CAP_PCIE, CAP_AF, CAP_VPD, 9 };
	unsigned int count = input_choice(input, 7), pointer = CFG_CAPABILITIES;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int place = input_byte(input);
		unsigned int offset = place < 240 ? 0x40 + (place % 12) * 0x10u : place & 0xfcu;

		function->value[pointer] = (uint8_t)offset;
		make_capability(input, function, offset, ids[input_choice(input, sizeof(ids))]);
		pointer = offset + 1;
	}
	if (count)
		function->value[CFG_STATUS] |= STATUS_CAPABILITIES;
	if (input_byte(input) < 240)
		function->value[pointer] = count ? 0 : function->value[pointer];
}

static void make_extended(struct input *input, struct space_function *function)
{
	unsigned int offset = 0x100;

	for (unsigned int i = input_choice(input, 4); i; i--) {
		unsigned int next = i == 1 ? 0 : 0x100 + input_byte(input) * 4u;

		set(function, offset, 4, input_byte(input) % 40u | 1u << 16 | next << 20, 0, 0);
		offset = next;
	}
}

static void make_function(struct input *input, struct space_function *function)
{
	static const uint32_t classes[] = { 0x0c0330, 0x020000, 0x060400, 0x060000, 0x00ff00 };
	unsigned int kind = input_choice(input, 5), place = input_byte(input);
	bool bridge = kind == 2;

	memset(function, 0, sizeof(*function));
	function->liar = input_bit(input);
	function->bdf = PCI_BDF(place >> 6, (place >> 2) % 6, place & 3);
	set(function, CFG_ID, 4, 0x10001234 + place, 0, 0);
	set(function, CFG_COMMAND, 2, input_bytes(input, 2), 0x547, 0);
	set(function, CFG_STATUS, 2, 0, 0, STATUS_ERRORS);
	set(function, CFG_CLASS, 4, classes[kind] << 8 | 1, 0, 0);
	set(function, CFG_HEADER_TYPE, 1, 0x80u | bridge, 0, 0);
	set(function, CFG_INTERRUPT_LINE, 1, 11, 0xff, 0);
	set(function, CFG_INTERRUPT_PIN, 1, input_choice(input, 6), 0, 0);
	for (unsigned int i = 0; i < (bridge ? 2u : PCI_BARS);)
		i += make_bar(input, function, i);
	if (bridge)
		set(function, 0x18, 3, (input_choice(input, 4)) << 8 | input_choice(input, 5) << 16,
		    0, 0);
	else
		set(function, CFG_ROM, 4, input_byte(input) & 1, 0xfffff801, 0);
	make_capabilities(input, function);
	make_extended(input, function);
}

void space_make(struct input *input)
{
	lies = NULL;
	space_count = 1 + input_choice(input, SPACE_FUNCTIONS);
	extended = input_bit(input);
	for (unsigned int i = 0; i < space_count; i++)
		make_function(input, &space[i]);
	lies = input;
	lies_left = input_bit(input) ? MOST_LIES : 0;
}

struct space_function *space_find(uint16_t bdf)
{
	for (unsigned int i = 0; i < space_count; i++)
		if (space[i].bdf == bdf)
			return &space[i];
	return NULL;
}

unsigned int pci_config_size(uint16_t bdf)
{
	(void)bdf;
	return extended ? 4096 : 256;
}

static uint32_t mask_of(unsigned int size)
{
	return size == 4 ? ~0u : (1u << size * 8) - 1;
}

uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	struct space_function *function = space_find(bdf);
	uint32_t value = 0;

	MUST(!space_looked_at);
	MUST((size == 1 || size == 2 || size == 4) && offset % size == 0 && offset + size <= 4096);
	if (!function)
		return mask_of(size);
	memcpy(&value, function->value + offset, size);
	if (!function->liar || !lies_left || !lies->left)
		return value;
	lies_left--;
	if (input_byte(lies) < 200)
		return value;
	return (uint32_t)input_number(lies) & mask_of(size);
}

static bool within(unsigned int offset, unsigned int size, unsigned int from, unsigned int bytes)
{
	return offset >= from && offset + size <= from + bytes;
}

static bool meets(unsigned int offset, unsigned int size, unsigned int from, unsigned int bytes)
{
	return offset < from + bytes && from < offset + size;
}

static struct device *device_of(const struct pci_function *function)
{
	for (struct pci_session *session = space_server->sessions; session; session = session->next)
		for (struct device *device = session->devices; device; device = device->next)
			if (device->function == function)
				return device;
	return NULL;
}

static bool has_memory(const struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_DMA_MAPPINGS; i++)
		if (session->mapping[i].pin.id)
			return true;
	return false;
}

/* Only a session with memory may have a bus master; what lies above it has to pass that on. */
static void check_command(const struct pci_function *function, uint32_t command)
{
	const struct pci_session *session = function->owner;

	if (!(command & COMMAND_MASTER) || function->bridge)
		return;
	MUST(session && has_memory(session));
}

/* Registers of addresses say what was found at the start, for ever. */
static void check_bar(const struct pci_function *function, unsigned int offset, unsigned int size,
		      uint32_t value)
{
	unsigned int index = (offset - CFG_BAR) / 4;
	const struct pci_bar *bar = &function->bar[index];

	MUST(size == 4 && offset % 4 == 0);
	if (bar->size)
		MUST(value == ((uint32_t)bar->address | bar->flags));
	else
		MUST(index && bar[-1].size && value == (uint32_t)(bar[-1].address >> 32));
}

/* The ROM lies where it was found, and is decoded only for who holds its pages. */
static void check_rom(const struct pci_function *function, unsigned int offset, unsigned int size,
		      uint32_t value)
{
	const struct device *device = device_of(function);

	MUST(offset == CFG_ROM && size == 4);
	if (value & ROM_ENABLE)
		MUST(device && device->piece[PCI_ROM][0].slot);
	MUST((value & ~ROM_ENABLE) == (uint32_t)function->bar[PCI_ROM].address);
}

/* Address and data of messages: nothing, or what core gave. */
static void check_message(const struct pci_function *function, unsigned int offset, uint32_t value)
{
	const struct device *device = device_of(function);
	const struct message_interrupt *message = device ? &device->msi.msi[0] : NULL;

	/* Nothing is remapped here: there is one message, and one bit to mask it. */
	if (!value || offset == function->msi + MSI_CONTROL)
		return;
	if (value == 1 && offset >= function->msi + MSI_ADDRESS + 8)
		return;
	MUST(message && message->resource.slot &&
	     (value == (uint32_t)message->address || value == message->data ||
	      value == (uint32_t)(message->address >> 32)));
}

static void check_client_write(const struct pci_function *function, unsigned int offset,
			       unsigned int size)
{
	MUST(within(offset, size, CFG_COMMAND, 4) || within(offset, size, CFG_ROM, 4) ||
	     within(offset, size, CFG_BAR, 24) ||
	     (function->msi && within(offset, size, function->msi, 24)) ||
	     (function->msix && within(offset, size, function->msix + 2u, 2)) ||
	     (function->pcie && within(offset, size, function->pcie + 8u, 4)) ||
	     (function->af && within(offset, size, function->af + AF_CONTROL, 1)) ||
	     (function->vpd && within(offset, size, function->vpd, 4)) ||
	     (function->pm && within(offset, size, function->pm + PM_CONTROL, 2)));
}

/* Capabilities that lie over each other are what a client would like to have. */
static void check_write(const struct pci_function *function, unsigned int offset, unsigned int size,
			uint32_t value)
{
	unsigned int message = function->msi ? function->msi + MSI_ADDRESS : 0;

	if (meets(offset, size, CFG_COMMAND, 2))
		check_command(function, value);
	if (meets(offset, size, CFG_BAR, 4 * PCI_BARS) && !function->bridge)
		check_bar(function, offset, size, value);
	if (meets(offset, size, CFG_ROM, 4) && !function->bridge)
		check_rom(function, offset, size, value);
	if (message && meets(offset, size, message, 8) && space_client_writes)
		check_message(function, offset, value);
	if (space_client_writes)
		check_client_write(function, offset, size);
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	struct space_function *function = space_find(bdf);
	struct pci_function *known = pci_tree_find(&space_server->tree, bdf);

	MUST((size == 1 || size == 2 || size == 4) && offset % size == 0 && offset + size <= 4096);
	if (!function)
		return;
	if (known && space_server->sessions)
		check_write(known, offset, size, value);
	if (offset <= CFG_COMMAND && offset + size > CFG_COMMAND)
		function->command = value >> (8 * (CFG_COMMAND - offset));
	for (unsigned int i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i)), *at = &function->value[offset + i];
		uint8_t writable = function->writable[offset + i];

		*at = (uint8_t)((*at & ~writable) | (byte & writable));
		*at = (uint8_t)(*at & ~(byte & function->clearable[offset + i]));
	}
}
