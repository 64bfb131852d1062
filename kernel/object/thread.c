// SPDX-License-Identifier: MIT
/* Threads: creation, end, faults. */
#include "object/thread.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/memory.h"
#include "object/pd.h"

#define SLICE_MIN_US 100
#define SLICE_MAX_US 1000000

static uint64_t slice_of(uint64_t microseconds)
{
	return arch_time_hz() / 1000 * microseconds / 1000;
}

void thread_init(struct thread *thread, uint8_t type, struct pd *pd, unsigned int cpu,
		 unsigned int priority)
{
	thread->call.caller = thread;
	thread->call.pd = pd;
	/* 0 is a call: a new thread must not seem to be in the middle of it. */
	thread->call.progress.number = CALL_NONE;
	thread->call.arguments = arch_call_arguments(thread);
	thread->pd = pd;
	thread->cpu = (uint16_t)cpu;
	thread->processor = scheduler_processor(cpu);
	thread->state = THREAD_NEW;
	thread->priority = thread->base_priority = (uint8_t)priority;
	thread->slice = slice_of(SCHEDULER_SLICE_US);
	list_init(&thread->link);
	list_init(&thread->vcpu_signals);
	list_append(&pd->threads, &thread->pd_link);
	pd->thread_count++;
	if (!pd->first_thread)
		pd->first_thread = thread;
	object_init(&thread->object, type, pd->object.account);
}

void thread_fault(struct thread *thread, unsigned int vector, uint64_t error, uint64_t rip,
		  uint64_t cr2)
{
	struct pd *pd = thread->pd;

	/* Stopped by another processor while this one waited for the lock. */
	if (thread->state != THREAD_READY)
		return;
	if (account_log_allowed(pd->object.account))
		log_print("%s: fault: vector %u, error %lx, rip %lx, cr2 %lx, cpu %u\n", pd->name,
			  vector, error, rip, cr2, (unsigned int)thread->cpu);
	/* Only the first fault is recorded: later ones are often its consequences. */
	thread_stop(thread);
	if (pd->state == PD_RUNS) {
		pd->fault_cr2 = cr2;
		pd->fault_error = error;
		pd->fault_cpu = thread->cpu;
	}
	pd_report(pd, PD_FAULTED, vector, rip);
}

/*
 * A guest ends with any of its vCPUs. A native PD ends with its first thread, which serves its
 * requests, or when no thread is left that could run.
 */
static bool ends_with(const struct pd *pd, const struct thread *thread)
{
	if (pd_is_guest(pd) || pd->first_thread == thread)
		return true;
	list_for_each(link, &pd->threads)
	{
		if (container_of(link, struct thread, pd_link)->state != THREAD_STOPPED)
			return false;
	}
	return true;
}

CALL_HANDLER(thread_exit)
{
	uint64_t value = call->arguments->thread_exit.value;
	struct thread *caller = call->caller;
	struct pd *pd = caller->pd;

	bool ends;

	thread_stop(caller);
	trace(PURLIN_TRACE_OBJECT, "%s: thread exits: %lx\n", pd->name, value);
	ends = ends_with(pd, caller);
	/* The watcher finds nothing in the PD's status: what is lost must be seen somewhere. */
	if (!ends && account_log_allowed(pd->object.account))
		log_print("%s: goes on without a thread that exits: %lx\n", pd->name, value);
	pd_report(pd, ends ? PD_EXITED : PD_RUNS, value, 0);
	return CALL_DEFERRED;
}

CALL_HANDLER(thread_yield)
{
	scheduler_yield(call->caller);
	return PURLIN_OK;
}

static status check_create(const struct thread *caller, const struct pd *pd,
			   const struct thread_create_arguments *arguments)
{
	if (pd_is_guest(pd))
		return call_refuse(1, PURLIN_BUSY);
	if (pd->thread_count == PD_THREADS_MAX)
		return call_refuse(1, PURLIN_NO_MEMORY);
	/* Its own priority, not one that was lent to it: that goes back with the reply. */
	if (arguments->priority > caller->base_priority)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	return call_refuse(3, pd_processor_check(pd, arguments->cpu));
}

/*
 * The message buffer: a page of the kernel's, mapped where the program wants it. It belongs to no
 * memory object, so nobody can take it away while the kernel copies messages.
 */
static status message_create(struct thread *thread, struct pd *pd, uint64_t address)
{
	struct account *account = pd->object.account;
	struct physical page = account_page(account);
	struct region *region;
	status result = PURLIN_NO_MEMORY;

	if (!physical_valid(page))
		return result;
	result = region_create(pd, region_place(pd, address), NULL, address, 0, 1,
			       PURLIN_MAP_READ | PURLIN_MAP_WRITE, &region);
	if (result != PURLIN_OK)
		goto free_page;
	result = region_map_page(region, page);
	if (result != PURLIN_OK)
		goto free_region;
	thread->message_region = region;
	thread->message = arch_physical_to_kernel(page);
	return PURLIN_OK;

free_region:
	region_remove_page(region);
free_page:
	account_page_free(account, page);
	return result;
}

status thread_create(struct pd *pd, unsigned int cpu, unsigned int priority,
		     uint64_t message_address, struct thread **created)
{
	struct account *account = pd->object.account;
	struct thread *thread = account_allocate(account, sizeof(*thread));
	status result = PURLIN_NO_MEMORY;

	if (!thread)
		return result;
	thread->object.account = account;
	if (arch_thread_create(thread) != PURLIN_OK)
		goto free_thread;
	result = message_create(thread, pd, message_address);
	if (result != PURLIN_OK)
		goto free_state;
	thread_init(thread, PURLIN_TYPE_THREAD, pd, cpu, priority);
	*created = thread;
	return PURLIN_OK;

free_state:
	arch_thread_destroy(thread);
free_thread:
	account_free(account, thread);
	return result;
}

CALL_HANDLER(thread_create)
{
	const struct thread_create_arguments *arguments = &call->arguments->thread_create;
	struct pd *pd = pd_of(call->object);
	struct capability *slot;
	struct thread *thread;
	status result = check_create(call->caller, pd, arguments);

	if (result != PURLIN_OK)
		return result;
	result = call_slot(call, &slot);
	if (result != PURLIN_OK)
		return result;
	result = thread_create(pd, (unsigned int)arguments->cpu, (unsigned int)arguments->priority,
			       arguments->message_address, &thread);
	if (result != PURLIN_OK)
		return call_refuse(5, result);
	capability_fill(slot, &thread->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(thread_start)
{
	const struct thread_start_arguments *arguments = &call->arguments->thread_start;
	struct thread *thread = thread_of(call->object);

	if (call->object->type == PURLIN_TYPE_VCPU)
		return call_refuse(1, PURLIN_BAD_CAPABILITY);
	/* Canonical, for SYSRET, and not in the last page: see ARCH_NATIVE_END. */
	if (arguments->rip >= ARCH_NATIVE_END)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (thread->state != THREAD_NEW)
		return PURLIN_BUSY;
	arch_thread_init(thread, arguments->rip, arguments->rsp, arguments->argument);
	scheduler_ready(thread);
	return PURLIN_OK;
}

/*
 * What the caller lends. On another processor that is no more than a thread of its own might have
 * there: what was lent to itself was for this one, and its PD may not have the other. Else two
 * components could join to have time where the description gives it to neither.
 */
unsigned int thread_lent(const struct thread *caller, const struct thread *server)
{
	if (caller->cpu == server->cpu)
		return caller->priority;
	return pd_processor_check(caller->pd, server->cpu) ? 0 : caller->base_priority;
}

unsigned int thread_priority_serving(const struct thread *caller, const struct thread *server)
{
	unsigned int priority = caller->lends ? thread_lent(caller, server) : 0;

	return priority > server->base_priority ? priority : server->base_priority;
}

CALL_HANDLER(thread_schedule)
{
	const struct thread_schedule_arguments *arguments = &call->arguments->thread_schedule;
	struct thread *thread = thread_of(call->object);
	uint64_t priority = arguments->priority;

	if (priority > call->caller->base_priority)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (arguments->slice_us < SLICE_MIN_US || arguments->slice_us > SLICE_MAX_US)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	thread->base_priority = (uint8_t)priority;
	thread->slice = slice_of(arguments->slice_us);
	/* The rest of a slice of the old length does not count. */
	thread->slice_left = 0;
	/* A client that waits for the reply goes on lending its priority. */
	if (thread->client)
		priority = thread_priority_serving(thread->client, thread);
	scheduler_set_priority(thread, (unsigned int)priority);
	return PURLIN_OK;
}
