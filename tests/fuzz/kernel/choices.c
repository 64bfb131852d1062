// SPDX-License-Identifier: MIT
/* Numbers and arguments of calls. */
#include "choices.h"

#include "object/attachment.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/thread.h"
#include "object/vcpu.h"
#include "purlin/call_numbers.h"

#define UPPER PURLIN_GUEST_KERNEL_BASE

/*
 * The arguments of each call, a letter each: a capability of a type (A account, P PD, T thread,
 * E endpoint, S signal, M memory, I interrupt, O ports, t timer, L log, i and R roots, s space,
 * V vCPU, G the PD of a guest, * any), U an address of a guest's kernel half, e one of its memory,
 * n a new slot, v where something is mapped, k any slot, p pages, a address, c processor, y
 * priority, and so on (argument()).
 */
static const char *const shapes[PURLIN_CALLS] = {
	[PURLIN_CALL_VCPU_SWITCH] = "s",
	[PURLIN_CALL_VCPU_CONFIGURE] = "VeUUU",
	[PURLIN_CALL_VCPU_CREATE] = "Gncy",
	[PURLIN_CALL_VCPU_START] = "VU###",
	[PURLIN_CALL_GUEST_ATTACH] = "GXMolm",
	[PURLIN_CALL_GUEST_DETACH] = "GX",
	[PURLIN_CALL_GUEST_MAP] = "GUepm",
	[PURLIN_CALL_GUEST_UNMAP] = "GUp",
	[PURLIN_CALL_SPACE_CREATE] = "Gn",
	[PURLIN_CALL_CAP_COPY] = "Pn*rb",
	[PURLIN_CALL_CAP_DELETE] = "Pk",
	[PURLIN_CALL_CAP_INFO] = "k",
	[PURLIN_CALL_OBJECT_DESTROY] = "*",
	[PURLIN_CALL_ACCOUNT_CREATE] = "Anp",
	[PURLIN_CALL_ACCOUNT_INFO] = "A",
	[PURLIN_CALL_ACCOUNT_LIMIT] = "Ap",
	[PURLIN_CALL_PD_CREATE] = "Anzfx",
	[PURLIN_CALL_PD_WATCH] = "PSb",
	[PURLIN_CALL_PD_STATUS] = "P",
	[PURLIN_CALL_THREAD_CREATE] = "Pncya",
	[PURLIN_CALL_THREAD_START] = "Ta##",
	[PURLIN_CALL_THREAD_EXIT] = "#",
	[PURLIN_CALL_THREAD_YIELD] = "",
	[PURLIN_CALL_THREAD_SCHEDULE] = "Tyu",
	[PURLIN_CALL_THREAD_BIND_SIGNAL] = "TS",
	[PURLIN_CALL_ENDPOINT_CREATE] = "An",
	[PURLIN_CALL_ENDPOINT_CALL] = "Ew",
	[PURLIN_CALL_ENDPOINT_RECEIVE] = "E",
	[PURLIN_CALL_ENDPOINT_REPLY_RECEIVE] = "Ew",
	[PURLIN_CALL_SIGNAL_CREATE] = "An",
	[PURLIN_CALL_SIGNAL_NOTIFY] = "Sb",
	[PURLIN_CALL_SIGNAL_WAIT] = "S",
	[PURLIN_CALL_SIGNAL_POLL] = "S",
	[PURLIN_CALL_SIGNAL_BIND_VCPU] = "SV#",
	[PURLIN_CALL_MEMORY_CREATE] = "Anpf",
	[PURLIN_CALL_MEMORY_CREATE_PHYSICAL] = "Rnhpm",
	[PURLIN_CALL_MEMORY_INFO] = "M",
	[PURLIN_CALL_MEMORY_MAP] = "MPaopm",
	[PURLIN_CALL_MEMORY_UNMAP] = "Pv",
	[PURLIN_CALL_MEMORY_PIN] = "M",
	[PURLIN_CALL_MEMORY_UNPIN] = "M",
	[PURLIN_CALL_IRQ_CREATE_GSI] = "ingf",
	[PURLIN_CALL_IRQ_CREATE_MSI] = "inc",
	[PURLIN_CALL_IRQ_REMAP] = "ig#",
	[PURLIN_CALL_IRQ_BIND] = "ISb",
	[PURLIN_CALL_IRQ_ACK] = "I",
	[PURLIN_CALL_IRQ_MASK] = "I#",
	[PURLIN_CALL_IRQ_INFO] = "I",
	[PURLIN_CALL_IRQ_CREATE_SOFT] = "An",
	[PURLIN_CALL_IRQ_RAISE] = "I",
	[PURLIN_CALL_IRQ_WATCH] = "ISb",
	[PURLIN_CALL_IO_PORT_CREATE] = "Onqq",
	[PURLIN_CALL_IO_PORT_IN] = "Oqj",
	[PURLIN_CALL_IO_PORT_OUT] = "Oqj#",
	[PURLIN_CALL_TIMER_CREATE] = "An",
	[PURLIN_CALL_TIMER_SET] = "tdSb",
	[PURLIN_CALL_LOG_WRITE] = "Lq",
	[PURLIN_CALL_LOG_READ] = "L#",
	[PURLIN_CALL_TRACE_COUNTER] = "Lf",
	[PURLIN_CALL_SYSTEM_RESET] = "O",
	[PURLIN_CALL_VCPU_ALERT] = "V",
	[PURLIN_CALL_VCPU_YIELD_TO] = "V",
	[PURLIN_CALL_VCPU_STATUS] = "V",
	[PURLIN_CALL_VCPU_DEBUG] = "aaaa#",
};

static uint8_t type_of(char letter)
{
	static const char letters[] = "APTESMItOLiRsVG";
	static const uint8_t types[] = {
		PURLIN_TYPE_ACCOUNT,  PURLIN_TYPE_PD,	    PURLIN_TYPE_THREAD,
		PURLIN_TYPE_ENDPOINT, PURLIN_TYPE_SIGNAL,   PURLIN_TYPE_MEMORY,
		PURLIN_TYPE_IRQ,      PURLIN_TYPE_TIMER,    PURLIN_TYPE_IO_PORT,
		PURLIN_TYPE_LOG,      PURLIN_TYPE_IRQ_ROOT, PURLIN_TYPE_PHYSICAL_ROOT,
		PURLIN_TYPE_SPACE,    PURLIN_TYPE_VCPU,	    PURLIN_TYPE_PD,
	};
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? types[found - letters] : PURLIN_TYPE_NONE;
}

/* From a slot on, the next one that holds such an object (NONE: nothing). */
static uint64_t slot_from(const struct thread *caller, unsigned int start, uint8_t type)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		unsigned int slot = 1 + (start + i) % (SLOTS - 1);
		const struct object *object = object_at(caller, slot);

		if (object ? object->type == type : type == PURLIN_TYPE_NONE)
			return slot;
	}
	return start;
}

/* Its slot, if the caller has one of a guest. */
static uint64_t slot_of_guest(const struct thread *caller, unsigned int start)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		unsigned int slot = 1 + (start + i) % (SLOTS - 1);
		struct object *object = object_at(caller, slot);

		if (object && object->type == PURLIN_TYPE_PD && pd_is_guest(pd_of(object)))
			return slot;
	}
	return slot_from(caller, start, PURLIN_TYPE_PD);
}

/* In three tables, at either end of them. */
static uint64_t upper_address(uint8_t byte)
{
	uint64_t page = byte & 4 ? ARCH_SPAN_PAGES - 1 - (byte >> 3 & 7) : byte >> 3 & 7;

	return byte < 224 ? UPPER + ((byte & 3) * ARCH_SPAN_PAGES + page) * PAGE_SIZE :
			    input_number(&input);
}

static uint64_t pages(uint8_t byte)
{
	return byte < 160 ? 1 + byte % 24 : byte < 224 ? 500 + byte : input_number(&input);
}

static uint64_t info(uint8_t byte)
{
	uint64_t flags = byte & 0x40 ? PURLIN_INFO_LENDS_NOTHING : 0;

	return PURLIN_INFO(byte, byte & 7, byte >> 3 & 7) |
	       (byte >= 0xe0 ? input_number(&input) : flags);
}

static uint64_t number(char letter, uint8_t byte)
{
	switch (letter) {
	case 'p':
		return pages(byte);
	case 'o':
		return byte < 192 ? byte % 8 : byte < 224 ? 512 : input_number(&input);
	case 'a':
		return byte < 224 ? (uint64_t)(1 + byte % 32) << (byte & 0x40 ? 21 : 12) :
				    input_number(&input);
	case 'c':
		return byte < 224 ? byte % CPUS : byte;
	case 'y':
		return byte < 160 ? PRIORITY - byte % 3 : byte % 80;
	case 'z':
		return byte < 224 ? 64 : input_number(&input);
	case 'x':
		return byte < 128 ? ~0ull : byte % 8;
	case 'r':
		return byte < 128 ? ~0ull : byte;
	case 'm':
		return byte < 160 ? PURLIN_MAP_READ | (byte & 6) : byte % 64;
	case 'l':
		return byte < 224 ? 1 + byte % 4 : input_number(&input);
	case 'j':
		return byte < 224 ? 1u << byte % 3 : byte;
	case 'X':
		return (GUEST_PAGES + 4 * (byte % 8)) * PAGE_SIZE;
	case 'f':
		return byte % 8;
	case 'w':
		return info(byte);
	case 'u':
		return 100 * byte;
	case 'd':
		return host.time + byte - 16;
	case 'U':
		return upper_address(byte);
	case 'e':
		return byte < 224 ? byte % (GUEST_PAGES + 4) * PAGE_SIZE : input_number(&input);
	case 'h':
		return byte < 128 ? 0x100000000 + byte * PAGE_SIZE : input_number(&input);
	case 'g':
	case 'q':
	case 'b':
		return byte;
	default:
		return input_number(&input);
	}
}

/* Where the caller has something mapped; else any address. */
static uint64_t mapped_address(const struct thread *caller, uint8_t byte)
{
	const struct pd *pd = caller->pd;
	unsigned int at = pd->region_count ? byte % pd->region_count : 0;

	list_for_each(link, &pd->regions)
	{
		if (!at--)
			return container_of(link, struct region, pd_link)->address;
	}
	return input_number(&input);
}

static uint64_t argument_of(const struct thread *caller, char letter)
{
	uint8_t byte = input_byte(&input), type = type_of(letter);

	if (letter == 'G' && byte < 0xf0)
		return slot_of_guest(caller, byte);
	/* Sometimes any slot, whatever the call wants. */
	if (type != PURLIN_TYPE_NONE || letter == '*')
		return letter == '*' || byte >= 0xf0 ? byte % SLOTS : slot_from(caller, byte, type);
	if (letter == 'n')
		return byte >= 0xf0 ? byte :
				      slot_from(caller, FIRST_NEW + byte % 16, PURLIN_TYPE_NONE);
	if (letter == 'v')
		return byte < 240 ? mapped_address(caller, byte) : input_number(&input);
	if (letter == 'k')
		return byte % (SLOTS + 32);
	return number(letter, byte);
}

void call_arguments(const struct thread *caller, uint64_t number, uint64_t argument[6])
{
	const char *shape = number < PURLIN_CALLS ? shapes[number] : NULL;

	for (unsigned int i = 0; i < 6; i++)
		argument[i] = shape && *shape ? argument_of(caller, *shape++) : 0;
}

bool call_blocks(uint64_t number)
{
	return number == PURLIN_CALL_ENDPOINT_CALL || number == PURLIN_CALL_ENDPOINT_RECEIVE ||
	       number == PURLIN_CALL_ENDPOINT_REPLY_RECEIVE || number == PURLIN_CALL_SIGNAL_WAIT ||
	       number == PURLIN_CALL_THREAD_EXIT || number == PURLIN_CALL_VCPU_WAIT;
}

/* What programs do most, and what ends things. */
uint64_t call_number(const struct thread *caller)
{
	static const uint8_t of_guests[] = {
		PURLIN_CALL_VCPU_APPLY,	    PURLIN_CALL_VCPU_SWITCH,  PURLIN_CALL_VCPU_APPLY,
		PURLIN_CALL_VCPU_DEADLINE,  PURLIN_CALL_GUEST_MAP,    PURLIN_CALL_GUEST_UNMAP,
		PURLIN_CALL_SPACE_CREATE,   PURLIN_CALL_GUEST_ATTACH, PURLIN_CALL_GUEST_DETACH,
		PURLIN_CALL_VCPU_CONFIGURE, PURLIN_CALL_VCPU_START,   PURLIN_CALL_VCPU_WAIT,
		PURLIN_CALL_VCPU_CREATE,    PURLIN_CALL_VCPU_ALERT,   PURLIN_CALL_OBJECT_DESTROY,
		PURLIN_CALL_VCPU_YIELD_TO,
	};
	static const uint8_t common[] = {
		PURLIN_CALL_ENDPOINT_CALL,   PURLIN_CALL_ENDPOINT_RECEIVE,
		PURLIN_CALL_ENDPOINT_CALL,   PURLIN_CALL_ENDPOINT_REPLY_RECEIVE,
		PURLIN_CALL_THREAD_EXIT,     PURLIN_CALL_SIGNAL_WAIT,
		PURLIN_CALL_SIGNAL_NOTIFY,   PURLIN_CALL_OBJECT_DESTROY,
		PURLIN_CALL_MEMORY_MAP,	     PURLIN_CALL_CAP_COPY,
		PURLIN_CALL_TIMER_SET,	     PURLIN_CALL_MEMORY_CREATE,
		PURLIN_CALL_THREAD_SCHEDULE, PURLIN_CALL_IRQ_BIND,
		PURLIN_CALL_MEMORY_UNMAP,    PURLIN_CALL_MEMORY_PIN,
	};
	uint8_t byte = input_byte(&input);

	/* Apart, so that what inputs meant before they still mean. */
	if (caller->object.type == PURLIN_TYPE_VCPU && byte == 0xff)
		return PURLIN_CALL_VCPU_DEBUG;
	if (caller->object.type == PURLIN_TYPE_VCPU && byte >= 0x20)
		return of_guests[byte % sizeof(of_guests)];
	return byte <= PURLIN_CALLS ? byte : common[byte % sizeof(common)];
}

/* Changes of mappings, most of them possible; a table lies in the guest's page 8. */
void batch_write(struct purlin_vcpu_state *state)
{
	uint8_t kind = input_byte(&input), where = input_byte(&input), what = input_byte(&input);
	uint64_t upper = upper_address(where & 0x7f), lower = upper - UPPER + (1ull << 22);
	uint64_t page = what % (GUEST_PAGES + 1) * PAGE_SIZE;
	uint64_t argument[] = { 0,    GUEST_SPACE + what % 4, page | (what >> 5),
				what, 1 + what % 8,	      8 * PAGE_SIZE + what % 64 * 8 };
	unsigned int entry = kind % 6;
	uint32_t at = __atomic_load_n(&state->batch_count, __ATOMIC_RELAXED);

	if (at >= PURLIN_BATCH_ENTRIES)
		return;
	state->batch[at].word0 = (where & 0x80 ? upper : lower) | (kind & 0x70u) | entry;
	state->batch[at].word1 = argument[entry];
	state->batch_count = at + 1;
}

/* The guest's own page table: pages of its memory, held or not. */
void table_write(uint64_t *table)
{
	unsigned int at = input_choice(&input, 64);
	uint8_t what = input_byte(&input);

	table[at] = what % GUEST_PAGES * PAGE_SIZE |
		    (what & 0x80 ? PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED : 0) |
		    (what & 0x40 ? PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY : 0);
}
