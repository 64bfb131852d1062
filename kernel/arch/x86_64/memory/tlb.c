/* SPDX-License-Identifier: MIT */
/*
 * Who holds which translations, and making them go.
 *
 * Every root has an id that is never used again. With PCID (SDM 3A, 4.10.1) each
 * processor keeps a table from PCID to the id whose entries it may hold; a root's
 * PCID follows from its id, so two roots may want the same one: the later takes
 * it, with a flush. Without PCID loading CR3 flushes, and only the loaded root counts.
 *
 * A shoot-down is one request at a time, since the kernel lock is held: the
 * holder writes it, interrupts the processors concerned and waits until all have
 * answered. They answer from the interrupt by way of waiting for the lock, or
 * while waiting for it anyhow.
 */
#include "arch/paging.h"

#include "arch/instructions.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/lock.h"
#include "debug/log.h"

#define CR3_KEEP (1ull << 63)

enum tlb_work { TLB_PAGES, TLB_LEAVE, TLB_KERNEL_HALF, TLB_GATHER };

/* Read by those who are asked. The kernel lock is held until all have answered: there is one. */
static struct {
	enum tlb_work work;
	uint64_t id, second_id;
	const struct tlb_batch *batch;
	uint64_t gone; /* processors that hold nothing of the ids any more */
} request;
/*
 * A processor may be asked by an interrupt that it takes only after it has answered while it waited
 * for the lock. By the number it sees that nothing is left to do.
 */
static uint64_t request_number;

/* Each processor writes its own only, so that no lock is needed at a switch. */
static struct tlb_held held[CPU_MAX];

struct tlb_held *tlb_held_by(unsigned int cpu)
{
	return &held[cpu];
}

/* 64 bits: at one root a nanosecond they last for 500 years. 0 means none. */
static uint64_t next_id = 1;

uint64_t root_new_id(void)
{
	return next_id++;
}

static uint64_t pcid_of(uint64_t id)
{
	/* PCID 0 is the kernel's own root, which maps nothing of user level. */
	return 1 + id % (PCIDS - 1);
}

uint64_t root_value(struct physical root, uint64_t id)
{
	return cpu_features.pcid ? root.value | pcid_of(id) | CR3_KEEP : root.value;
}

void root_claim(uint64_t id)
{
	struct tlb_held *here = cpu_this()->tlb;
	uint64_t pcid = pcid_of(id);

	if (!cpu_features.pcid) {
		cpu_this()->loaded = id;
		return;
	}
	if (here->owner[pcid] == id)
		return;
	/* The PCID is free, or another root's entries are under it: those go before it is used. */
	if (here->owner[pcid])
		invpcid(1, pcid, 0);
	here->owner[pcid] = id;
}

uint64_t root_value_claimed(struct physical root, uint64_t id)
{
	root_claim(id);
	return root_value(root, id);
}

/* It maps nothing of user level, so the root it takes the place of can be freed. */
static void kernel_root_load(void)
{
	cr3_write(kernel_root.value);
	cpu_this()->loaded = 0;
}

static void flush_loaded(const struct tlb_batch *batch)
{
	if (batch->everything) {
		/* Drops all but global entries, and only the kernel's own mappings are global. */
		cr3_write(cr3_read());
		return;
	}
	for (unsigned int i = 0; i < batch->count; i++)
		invlpg(batch->page[i]);
}

static void flush_id(uint64_t id, const struct tlb_batch *batch)
{
	uint64_t pcid = pcid_of(id);

	if (!id || held[cpu_this()->id].owner[pcid] != id)
		return;
	if (batch->everything) {
		invpcid(1, pcid, 0);
		return;
	}
	for (unsigned int i = 0; i < batch->count; i++)
		invpcid(0, pcid, batch->page[i]);
}

/* Of roots of which this processor runs one. Without PCID only the one in CR3 has entries. */
static void flush_ids(uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	if (!cpu_features.pcid) {
		flush_loaded(batch);
		return;
	}
	flush_id(id, batch);
	flush_id(second_id, batch);
}

void tlb_flush_here(uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	flush_ids(id, second_id, batch);
}

/* This processor forgets an id; true if it had to leave its root. */
static void forget_id(uint64_t id)
{
	unsigned int cpu = cpu_this()->id;
	uint64_t pcid = pcid_of(id);

	if (!id || !cpu_features.pcid || held[cpu].owner[pcid] != id)
		return;
	invpcid(1, pcid, 0);
	held[cpu].owner[pcid] = 0;
}

static bool id_loaded(uint64_t id)
{
	unsigned int cpu = cpu_this()->id;

	if (!id)
		return false;
	/*
	 * The PCID alone does not tell: another root may have taken it, or the kernel's root may be
	 * loaded with the entries of this one still there.
	 */
	if (cpu_features.pcid)
		return held[cpu].owner[pcid_of(id)] == id && (cr3_read() & 0xfff) == pcid_of(id);
	return cpu_this()->loaded == id;
}

/* Every kernel root of the guest maps these pages, so every PCID may hold them. */
static void flush_kernel_half(const struct tlb_batch *batch)
{
	if (cpu_features.pcid)
		invpcid(3, 0, 0);
	else
		flush_loaded(batch);
}

static bool one_loaded(uint64_t id, uint64_t second_id)
{
	return id_loaded(id) || id_loaded(second_id);
}

static void perform(void)
{
	bool running = one_loaded(request.id, request.second_id);

	switch (request.work) {
	case TLB_PAGES:
	case TLB_LEAVE:
		if (!running)
			break;
		/* An idle processor leaves at a change of pages, or it would be asked at each. */
		if (request.work == TLB_PAGES && cpu_this()->current) {
			flush_ids(request.id, request.second_id, request.batch);
			return;
		}
		/* Forgetting the entries would not keep the processor from walking. */
		kernel_root_load();
		break;
	case TLB_KERNEL_HALF:
		flush_kernel_half(request.batch);
		return;
	case TLB_GATHER:
		/* The processor has entered the kernel, and no more was asked for. */
		return;
	}
	/*
	 * Not loaded here: forgotten as a whole, page by page would take longer, and the next
	 * change of the space need not interrupt this processor.
	 */
	forget_id(request.id);
	forget_id(request.second_id);
	__atomic_or_fetch(&request.gone, 1ull << cpu_this()->id, __ATOMIC_RELAXED);
}

void tlb_answer(void)
{
	struct cpu *cpu = cpu_this();
	uint64_t number = __atomic_load_n(&cpu->shootdown_request, __ATOMIC_ACQUIRE);

	if (number == cpu->shootdown_done)
		return;
	perform();
	/*
	 * Release: when the asker reads this, no translation of ours is in use any more, and it may
	 * free the page.
	 */
	__atomic_store_n(&cpu->shootdown_done, number, __ATOMIC_RELEASE);
}

static void ask(uint64_t processors)
{
	uint64_t self = 1ull << cpu_this()->id;
	uint64_t number = ++request_number;

	if (!(processors & ~self)) {
		if (processors)
			perform();
		return;
	}
	count(SHOOTDOWNS);
	/* All are asked before the first is waited for: they answer at the same time. */
	for (unsigned int i = 0; i < cpu_count; i++) {
		if (!(processors & ~self & (1ull << i)))
			continue;
		__atomic_store_n(&cpus[i].shootdown_request, number, __ATOMIC_RELEASE);
		apic_send(i, VECTOR_SHOOTDOWN);
	}
	if (processors & self)
		perform();
	for (unsigned int i = 0; i < cpu_count; i++) {
		if (!(processors & ~self & (1ull << i)))
			continue;
		while (__atomic_load_n(&cpus[i].shootdown_done, __ATOMIC_ACQUIRE) != number)
			/*
			 * Nobody waits for us at the same time: all others are outside of the
			 * kernel, with interrupts on, or answer while they wait for the lock.
			 */
			__builtin_ia32_pause();
	}
}

void tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	if (!*processors)
		return;
	/* Most spaces were never elsewhere, and most changes are of the one that runs. */
	if (*processors == 1ull << cpu_this()->id && one_loaded(id, second_id)) {
		flush_ids(id, second_id, batch);
		return;
	}
	request.work = TLB_PAGES;
	request.id = id;
	request.second_id = second_id;
	request.batch = batch;
	request.gone = 0;
	ask(*processors);
	/* Those that forgot it wholly need not be asked again until they load it. */
	*processors &= ~request.gone;
}

void tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id)
{
	if (!*processors)
		return;
	request.work = TLB_LEAVE;
	request.id = id;
	request.second_id = second_id;
	request.gone = 0;
	ask(*processors);
	*processors = 0;
}

/* Without ids: each space of the guest has its own, and any of them may be in a TLB. */
void tlb_flush_kernel_half(uint64_t processors, const struct tlb_batch *batch)
{
	request.work = TLB_KERNEL_HALF;
	request.id = request.second_id = 0;
	request.batch = batch;
	ask(processors);
}

void tlb_gather(uint64_t processors)
{
	request.work = TLB_GATHER;
	request.id = request.second_id = 0;
	ask(processors & ~(1ull << cpu_this()->id));
}
