// SPDX-License-Identifier: MIT
/*
 * tlb.c beside a model of processors whose TLBs are tagged with PCIDs and forget nothing by
 * themselves. Two processors run native PDs and a guest's spaces, some of which want the same PCID;
 * pages change, roots go and are reused. After each step every processor reaches for every page,
 * and finds what the tables say. Each byte of the input is a step; the first one decides whether
 * the processors have PCIDs.
 */
#include "input.h"

#include "arch/machine.h"
#include "arch/paging.h"
#include "arch/switch.h"
#include "debug/log.h"

#define CPUS 2
#define ENTRIES 64 /* of a TLB: more than there are roots and pages */
#define CR3_KEEP (1ull << 63)
#define PCID_COUNT 1023ull /* ids that many apart share a PCID */

/* Two pages of a lower half, and one of the kernel half that all roots of the guest share. */
enum { PAGES_LOWER = 2, PAGE_KERNEL = 2, PAGES = 3 };
#define GUEST_ID \
	(2 * PCID_COUNT) /* the PCID of the first native PD and of the spaces' user roots */
static const uint64_t addresses[PAGES] = { 0x400000, 0x7fffff000, 0xffff888000001000 };

/* Two native PDs and two spaces of a guest; of each pair one has the PCIDs of the other pair. */
enum { NATIVE, NATIVE_OTHER, SPACE, SPACE_OTHER, SLOTS };

/* A slot has one root or two, which map the same lower half. What a page maps; 0: nothing. */
static struct slot {
	struct page_tables tables; /* the one root, or the user root */
	struct physical kernel_root;
	uint64_t kernel_id;
	uint64_t maps[PAGES_LOWER];
} slots[SLOTS];
static struct {
	struct physical root;
	uint64_t id, cpus, maps;
} guest;
static uint64_t next_content;

/* What a processor runs: a slot, the guest without a space, or nothing. */
enum { NO_SPACE = SLOTS, IDLE, PLACES };
static unsigned int place[CPUS];
static bool in_user[CPUS];

static struct entry {
	bool used;
	uint64_t pcid, content;
	unsigned int page;
} tlb[CPUS][ENTRIES];
static uint64_t loaded[CPUS]; /* CR3 */
static unsigned int current;  /* the processor that executes */

struct cpu cpus[CPU_MAX];
unsigned int cpu_count = CPUS;
struct cpu_features cpu_features;
struct physical kernel_root = { 0x1000 };
uint64_t counters[PURLIN_COUNTERS];

char *model_memory(void)
{
	return NULL;
}

struct cpu *cpu_this(void)
{
	/* Nothing but whether there is a thread is looked at. */
	cpus[current].current = place[current] == IDLE ? NULL : (struct thread *)slots;
	return &cpus[current];
}

/* Drop what is of this PCID and page; ~0: of all. */
static void drop(uint64_t pcid, unsigned int page)
{
	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct entry *entry = &tlb[current][i];

		if ((pcid == ~0ull || entry->pcid == pcid) && (page == ~0u || entry->page == page))
			entry->used = false;
	}
}

static unsigned int page_of(uint64_t address)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		if (addresses[page] == address)
			return page;
	}
	abort();
}

uint64_t cr3_read(void)
{
	return loaded[current];
}

void cr3_write(uint64_t value)
{
	/* Without CR4.PCIDE both are reserved bits. */
	MUST(cpu_features.pcid || !(value & (CR3_KEEP | CR3_PCID)));
	if (!(value & CR3_KEEP))
		drop(value & CR3_PCID, ~0u);
	loaded[current] = value & ~CR3_KEEP;
}

void invlpg(uint64_t address)
{
	drop(loaded[current] & CR3_PCID, page_of(address));
}

void invpcid(uint64_t type, uint64_t pcid, uint64_t address)
{
	MUST(cpu_features.pcid);
	switch (type) {
	case 0:
		drop(pcid, page_of(address));
		break;
	case 1:
		drop(pcid, ~0u);
		break;
	default:
		MUST(type == 3);
		drop(~0ull, ~0u);
	}
}

/* The interrupt is taken at once. */
void apic_send(unsigned int cpu, uint8_t vector)
{
	unsigned int before = current;

	MUST(vector == VECTOR_SHOOTDOWN && cpu != current);
	current = cpu;
	tlb_answer();
	current = before;
}

/* What the tables below the root in CR3 say. */
static uint64_t content_of(uint64_t root, unsigned int page)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		const struct slot *slot = &slots[i];
		bool user = slot->tables.root.value == root;

		if (!user && (i < SPACE || slot->kernel_root.value != root))
			continue;
		if (page < PAGES_LOWER)
			return slot->maps[page];
		return user ? 0 : guest.maps;
	}
	return root == guest.root.value && page == PAGE_KERNEL ? guest.maps : 0;
}

static void reach_for(unsigned int page)
{
	uint64_t pcid = loaded[current] & CR3_PCID;
	uint64_t content = content_of(loaded[current] & PTE_ADDRESS, page);
	struct entry *unused = NULL;

	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct entry *entry = &tlb[current][i];

		if (entry->used && entry->pcid == pcid && entry->page == page) {
			MUST(entry->content == content);
			return;
		}
		if (!entry->used)
			unused = entry;
	}
	MUST(unused);
	if (content)
		*unused = (struct entry){ true, pcid, content, page };
}

static void all_reach(void)
{
	unsigned int before = current;

	for (current = 0; current < CPUS; current++) {
		for (unsigned int page = 0; page < PAGES; page++)
			reach_for(page);
	}
	current = before;
}

/* As vcpu_roots() does. */
static void roots_load(struct cpu *cpu, struct slot *slot)
{
	guest.cpus |= cpu->bit;
	if (slot) {
		slot->tables.cpus |= cpu->bit;
		cpu->user_cr3 = root_value_claimed(slot->tables.root, slot->tables.id);
		cpu->kernel_cr3 = root_value_claimed(slot->kernel_root, slot->kernel_id);
	} else {
		cpu->user_cr3 = kernel_root.value;
		cpu->kernel_cr3 = root_value_claimed(guest.root, guest.id);
	}
	cr3_write(in_user[cpu->id] ? cpu->user_cr3 : cpu->kernel_cr3);
}

/* As thread_load() does. A processor without a thread keeps the root it has. */
static void go(unsigned int where)
{
	struct cpu *cpu = cpu_this();

	in_user[current] = false;
	place[current] = where;
	if (where == IDLE)
		return;
	if (where >= SPACE) {
		roots_load(cpu, where < SLOTS ? &slots[where] : NULL);
		return;
	}
	if (!tables_held(cpu, &slots[where].tables))
		root_claim(slots[where].tables.id);
	tables_load(cpu, &slots[where].tables);
}

/* The direct switch. */
static void cross(void)
{
	const struct cpu *cpu = cpu_this();

	if (place[current] < SPACE || place[current] == IDLE)
		return;
	in_user[current] = !in_user[current];
	cr3_write(in_user[current] ? cpu->user_cr3 : cpu->kernel_cr3);
}

static void page_change(struct slot *slot, unsigned int page)
{
	slot->maps[page] = slot->maps[page] ? 0 : ++next_content;
}

/* A batch that has run over names some of the pages only. */
static void change(struct slot *slot, bool all)
{
	struct tlb_batch gone = { .everything = all };

	tlb_batch_add(&gone, addresses[0]);
	page_change(slot, 0);
	for (unsigned int page = 1; page < PAGES_LOWER && all; page++)
		page_change(slot, page);
	tlb_flush(&slot->tables.cpus, slot->tables.id, slot->kernel_id, &gone);
	/* Who idles was asked for the last time. */
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		MUST(cpu == current || place[cpu] != IDLE || !(slot->tables.cpus & cpus[cpu].bit));
}

static void change_kernel_half(void)
{
	struct tlb_batch gone = { .count = 0 };

	guest.maps = guest.maps ? 0 : ++next_content;
	tlb_batch_add(&gone, addresses[PAGE_KERNEL]);
	if (guest.cpus)
		tlb_flush_kernel_half(guest.cpus, &gone);
}

/* Who ran it runs nothing now; its pages are roots again, with ids that have the same PCIDs. */
static void replace(unsigned int which)
{
	struct slot *slot = &slots[which];

	tlb_leave(&slot->tables.cpus, slot->tables.id, slot->kernel_id);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		MUST((loaded[cpu] & PTE_ADDRESS) != slot->tables.root.value);
		MUST(which < SPACE || (loaded[cpu] & PTE_ADDRESS) != slot->kernel_root.value);
		if (place[cpu] == which)
			place[cpu] = IDLE;
	}
	slot->tables.id += SLOTS * PCID_COUNT;
	if (which >= SPACE)
		slot->kernel_id += SLOTS * PCID_COUNT;
	slot->tables.cr3 = root_value(slot->tables.root, slot->tables.id);
	for (unsigned int page = 0; page < PAGES_LOWER; page++)
		slot->maps[page] = ++next_content;
}

/* As guest_destroy() does: its spaces go, then its own root; another guest has its page and PCIDs.
 */
static void guest_replace(void)
{
	replace(SPACE);
	replace(SPACE_OTHER);
	tlb_leave(&guest.cpus, guest.id, 0);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		MUST((loaded[cpu] & PTE_ADDRESS) != guest.root.value);
		if (place[cpu] == NO_SPACE)
			place[cpu] = IDLE;
	}
	guest.id += SLOTS * PCID_COUNT;
	guest.maps = ++next_content;
}

/* Steps of a processor: places to go to, the direct switch, changes, and roots replaced. */
enum {
	STEP_CROSS = PLACES,
	STEP_KERNEL_HALF,
	STEP_CHANGE,
	STEP_CHANGE_ALL = STEP_CHANGE + SLOTS,
	STEP_REPLACE = STEP_CHANGE_ALL + SLOTS,
	STEP_REPLACE_GUEST = STEP_REPLACE + SLOTS,
	STEPS,
};

static void step(unsigned int kind)
{
	current = kind % CPUS;
	kind = kind / CPUS % STEPS;
	if (kind < PLACES)
		go(kind);
	else if (kind == STEP_CROSS)
		cross();
	else if (kind == STEP_KERNEL_HALF)
		change_kernel_half();
	else if (kind < STEP_CHANGE_ALL)
		change(&slots[kind - STEP_CHANGE], false);
	else if (kind < STEP_REPLACE)
		change(&slots[kind - STEP_CHANGE_ALL], true);
	else if (kind < STEP_REPLACE_GUEST)
		replace(kind - STEP_REPLACE);
	else
		guest_replace();
}

/* Only what was used is cleared: all would take most of the time. */
static void held_forget(uint64_t id)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		tlb_held_by(cpu)->owner[1 + id % PCID_COUNT] = 0;
}

static void slot_begin(unsigned int which)
{
	struct slot *slot = &slots[which];
	/* The native PDs have the PCIDs of the spaces' user and kernel roots. */
	uint64_t first = PCID_COUNT * (1 + which);

	*slot = (struct slot){ 0 };
	slot->tables.root.value = (2 + 2 * which) * PAGE_SIZE;
	slot->tables.id = first + (which == NATIVE_OTHER);
	if (which >= SPACE) {
		slot->kernel_root.value = (3 + 2 * which) * PAGE_SIZE;
		slot->kernel_id = first + 1;
	}
	slot->tables.cr3 = root_value(slot->tables.root, slot->tables.id);
	for (unsigned int page = 0; page < PAGES_LOWER; page++)
		slot->maps[page] = ++next_content;
	held_forget(slot->tables.id);
	held_forget(slot->kernel_id);
}

static void begin(bool with_pcid)
{
	cpu_features.pcid = with_pcid;
	memset(tlb, 0, sizeof(tlb));
	next_content = 0;
	for (current = 0; current < CPUS; current++) {
		cpus[current] = (struct cpu){ .id = current,
					      .bit = 1ull << current,
					      .tlb = tlb_held_by(current),
					      .shootdown_request = 0 };
		loaded[current] = kernel_root.value;
		place[current] = IDLE;
		in_user[current] = false;
	}
	guest.root.value = 0x80 * PAGE_SIZE;
	guest.id = GUEST_ID;
	guest.cpus = 0;
	guest.maps = ++next_content;
	held_forget(guest.id);
	for (unsigned int i = 0; i < SLOTS; i++)
		slot_begin(i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	begin(input_byte(&input) & 1);
	while (input.left) {
		step(input_byte(&input));
		all_reach();
	}
	return 0;
}
