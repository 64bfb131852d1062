// SPDX-License-Identifier: MIT
/* Processors whose TLBs keep everything, and the checks of page tables against attachments. */
#include "model_x86.h"

#include "check.h"
#include "system.h"

#include "arch/guest.h"
#include "arch/machine.h"
#include "base/lock.h"
#include "base/pages.h"
#include "core/processor.h"
#include "object/account.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/space.h"
#include "object/vcpu.h"

#include <sanitizer/asan_interface.h>

#define TRANSLATIONS 64
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define CACHE_BITS (PTE_PWT | PTE_PCD)
#define CACHE_MASK (3u << PURLIN_MAP_CACHE_SHIFT)

struct cpu cpus[CPU_MAX];
unsigned int cpu_count = HOST_CPUS;
struct cpu_features cpu_features;
struct physical kernel_root;
uint32_t kernel_lock_held, kernel_lock_waiters;

/* One page as a processor remembers it, and the tables it came through. */
struct translation {
	uint64_t id, page;
	struct physical physical;
	unsigned int level; /* of a large page any address makes all of it go */
	bool write, execute;
	struct physical table[TABLE_LEVELS];
};

static struct translation tlb[CPU_MAX][TRANSLATIONS];
static unsigned int oldest[CPU_MAX];
static uint64_t loaded[CPU_MAX]; /* CR3 */
static uint64_t id_of_root[HOST_MEMORY_PAGES];
static struct physical root_of_id[1 << 12];
static uint64_t next_id;
static const struct guest *guest_modelled; /* the only one there is */

char *model_memory(void)
{
	return arch_physical_to_kernel((struct physical){ 0 });
}

struct cpu *cpu_this(void)
{
	return &cpus[host.cpu];
}

struct thread *cpu_current(void)
{
	return host.current;
}

uint64_t user_gs_read(void);
void user_gs_write(uint64_t base);

uint64_t user_gs_read(void)
{
	return 0;
}

void user_gs_write(uint64_t base)
{
	(void)base;
}

void kernel_lock_wait(void)
{
	MUST(false);
}

void cr3_write(uint64_t value)
{
	loaded[host.cpu] = value;
}

static bool within(struct physical page, struct physical base, uint64_t pages)
{
	return page.value - base.value < pages * PAGE_SIZE;
}

/* No page is reused that a processor reaches, or reaches others through. */
static void pages_freed(struct physical base, uint64_t pages)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		MUST(!within((struct physical){ loaded[cpu] }, base, pages));
		for (unsigned int i = 0; i < TRANSLATIONS; i++) {
			const struct translation *at = &tlb[cpu][i];

			if (!at->id)
				continue;
			MUST(!within(at->physical, base, pages));
			for (unsigned int level = 0; level < TABLE_LEVELS; level++)
				MUST(!physical_valid(at->table[level]) ||
				     !within(at->table[level], base, pages));
		}
	}
}

void model_reset(void)
{
	memset(tlb, 0, sizeof(tlb));
	memset(cpus, 0, sizeof(cpus));
	next_id = 0;
	guest_modelled = NULL;
	/* A page that is not the allocator's. */
	kernel_root = (struct physical){ 0 };
	__asan_unpoison_memory_region(model_memory(), PAGE_SIZE);
	memset(model_memory(), 0, PAGE_SIZE);
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		cpus[cpu].self = &cpus[cpu];
		cpus[cpu].id = cpu;
		cpus[cpu].bit = 1ull << cpu;
		cpus[cpu].processor = &processors[cpu];
		loaded[cpu] = kernel_root.value;
	}
	host_pages_freed = pages_freed;
}

uint64_t root_new_id(void)
{
	return ++next_id;
}

uint64_t root_value(struct physical root, uint64_t id)
{
	MUST(id < sizeof(root_of_id) / sizeof(root_of_id[0]));
	id_of_root[root.value / PAGE_SIZE] = id;
	root_of_id[id] = root;
	return root.value;
}

void root_claim(uint64_t id)
{
	(void)id;
}

uint64_t root_value_claimed(struct physical root, uint64_t id)
{
	return root_value(root, id);
}

static bool batch_has(const struct tlb_batch *batch, const struct translation *at)
{
	unsigned int shift = PAGE_SHIFT + 9 * at->level;

	if (batch->everything)
		return true;
	for (unsigned int i = 0; i < batch->count; i++) {
		if (batch->page[i] >> shift == at->page << PAGE_SHIFT >> shift)
			return true;
	}
	return false;
}

/* Of these ids (0, 0: all). INVLPG also drops what is known of tables on the way (SDM 4.10.4.1). */
static void forget(unsigned int cpu, uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	for (unsigned int i = 0; i < TRANSLATIONS; i++) {
		struct translation *at = &tlb[cpu][i];

		if (!at->id || (id && at->id != id && at->id != second_id))
			continue;
		if (!batch || batch_has(batch, at))
			at->id = 0;
		for (unsigned int level = 0; level < TABLE_LEVELS; level++)
			at->table[level] = PHYSICAL_NONE;
	}
}

static bool runs(unsigned int cpu, uint64_t id)
{
	return id && loaded[cpu] != kernel_root.value && id_of_root[loaded[cpu] / PAGE_SIZE] == id;
}

/* A processor that runs neither forgets all of them and leaves the set, as the machine's does. */
void tlb_flush(uint64_t *among, uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		if (!(*among >> cpu & 1))
			continue;
		if (runs(cpu, id) || runs(cpu, second_id)) {
			forget(cpu, id, second_id, batch);
		} else {
			forget(cpu, id, second_id, NULL);
			*among &= ~(1ull << cpu);
		}
	}
}

void tlb_leave(uint64_t *among, uint64_t id, uint64_t second_id)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		if (!(*among >> cpu & 1))
			continue;
		if (runs(cpu, id) || runs(cpu, second_id))
			loaded[cpu] = kernel_root.value;
		forget(cpu, id, second_id, NULL);
	}
	*among = 0;
}

void tlb_flush_kernel_half(uint64_t among, const struct tlb_batch *batch)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		if (among >> cpu & 1)
			forget(cpu, 0, 0, batch);
	}
}

void tlb_gather(uint64_t among)
{
	(void)among;
}

status arch_thread_create(struct thread *thread)
{
	if (account_charge(thread->object.account, 1) != PURLIN_OK)
		return PURLIN_NO_MEMORY;
	thread->arch.fpu = thread;
	return PURLIN_OK;
}

void arch_thread_destroy(struct thread *thread)
{
	if (thread->arch.fpu)
		account_credit(thread->object.account, 1);
	thread->arch.fpu = NULL;
}

void arch_thread_init(struct thread *thread, uint64_t rip, uint64_t rsp, uint64_t argument)
{
	thread->arch.frame.rip = rip;
	thread->arch.frame.rsp = rsp;
	thread->arch.frame.rdi = argument;
}

void model_run(unsigned int cpu, struct thread *thread)
{
	struct thread *previous = cpus[cpu].current;
	unsigned int before = host.cpu;

	host.cpu = cpu;
	if (previous && previous != thread && previous->object.type == PURLIN_TYPE_VCPU)
		vcpu_unload(&cpus[cpu], thread_vcpu(previous));
	if (previous != thread) {
		cpus[cpu].current = thread;
		if (thread && thread->object.type == PURLIN_TYPE_VCPU)
			vcpu_load(&cpus[cpu], thread_vcpu(thread));
		else
			loaded[cpu] = kernel_root.value;
	}
	if (thread && thread->object.type == PURLIN_TYPE_VCPU)
		vcpu_leave(&cpus[cpu], thread_vcpu(thread));
	host.cpu = before;
}

/* The processor is made to enter the kernel, and finds that it has another thread to run. */
void arch_thread_evict(struct thread *thread)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		if (cpus[cpu].current != thread)
			continue;
		if (thread->object.type == PURLIN_TYPE_VCPU)
			vcpu_unload(&cpus[cpu], thread_vcpu(thread));
		cpus[cpu].current = NULL;
		loaded[cpu] = kernel_root.value;
	}
	if (host.current == thread)
		host.current = NULL;
}

/* The walk of the hardware, which marks what it used; false: not present. */
static bool walk(struct physical root, uint64_t address, bool mark, bool write,
		 struct translation *found)
{
	struct physical table = root;

	*found = (struct translation){ .page = address >> PAGE_SHIFT,
				       .write = true,
				       .execute = true };
	for (unsigned int level = 0; level < TABLE_LEVELS; level++)
		found->table[level] = PHYSICAL_NONE;
	for (unsigned int level = TABLE_LEVELS; level-- > 0;) {
		uint64_t *entry = &table_at(table)[table_index(address, level)];

		if (!(*entry & PTE_PRESENT) || !(*entry & PTE_USER))
			return false;
		found->write &= (*entry & PTE_WRITE) != 0;
		found->execute &= !(*entry & PTE_NX);
		found->table[level] = table;
		if (mark)
			*entry |= PTE_ACCESSED;
		table.value = *entry & PTE_ADDRESS;
		if (level == 0 || (*entry & PTE_LARGE)) {
			uint64_t size = 1ull << (PAGE_SHIFT + 9 * level);

			if (mark && write && found->write)
				*entry |= PTE_DIRTY;
			found->level = level;
			found->physical.value = table.value + (address & (size - PAGE_SIZE));
			return true;
		}
	}
	return false;
}

uint64_t model_entry(struct physical root, uint64_t address, unsigned int *level)
{
	struct physical table = root;

	for (*level = TABLE_LEVELS; (*level)-- > 0;) {
		uint64_t entry = table_at(table)[table_index(address, *level)];

		if (!(entry & PTE_PRESENT))
			return 0;
		if (*level == 0 || (entry & PTE_LARGE))
			return entry;
		table.value = entry & PTE_ADDRESS;
	}
	return 0;
}

static struct translation *cached(unsigned int cpu, uint64_t id, uint64_t page)
{
	for (unsigned int i = 0; i < TRANSLATIONS; i++) {
		if (tlb[cpu][i].id == id && tlb[cpu][i].page == page)
			return &tlb[cpu][i];
	}
	return NULL;
}

bool model_touch(unsigned int cpu, uint64_t address, bool write)
{
	struct physical root = { loaded[cpu] };
	uint64_t id = id_of_root[root.value / PAGE_SIZE];
	struct translation found, *at;

	if (root.value == kernel_root.value)
		return false;
	at = cached(cpu, id, address >> PAGE_SHIFT);
	if (at && (at->write || !write))
		return true;
	if (!walk(root, address, true, write, &found))
		return false;
	if (!at)
		at = &tlb[cpu][oldest[cpu]++ % TRANSLATIONS];
	*at = found;
	at->id = id;
	return found.write || !write;
}

/* While an attachment goes in rounds its pages stay, and the flush comes at the end. */
static bool dying_holds(const struct guest *guest, struct physical page)
{
	for (unsigned int i = 0; guest && i < guest->attachments; i++) {
		const struct attachment *at = guest->attachment[i];

		if (at->dying && within(page, at->base, at->pages))
			return true;
	}
	return false;
}

void model_tlb_check(void)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		for (unsigned int i = 0; i < TRANSLATIONS; i++) {
			const struct translation *at = &tlb[cpu][i];
			struct translation now;
			uint64_t address = (uint64_t)((int64_t)(at->page << 28) >> 16);

			if (!at->id || dying_holds(guest_modelled, at->physical))
				continue;
			MUST(walk(root_of_id[at->id], address, false, false, &now));
			MUST(now.physical.value == at->physical.value);
			MUST(now.write || !at->write);
			MUST(now.execute || !at->execute);
		}
	}
}

/* One half of a root, from slot `first` to `last`: its tables are counted, its leaves checked. */
struct tour {
	const struct guest *guest;
	bool lower;
	uint64_t tables, pages;
};

static void leaf_check(struct tour *tour, uint64_t address, uint64_t entry, uint64_t pages)
{
	struct physical page = { entry & PTE_ADDRESS };
	uint32_t cache;

	MUST(entry & PTE_USER);
	tour->pages += pages;
	if (!tour->guest)
		return;
	if (tour->lower)
		MUST(address + PAGE_SIZE <= PURLIN_GUEST_USER_END && pages == 1);
	for (unsigned int i = 0; i < tour->guest->attachments; i++) {
		const struct attachment *at = tour->guest->attachment[i];

		if (!within(page, at->base, at->pages))
			continue;
		MUST(page.value + pages * PAGE_SIZE <= at->base.value + at->pages * PAGE_SIZE);
		MUST(!(entry & PTE_WRITE) || (at->rights & PURLIN_MAP_WRITE));
		MUST((entry & PTE_NX) || (at->rights & PURLIN_MAP_EXECUTE));
		cache = at->rights & CACHE_MASK;
		MUST(cache == PURLIN_MAP_WRITE_BACK || (entry & CACHE_BITS));
		return;
	}
	MUST(false); /* a page of no attachment */
}

static void tour_table(struct tour *tour, struct physical table, unsigned int level, uint64_t base,
		       unsigned int first, unsigned int last)
{
	for (unsigned int i = first; i <= last; i++) {
		uint64_t entry = table_at(table)[i];
		uint64_t size = 1ull << (PAGE_SHIFT + 9 * level);
		uint64_t address = (uint64_t)((int64_t)((base + i * size) << 16) >> 16);

		if (!(entry & PTE_PRESENT))
			continue;
		if (level == 0 || (entry & PTE_LARGE)) {
			leaf_check(tour, address, entry, size / PAGE_SIZE);
			continue;
		}
		tour->tables++;
		tour_table(tour, (struct physical){ entry & PTE_ADDRESS }, level - 1, address, 0,
			   TABLE_ENTRIES - 1);
	}
}

static struct tour tour_half(const struct guest *guest, struct physical root, bool lower)
{
	struct tour tour = { .guest = guest, .lower = lower };

	tour_table(&tour, root, TABLE_LEVELS - 1, 0, lower ? 0 : GUEST_PML4_FIRST,
		   lower ? 255 : TABLE_ENTRIES - 1);
	return tour;
}

/* Both roots of a space say the same. */
static void roots_check(const struct space *space)
{
	const uint64_t *user = table_at(space->user_root), *kernel = table_at(space->kernel_root);
	const uint64_t *guest = table_at(space->guest->root);
	const uint64_t marks = PTE_ACCESSED | PTE_DIRTY;

	for (unsigned int slot = 0; slot < 256; slot++) {
		/* Without memory for what lies below, a new slot stays the user root's. */
		MUST(!kernel[slot] || !(((user[slot] | PTE_NX) ^ kernel[slot]) & ~marks));
	}
	for (unsigned int slot = GUEST_PML4_FIRST; slot < TABLE_ENTRIES; slot++) {
		MUST(!user[slot]);
		/* A new one reaches spaces that nobody is in when they are loaded. */
		MUST(!((guest[slot] ^ kernel[slot]) & ~marks) ||
		     (!kernel[slot] && space->slots != space->guest->slots));
	}
}

uint64_t model_object_pages(struct object *object)
{
	struct space *space = space_of(object);

	if (object->type != PURLIN_TYPE_SPACE || object->gone)
		return 0;
	/* Nobody is in a dying one any more. */
	if (!object->dead)
		roots_check(space);
	return 2 + tour_half(space->guest, space->user_root, true).tables;
}

uint64_t model_thread_pages(const struct thread *thread)
{
	return thread->arch.fpu ? 1 : 0;
}

uint64_t model_space_pages(struct pd *pd)
{
	if (pd->guest)
		return 1 + tour_half(pd->guest, pd->guest->root, false).tables;
	if (pd_is_guest(pd) || pd->object.gone || !physical_valid(pd->tables.root))
		return 0;
	return 1 + tour_half(NULL, pd->tables.root, true).tables;
}

static void attachment_check(const struct guest *guest, unsigned int index)
{
	const struct attachment *at = guest->attachment[index];
	unsigned int holders = 0;

	reference_seen(&at->memory->object);
	MUST(!at->memory->object.gone && at->pages && at->guest == guest);
	if (index)
		MUST(guest->attachment[index - 1]->address +
			     guest->attachment[index - 1]->pages * PAGE_SIZE <=
		     at->address);
	list_for_each(link, &guest->vcpus)
	{
		holders += container_of(link, struct vcpu, guest_link)->attachment == at;
	}
	MUST(holders == at->holders);
}

static void regions_check(const struct pd *pd)
{
	uint64_t mapped = 0;

	if (!physical_valid(pd->tables.root))
		return;
	list_for_each(link, &pd->regions)
	{
		mapped += container_of(link, struct region, pd_link)->mapped;
	}
	MUST(tour_half(NULL, pd->tables.root, true).pages == mapped);
}

void model_pd_check(struct pd *pd)
{
	const struct guest *guest = pd->guest;

	if (!guest && !pd_is_guest(pd))
		regions_check(pd);
	if (!guest)
		return;
	guest_modelled = guest;
	for (unsigned int i = 0; i < guest->attachments; i++)
		attachment_check(guest, i);
	list_for_each(link, &guest->vcpus)
	{
		const struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		MUST(!vcpu->space || (vcpu->space->guest == guest && !vcpu->space->object.gone));
		MUST(!vcpu->state == !vcpu->attachment);
	}
}
