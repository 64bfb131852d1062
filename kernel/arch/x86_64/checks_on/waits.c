// SPDX-License-Identifier: MIT
/*
 * How long a processor waits for others: for the kernel's lock, and until they have flushed their
 * TLBs. The checks run with the lock held, which whoever waits must not be charged with: these
 * times are of a clock that stands still meanwhile.
 */
#include "arch/checks.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/arch.h"
#include "base/lock.h"
#include "checks_on/damage.h"
#include "checks_on/walk.h"
#include "debug/log.h"
#include "own.h"

/* Written with the lock held, read by whoever waits for it: `version` is odd while it changes. */
static struct {
	uint32_t version;
	uint64_t spent; /* by checks that are over */
	uint64_t since; /* the checks at hand began; 0: none */
} checking;
static unsigned int depth;

struct wait {
	uint64_t times, longest;
};
static struct wait for_lock, for_flushes;
/* While the machine boots, processors wait until all is set up: that does not count. */
static bool booted;

static void checking_set(uint64_t spent, uint64_t since)
{
	__atomic_store_n(&checking.version, checking.version + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&checking.spent, spent, __ATOMIC_RELEASE);
	__atomic_store_n(&checking.since, since, __ATOMIC_RELEASE);
	__atomic_store_n(&checking.version, checking.version + 1, __ATOMIC_RELEASE);
}

void waits_stop_clock(void)
{
	if (!depth++)
		checking_set(checking.spent, arch_time());
}

void waits_begin(void)
{
	__atomic_store_n(&booted, true, __ATOMIC_RELAXED);
}

void waits_start_clock(void)
{
	if (!--depth)
		checking_set(checking.spent + (arch_time() - checking.since), 0);
}

/* Without the time that the checks have taken so far. */
static uint64_t own_time(void)
{
	uint64_t spent, since, time;
	uint32_t version;

	do {
		version = __atomic_load_n(&checking.version, __ATOMIC_ACQUIRE);
		spent = __atomic_load_n(&checking.spent, __ATOMIC_ACQUIRE);
		since = __atomic_load_n(&checking.since, __ATOMIC_ACQUIRE);
		time = arch_time();
	} while (version % 2 || version != __atomic_load_n(&checking.version, __ATOMIC_ACQUIRE));
	return (since ? since : time) - spent;
}

static void note(struct wait *wait, uint64_t start)
{
	uint64_t time = own_time() - start;

	wait->times++;
	if (time > wait->longest)
		wait->longest = time;
}

void __real_kernel_lock_wait(void);
void __wrap_kernel_lock_wait(void);

void __wrap_kernel_lock_wait(void)
{
	bool counts = __atomic_load_n(&booted, __ATOMIC_RELAXED);
	uint64_t start = own_time();

	__real_kernel_lock_wait();
	if (counts)
		note(&for_lock, start);
}

static bool asks_others(uint64_t processors)
{
	return processors & ~cpu_this()->bit;
}

void __real_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch);
void __wrap_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch);

void __wrap_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch)
{
	bool others = asks_others(*processors);
	uint64_t start = own_time();

	if (others && damage_lasts(DAMAGE_TRANSLATION))
		return;
	__real_tlb_flush(processors, id, second_id, batch);
	if (others)
		note(&for_flushes, start);
}

void __real_tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id);
void __wrap_tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id);

void __wrap_tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id)
{
	bool others = asks_others(*processors);
	uint64_t start = own_time();

	__real_tlb_leave(processors, id, second_id);
	if (others)
		note(&for_flushes, start);
}

void __real_tlb_flush_kernel_half(uint64_t processors, const struct tlb_batch *batch);
void __wrap_tlb_flush_kernel_half(uint64_t processors, const struct tlb_batch *batch);

void __wrap_tlb_flush_kernel_half(uint64_t processors, const struct tlb_batch *batch)
{
	uint64_t start = own_time();

	__real_tlb_flush_kernel_half(processors, batch);
	if (asks_others(processors))
		note(&for_flushes, start);
}

void __real_tlb_gather(uint64_t processors);
void __wrap_tlb_gather(uint64_t processors);

void __wrap_tlb_gather(uint64_t processors)
{
	uint64_t start = own_time();

	__real_tlb_gather(processors);
	if (asks_others(processors))
		note(&for_flushes, start);
}

void __real_tlb_answer(void);
void __wrap_tlb_answer(void);

void __wrap_tlb_answer(void)
{
	const struct cpu *cpu = cpu_this();

	if (__atomic_load_n(&cpu->shootdown_request, __ATOMIC_ACQUIRE) != cpu->shootdown_done &&
	    damage_due(DAMAGE_ANSWER))
		damage_waste_time();
	__real_tlb_answer();
}

void waits_report(void)
{
	log_print("waited for the lock: %lu ticks at most, %lu times\n", for_lock.longest,
		  for_lock.times);
	log_print("waited for flushes: %lu ticks at most, %lu times\n", for_flushes.longest,
		  for_flushes.times);
}
