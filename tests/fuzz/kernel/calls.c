// SPDX-License-Identifier: MIT
/*
 * Kernel calls of threads on two processors, one entry into the kernel after another, on whichever
 * processor the input says; between the rounds of a restarted call anything may happen. After each
 * entry all objects are checked, at the end all is destroyed and nothing is left.
 */
#include "system.h"

#include "base/pages.h"
#include "object/processor.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"

#define CPUS 2
#define SLOTS 48     /* that calls speak of */
#define FIRST_NEW 16 /* the caller's new objects go here */
#define STEPS_MOST 160
#define ROUNDS_MOST 4000 /* of one call: far more than its pages and objects */
#define MESSAGES 0x20000000ull

/*
 * The arguments of each call, a letter each: a capability of a type (A account, P PD, T thread,
 * E endpoint, S signal, M memory, I interrupt, O ports, t timer, L log, i and R roots, * any),
 * n a new slot, k any slot, p pages, a address, c processor, y priority, and so on (argument()).
 */
static const char *const shapes[PURLIN_CALLS] = {
	[PURLIN_CALL_VCPU_CREATE] = "Pncy",
	[PURLIN_CALL_GUEST_ATTACH] = "PaMopm",
	[PURLIN_CALL_CAP_COPY] = "Pn*rb",
	[PURLIN_CALL_CAP_DELETE] = "Pk",
	[PURLIN_CALL_CAP_INFO] = "k",
	[PURLIN_CALL_OBJECT_DESTROY] = "*",
	[PURLIN_CALL_ACCOUNT_CREATE] = "Anp",
	[PURLIN_CALL_ACCOUNT_INFO] = "A",
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
	[PURLIN_CALL_SIGNAL_BIND_VCPU] = "ST#",
	[PURLIN_CALL_MEMORY_CREATE] = "Anpf",
	[PURLIN_CALL_MEMORY_CREATE_PHYSICAL] = "Rnhpm",
	[PURLIN_CALL_MEMORY_INFO] = "M",
	[PURLIN_CALL_MEMORY_MAP] = "MPaopm",
	[PURLIN_CALL_MEMORY_UNMAP] = "Pa",
	[PURLIN_CALL_MEMORY_PIN] = "M",
	[PURLIN_CALL_MEMORY_UNPIN] = "M",
	[PURLIN_CALL_IRQ_CREATE_GSI] = "ingf",
	[PURLIN_CALL_IRQ_CREATE_MSI] = "inc",
	[PURLIN_CALL_IRQ_REMAP] = "ig#",
	[PURLIN_CALL_IRQ_BIND] = "ISb",
	[PURLIN_CALL_IRQ_ACK] = "I",
	[PURLIN_CALL_IRQ_MASK] = "I#",
	[PURLIN_CALL_IRQ_INFO] = "I",
	[PURLIN_CALL_IO_PORT_CREATE] = "Onqq",
	[PURLIN_CALL_IO_PORT_IN] = "Oq#",
	[PURLIN_CALL_IO_PORT_OUT] = "Oq##",
	[PURLIN_CALL_TIMER_CREATE] = "An",
	[PURLIN_CALL_TIMER_SET] = "tdSb",
	[PURLIN_CALL_LOG_WRITE] = "Lq",
	[PURLIN_CALL_LOG_READ] = "L#",
	[PURLIN_CALL_SYSTEM_RESET] = "O",
	[PURLIN_CALL_VCPU_ALERT] = "T",
	[PURLIN_CALL_VCPU_YIELD_TO] = "T",
};

/* What each processor runs; it may have lost it already, and learn that at its next entry. */
static struct thread *running[CPUS];
static unsigned int rounds; /* of the call that is being restarted */

static uint8_t type_of(char letter)
{
	static const char letters[] = "APTESMItOLiR";
	static const uint8_t types[] = {
		PURLIN_TYPE_ACCOUNT,  PURLIN_TYPE_PD,	    PURLIN_TYPE_THREAD,
		PURLIN_TYPE_ENDPOINT, PURLIN_TYPE_SIGNAL,   PURLIN_TYPE_MEMORY,
		PURLIN_TYPE_IRQ,      PURLIN_TYPE_TIMER,    PURLIN_TYPE_IO_PORT,
		PURLIN_TYPE_LOG,      PURLIN_TYPE_IRQ_ROOT, PURLIN_TYPE_PHYSICAL_ROOT,
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
		return byte % 64;
	case 'f':
		return byte % 8;
	case 'w':
		return info(byte);
	case 'u':
		return 100 * byte;
	case 'd':
		return host.time + byte - 16;
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

static uint64_t argument(const struct thread *caller, char letter)
{
	uint8_t byte = input_byte(&input), type = type_of(letter);

	/* Sometimes any slot, whatever the call wants. */
	if (type != PURLIN_TYPE_NONE || letter == '*')
		return letter == '*' || byte >= 0xf0 ? byte % SLOTS : slot_from(caller, byte, type);
	if (letter == 'n')
		return byte >= 0xf0 ? byte :
				      slot_from(caller, FIRST_NEW + byte % 16, PURLIN_TYPE_NONE);
	if (letter == 'k')
		return byte % (SLOTS + 32);
	return number(letter, byte);
}

/* A call that ends with the caller waiting, or not at all. */
static bool blocks(uint64_t number)
{
	return number == PURLIN_CALL_ENDPOINT_CALL || number == PURLIN_CALL_ENDPOINT_RECEIVE ||
	       number == PURLIN_CALL_ENDPOINT_REPLY_RECEIVE || number == PURLIN_CALL_SIGNAL_WAIT ||
	       number == PURLIN_CALL_THREAD_EXIT;
}

/* What programs do most, and what ends things. */
static uint64_t choose_number(void)
{
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

	return byte <= PURLIN_CALLS ? byte : common[byte % sizeof(common)];
}

/* New registers for the next call; false: core would never come back from it. */
static bool choose_call(struct thread *caller)
{
	uint64_t call = choose_number();
	const char *shape = call < PURLIN_CALLS ? shapes[call] : NULL;

	/* Not the log's owner and watcher: they outlive the system. */
	if (call == PURLIN_CALL_LOG_UART || call == PURLIN_CALL_LOG_WATCH ||
	    call == PURLIN_CALL_TRACE_MASK)
		return false;
	caller->arch.number = call;
	for (unsigned int i = 0; i < 6; i++)
		caller->arch.argument[i] = shape && *shape ? argument(caller, *shape++) : 0;
	return caller != core || !blocks(call);
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
}

/* The thread makes the call that its registers hold. */
static void enter(struct thread *caller)
{
	uint64_t argument[6];
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
	} else if (kind == 0xcf) {
		thread_fault(thread, 14, 0, 0, 0);
		leave(cpu);
	} else if (choose_call(thread)) {
		rounds = 0;
		enter_until_done(thread);
		leave(cpu);
	}
}

static status core_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	core->arch.number = number;
	memcpy(core->arch.argument, (uint64_t[]){ a, b, c, d, e, 0 }, sizeof(core->arch.argument));
	host.current = core;
	call_dispatch(core);
	core->arch.restarted = false;
	return core->arch.result;
}

/* A PD with a thread, and capabilities of what core has made; rights as the input says. */
static void partner(unsigned int index, unsigned int cpu)
{
	uint64_t slot = FIRST_NEW + 2 * index;
	uint64_t which = input_bytes(&input, 2);
	uint8_t deny = input_byte(&input);

	MUST(core_call(PURLIN_CALL_PD_CREATE, PURLIN_SLOT_ACCOUNT, slot, 64, 0, ~0ull) ==
	     PURLIN_OK);
	MUST(core_call(PURLIN_CALL_THREAD_CREATE, slot, slot + 1, cpu, PRIORITY, MESSAGES) ==
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

static void begin(void)
{
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
	partner(0, 1);
	partner(1, 0);
	partner(2, 1);
	system_check();
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
