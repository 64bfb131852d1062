// SPDX-License-Identifier: MIT
/*
 * Kernel calls of threads on two processors, one entry into the kernel after another, on whichever
 * processor the input says; between the rounds of a restarted call anything may happen. After each
 * entry all objects are checked, at the end all is destroyed and nothing is left.
 */
#include "choices.h"
#include "system.h"

#include "base/pages.h"
#include "object/processor.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/capability.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"
#include "object/vcpu.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"

#define STEPS_MOST 160
#define ROUNDS_MOST 4000 /* of one call: far more than its pages and objects */
#define MESSAGES 0x20000000ull
/* The guest, if the input wants one. */
#define GUEST 22
#define VCPU 23
#define SECOND_VCPU 24
#define GUEST_MEMORY 25
#define UPPER PURLIN_GUEST_KERNEL_BASE

/* What each processor runs; it may have lost it already, and learn that at its next entry. */
static struct thread *running[CPUS];
/* How often each call succeeded or made its caller wait, and was refused. FUZZ_COUNTS tells. */
static struct {
	uint64_t done, refused;
} outcomes[PURLIN_CALLS];
static void *guest_pages; /* its memory, as long as that is there; it may write there at any time */
static unsigned int rounds; /* of the call that is being restarted */

/* New registers for the next call; false: core would never come back from it. */
static bool choose_call(struct thread *caller)
{
	uint64_t call = call_number(caller);

	/* Not the log's owner and watcher: they outlive the system. */
	if (call == PURLIN_CALL_LOG_UART || call == PURLIN_CALL_LOG_WATCH ||
	    call == PURLIN_CALL_TRACE_MASK)
		return false;
	caller->arch.number = call;
	call_arguments(caller, call, caller->arch.argument);
	return caller != core || !call_blocks(call);
}

/* What the objects check cannot see: a new capability has no more rights than the old one. */
static void capability_check(const struct thread *caller, const uint64_t *argument, uint32_t rights,
			     uint64_t badge)
{
	const struct pd *pd = pd_of(object_at(caller, argument[0]));
	const struct capability *made = capability_find(&pd->capabilities, argument[1]);

	MUST(made && !(made->rights & ~rights) && !(made->rights & ~argument[3]));
	MUST(!badge || made->badge == badge);
}

static void memory_check(const struct memory *memory)
{
	uint64_t ends[] = { 0, memory->pages - 1 };

	MUST(memory->zeroed == memory->pages);
	if (memory->physical)
		return;
	for (unsigned int i = 0; i < 2; i++) {
		const uint64_t *page = arch_physical_to_kernel(memory_physical(memory, ends[i]));

		MUST(!page[0] && !page[511]);
	}
}

static void result_check(const struct thread *caller, const uint64_t *argument, uint32_t rights,
			 uint64_t badge)
{
	switch (caller->arch.number) {
	case PURLIN_CALL_CAP_COPY:
		capability_check(caller, argument, rights, badge);
		break;
	case PURLIN_CALL_MEMORY_CREATE:
		memory_check(memory_of(object_at(caller, argument[1])));
		break;
	default:
		break;
	}
}

static void user_pages(void)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		if (running[cpu] && running[cpu]->message)
			user_memory(running[cpu]->message, PAGE_SIZE);
	}
	if (core && core->message)
		user_memory(core->message, PAGE_SIZE);
	if (guest_pages)
		user_memory(guest_pages, GUEST_PAGES * PAGE_SIZE);
}

/* The thread makes the call that its registers hold. */
static void enter(struct thread *caller)
{
	uint64_t argument[6], number = caller->arch.number;
	const struct capability *source;
	uint32_t rights;
	uint64_t badge;
	bool refused = caller->state == THREAD_READY &&
		       call_must_fail(caller, caller->arch.number, caller->arch.argument);
	bool stopped = caller->state != THREAD_READY;

	memcpy(argument, caller->arch.argument, sizeof(argument));
	source = capability_find(&caller->pd->capabilities, argument[2]);
	rights = source ? source->rights : 0;
	badge = source ? source->badge : 0;
	caller->arch.answered = caller->arch.restarted = false;
	user_pages();
	meanwhile_begin();
	call_dispatch(caller);
	meanwhile_end();
	if (stopped)
		return;
	if (number < PURLIN_CALLS && !caller->arch.restarted) {
		if (caller->arch.answered && caller->arch.result < 0)
			outcomes[number].refused++;
		else
			outcomes[number].done++;
	}
	if (refused)
		MUST(caller->arch.answered && caller->arch.result < 0);
	if (caller->arch.restarted)
		MUST(++rounds < ROUNDS_MOST);
	else if (caller->arch.answered && caller->arch.result == PURLIN_OK && !caller->object.dead)
		result_check(caller, argument, rights, badge);
}

/* In a storm of interrupts the call still comes to its end. */
static void enter_until_done(struct thread *caller)
{
	enter(caller);
	while (meanwhile_storm && caller->arch.restarted)
		enter(caller);
	meanwhile_storm = false;
}

/* On the way out the processor takes what the scheduler says. */
static void leave(unsigned int cpu)
{
	host.cpu = cpu;
	host.current = running[cpu];
	running[cpu] = scheduler_pick(&processors[cpu]);
}

/* Threads that were destroyed are on no processor any more. */
void __wrap_arch_thread_evict(struct thread *thread);
void __wrap_arch_thread_evict(struct thread *thread)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		if (running[cpu] == thread)
			running[cpu] = NULL;
	}
	if (host.current == thread)
		host.current = NULL;
	if (core == thread)
		core = NULL;
}

/* What the program does before its call: words and slots of its message. */
static void message_write(struct thread *thread)
{
	struct purlin_message *message = thread->message;

	if (!message)
		return;
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++) {
		message->send_slot[i] = input_choice(&input, SLOTS);
		message->receive_slot[i] = FIRST_NEW + input_choice(&input, SLOTS - FIRST_NEW);
	}
	for (unsigned int i = 0; i < 4; i++)
		message->word[i] = input_number(&input);
}

static void note(struct thread *thread)
{
	struct vcpu *vcpu;

	if (thread->object.type != PURLIN_TYPE_VCPU)
		return;
	vcpu = thread_vcpu(thread);
	for (unsigned int i = input_choice(&input, 4); vcpu->state && i; i--)
		batch_write(vcpu->state);
	if (guest_pages)
		table_write((uint64_t *)((char *)guest_pages + 8 * PAGE_SIZE));
}

static void interrupt(unsigned int cpu, uint8_t kind)
{
	switch (kind % 4) {
	case 0:
		host.time += 1ull << input_choice(&input, 32);
		timeout_expired();
		break;
	case 1:
		host_gsi_fire(input_choice(&input, HOST_GSIS));
		break;
	case 2:
		host_msi_fire(input_choice(&input, HOST_MSIS));
		break;
	default:
		/* A reschedule interrupt, or one for nothing. */
		break;
	}
	leave(cpu);
}

static void step(unsigned int cpu)
{
	struct thread *thread = running[cpu];
	uint8_t kind;

	host.cpu = cpu;
	host.current = thread;
	if (thread && thread->arch.restarted) {
		enter_until_done(thread);
		leave(cpu);
		return;
	}
	kind = input_byte(&input);
	if (!thread || kind >= 0xe0) {
		interrupt(cpu, kind);
	} else if (kind >= 0xd0) {
		message_write(thread);
		note(thread);
	} else if (kind == 0xcf) {
		thread_fault(thread, 14, 0, 0, 0);
		leave(cpu);
	} else if (choose_call(thread)) {
		rounds = 0;
		enter_until_done(thread);
		leave(cpu);
	}
}

static status call_by(struct thread *thread, uint64_t number, const uint64_t *argument)
{
	thread->arch.number = number;
	memcpy(thread->arch.argument, argument, sizeof(thread->arch.argument));
	host.current = thread;
	call_dispatch(thread);
	thread->arch.restarted = false;
	return thread->arch.result;
}

static status core_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	return call_by(core, number, (uint64_t[6]){ a, b, c, d, e, 0 });
}

/* A PD with a thread, and capabilities of what core has made; rights as the input says. */
static void partner(unsigned int index, unsigned int cpu, unsigned int priority)
{
	uint64_t slot = FIRST_NEW + 2 * index;
	uint64_t which = input_bytes(&input, 2);
	uint8_t deny = input_byte(&input);

	MUST(core_call(PURLIN_CALL_PD_CREATE, PURLIN_SLOT_ACCOUNT, slot, 64, 0, ~0ull) ==
	     PURLIN_OK);
	MUST(core_call(PURLIN_CALL_THREAD_CREATE, slot, slot + 1, cpu, priority, MESSAGES) ==
	     PURLIN_OK);
	MUST(core_call(PURLIN_CALL_THREAD_START, slot + 1, 0x400000, 0x500000, 0, 0) == PURLIN_OK);
	for (unsigned int to = 1; to < FIRST_NEW; to++) {
		bool denied = which >> to & 1;
		uint64_t own[] = { slot, 30, slot + 1 };
		uint64_t from = to <= 3 ? own[to - 1] : 26 + to % 6;
		uint8_t type = object_at(core, from)->type;
		bool badged = type == PURLIN_TYPE_ENDPOINT || type == PURLIN_TYPE_SIGNAL;

		/* The last ones also hold what only core has. */
		if (to >= 13 && (which & 1))
			from = to - 8;
		core_call(PURLIN_CALL_CAP_COPY, slot, to, from,
			  denied ? PURLIN_RIGHT_ALL & ~deny : PURLIN_RIGHT_ALL,
			  badged && denied && from >= 26 ? deny : 0);
	}
}

#define ARGUMENTS(...) ((uint64_t[6]){ __VA_ARGS__ })

/* What its vCPU holds besides its own: an endpoint, a signal, memory. */
static void guest_slots(void)
{
	static const struct {
		uint8_t to, from;
	} slots[] = { { PURLIN_SLOT_PD, GUEST }, { 2, 30 }, { PURLIN_SLOT_THREAD, VCPU },
		      { 4, SECOND_VCPU },	 { 5, 26 }, { 6, 27 },
		      { 7, GUEST_MEMORY },	 { 8, 28 } };

	for (unsigned int i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		MUST(core_call(PURLIN_CALL_CAP_COPY, GUEST, slots[i].to, slots[i].from, ~0u, 0) ==
		     PURLIN_OK);
}

/* A guest with memory, a vCPU that is configured and in a space, and one that is not started. */
static void guest_begin(unsigned int second_cpu)
{
	struct thread *vcpu;

	MUST(core_call(PURLIN_CALL_PD_CREATE, PURLIN_SLOT_ACCOUNT, GUEST, 64, PURLIN_PD_GUEST,
		       ~0ull) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, GUEST_MEMORY, GUEST_PAGES,
		       PURLIN_MEMORY_CONTIGUOUS, 0) == PURLIN_OK);
	MUST(call_by(core, PURLIN_CALL_GUEST_ATTACH,
		     ARGUMENTS(GUEST, 0, GUEST_MEMORY, 0, GUEST_PAGES, 7)) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_VCPU_CREATE, GUEST, VCPU, 1, PRIORITY, 0) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_VCPU_CREATE, GUEST, SECOND_VCPU, second_cpu, PRIORITY, 0) ==
	     PURLIN_OK);
	MUST(core_call(PURLIN_CALL_VCPU_START, VCPU, UPPER, 0, 0, 0) == PURLIN_OK);
	guest_slots();
	vcpu = thread_of(object_at(core, VCPU));
	guest_pages =
		arch_physical_to_kernel(guest_find(thread_vcpu(vcpu)->guest, 0, GUEST_PAGES)->base);
	MUST(call_by(vcpu, PURLIN_CALL_VCPU_CONFIGURE,
		     ARGUMENTS(PURLIN_SLOT_THREAD, 0, UPPER, UPPER)) == PURLIN_OK);
	MUST(call_by(vcpu, PURLIN_CALL_SPACE_CREATE, ARGUMENTS(PURLIN_SLOT_PD, GUEST_SPACE)) ==
	     PURLIN_OK);
	MUST(call_by(vcpu, PURLIN_CALL_VCPU_SWITCH, ARGUMENTS(GUEST_SPACE)) == PURLIN_OK);
}

/* What is there now belongs to others. */
static void pages_freed(struct physical base, uint64_t pages)
{
	const char *start = arch_physical_to_kernel(base);

	if (guest_pages && start < (char *)guest_pages + GUEST_PAGES * PAGE_SIZE &&
	    (char *)guest_pages < start + pages * PAGE_SIZE)
		guest_pages = NULL;
}

static void begin(void)
{
	uint8_t shape = input_byte(&input);

	guest_pages = NULL;
	host_pages_freed = pages_freed;
	system_create(1200, CPUS);
	memset(running, 0, sizeof(running));
	rounds = 0;
	host.cpu = 0;
	running[0] = scheduler_pick(&processors[0]);
	MUST(running[0] == core);
	MUST(core_call(PURLIN_CALL_ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 26, 0, 0, 0) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 27, 0, 0, 0) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, 28, 4, 0, 0) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 29, 0, 0, 0) == PURLIN_OK);
	MUST(core_call(PURLIN_CALL_ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, 30, 100, 0, 0) ==
	     PURLIN_OK);
	MUST(core_call(PURLIN_CALL_TIMER_CREATE, 30, 31, 0, 0, 0) == PURLIN_OK);
	/* Clients lend to servers that are less urgent. */
	for (unsigned int i = 0; i < 3; i++)
		partner(i, i != 1, PRIORITY - (shape >> (2 * i + 1) & 3));
	if (shape & 1)
		guest_begin(shape >> 7);
	system_check();
}

int LLVMFuzzerInitialize(int *count, char ***words);

static void tell(void)
{
	static const char *const names[] = {
#define CALL(name, type, right, count) #name,
#include "kernel/dispatch.inc"
#undef CALL
	};

	for (unsigned int i = 0; i < PURLIN_CALLS; i++)
		fprintf(stderr, "made %s %lu %lu\n", names[i], outcomes[i].done,
			outcomes[i].refused);
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
	(void)count;
	(void)words;
	if (getenv("FUZZ_COUNTS"))
		atexit(tell);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct input){ data, size };
	begin();
	for (unsigned int steps = 0; input.left && steps < STEPS_MOST; steps++) {
		step(meanwhile_byte() & 1);
		system_check();
	}
	/* Nobody runs while all is destroyed. */
	memset(running, 0, sizeof(running));
	host.current = NULL;
	host.cpu = 0;
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		timeout_cancel(&processors[cpu].slice);
	system_destroy();
	return 0;
}
