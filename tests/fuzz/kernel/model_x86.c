// SPDX-License-Identifier: MIT
/* Processors whose TLBs keep everything. */
#include "model_x86.h"

#include "system.h"

#include "arch/vcpu.h"
#include "arch/boot.h"
#include "arch/machine.h"
#include "base/lock.h"
#include "base/pages.h"
#include "checks_on/damage.h"
#include "object/processor.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/space.h"

#include <sanitizer/asan_interface.h>

#define TRANSLATIONS 64
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)

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

/* There is no image, and no fault of the debug kernel is made. */
const char image_text_start[1], image_text_end[1], image_data_start[1], image_end[1];

bool damage_due(enum damage kind)
{
	(void)kind;
	return false;
}

bool damage_lasts(enum damage kind)
{
	(void)kind;
	return false;
}

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

uint64_t user_gs_read(void)
{
	return 0;
}

void user_gs_write(uint64_t base)
{
	(void)base;
}

/* Debug registers are nothing that TLBs and tables depend on. */
void watches_load(struct cpu *cpu, const struct arch_vcpu *vcpu)
{
	(void)vcpu;
	cpu->watches = true;
}

void watches_unload(struct cpu *cpu)
{
	cpu->watches = false;
}

status arch_vcpu_debug(struct vcpu *vcpu, const struct vcpu_debug_arguments *arguments)
{
	vcpu->arch.has_watches = arguments->control != 0;
	return PURLIN_OK;
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

/* Whoever flushes here only knows that no other processor remembers anything. */
void tlb_flush_here(uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++) {
		for (unsigned int i = 0; i < TRANSLATIONS && cpu != host.cpu; i++)
			MUST(tlb[cpu][i].id != id && tlb[cpu][i].id != second_id);
	}
	forget(host.cpu, id, second_id, batch);
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
		if (thread && thread->object.type == PURLIN_TYPE_VCPU) {
			guest_modelled = thread_vcpu(thread)->guest;
			vcpu_load(&cpus[cpu], thread_vcpu(thread));
		} else {
			loaded[cpu] = kernel_root.value;
		}
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
