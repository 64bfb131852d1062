/* SPDX-License-Identifier: MIT */
/* The life of the interpreter, and commands to it. */
#include "interpreter.h"

#include "hardware.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/elf_load.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define PAGES 1536 /* of the component's memory: the largest firmware makes some 20,000 objects */
#define SECONDS 60 /* for a command, of which each loop of AML may take 30 */
#define ENDED 2ull
#define LATE 4ull
#define ALL_BUT_DESTROY (PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY)

/* Its program, which lies in this one's. */
extern const char _binary_interpreter_start[], _binary_interpreter_end[];

static struct {
	purlin_u64 account, pd, thread, image, area_memory, asks, answers, timer;
	struct interpreter_area *area; /* NULL: there is none */
	unsigned int ends;
} interpreter;
static purlin_u64 placement;

void interpreter_place(purlin_u64 component_argument)
{
	placement = component_argument;
}

struct interpreter_area *interpreter_area(void)
{
	return interpreter.area;
}

/* What it pays for ends with its account: protection domain, thread, memory. */
static void end(void)
{
	purlin_u64 *slots[] = { &interpreter.thread,  &interpreter.image,      &interpreter.pd,
				&interpreter.account, &interpreter.timer,      &interpreter.asks,
				&interpreter.answers, &interpreter.area_memory };

	/* First, so that it is out of the processor before anything it uses is taken away. */
	if (interpreter.account)
		(void)purlin_object_destroy(interpreter.account);
	hardware_take_back_all();
	if (interpreter.area)
		memory_unmap(interpreter.area);
	interpreter.area = NULL;
	/* Those that were never made are 0: a start that failed half-way ends here, too. */
	for (unsigned int i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		slot_delete(*slots[i]);
		*slots[i] = 0;
	}
}

/*
 * An account of its own pays for it. So AML can use up that and no more, and all of it ends with
 * one call.
 */
static purlin_s64 create_pd(void)
{
	purlin_s64 status;

	interpreter.account = slot_reserve();
	interpreter.pd = slot_reserve();
	status = purlin_account_create(PURLIN_SLOT_ACCOUNT, interpreter.account, PAGES);
	if (status)
		return status;
	/* Without flags: it may not pin memory for devices. */
	message_put_text(0, PURLIN_NAME_BYTES, "interpreter");
	return purlin_pd_create(interpreter.account, interpreter.pd, COMPONENT_SLOTS, 0,
				PURLIN_PROCESSORS_OWN);
}

static purlin_s64 create_signals(void)
{
	purlin_s64 status;

	interpreter.asks = slot_reserve();
	interpreter.answers = slot_reserve();
	interpreter.timer = slot_reserve();
	status = purlin_signal_create(interpreter.account, interpreter.asks);
	if (!status)
		status = purlin_signal_create(interpreter.account, interpreter.answers);
	return status ? status : purlin_timer_create(interpreter.account, interpreter.timer);
}

/* Both sides can write all of it at any time, so it is read with interpreter_copy() only. */
static purlin_s64 create_area(void)
{
	void *area;
	purlin_s64 status = memory_new(interpreter.account, INTERPRETER_AREA_PAGES, 0,
				       &interpreter.area_memory);

	if (!status)
		status = memory_map(interpreter.area_memory, 0, INTERPRETER_AREA_PAGES,
				    PURLIN_MAP_READ | PURLIN_MAP_WRITE, &area);
	if (status)
		return status;
	interpreter.area = area;
	return purlin_memory_map(interpreter.area_memory, interpreter.pd, INTERPRETER_AREA, 0,
				 INTERPRETER_AREA_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
}

static purlin_s64 give(purlin_u64 slot, purlin_u64 what, purlin_u64 rights, purlin_u64 bits)
{
	return purlin_cap_copy(interpreter.pd, slot, what, rights, bits);
}

/* It may notify one bit of one signal, and wait for the other. */
static purlin_s64 fill_slots(void)
{
	purlin_s64 status = give(PURLIN_SLOT_PD, interpreter.pd, ALL_BUT_DESTROY, 0);

	if (!status)
		status = give(PURLIN_SLOT_ACCOUNT, interpreter.account, ALL_BUT_DESTROY, 0);
	if (!status)
		status = give(PURLIN_SLOT_THREAD, interpreter.thread, ALL_BUT_DESTROY, 0);
	if (!status)
		status = give(INTERPRETER_ASKS, interpreter.asks, PURLIN_RIGHT_WRITE,
			      INTERPRETER_ASKED);
	return status ? status :
			give(INTERPRETER_ANSWERS, interpreter.answers, PURLIN_RIGHT_READ, 0);
}

static purlin_s64 start_thread(purlin_u64 entry)
{
	purlin_s64 status;

	interpreter.thread = slot_reserve();
	status = purlin_thread_create(interpreter.pd, interpreter.thread,
				      COMPONENT_PROCESSOR(placement), COMPONENT_PRIORITY(placement),
				      PURLIN_FIRST_MESSAGE);
	if (!status)
		status = fill_slots();
	if (!status)
		/* Before it runs: an end at its first instruction is told, too. */
		status = purlin_pd_watch(interpreter.pd, interpreter.asks, ENDED);
	return status ? status : purlin_thread_start(interpreter.thread, entry, 0, placement);
}

static purlin_s64 create(void)
{
	size_t bytes = (size_t)(_binary_interpreter_end - _binary_interpreter_start);
	purlin_u64 entry;
	purlin_s64 status = create_pd();

	if (!status)
		status = elf_load(_binary_interpreter_start, bytes, interpreter.account,
				  interpreter.pd, &interpreter.image, &entry);
	if (!status)
		status = create_signals();
	if (!status)
		status = create_area();
	return status ? status : start_thread(entry);
}

static void report(const char *what)
{
	static const char *const then[INTERPRETER_LEVELS] = {
		[INTERPRETER_ALL] = "the DSDT is read without its supplements",
		[INTERPRETER_DSDT] = "no AML is run",
		[INTERPRETER_NO_AML] = "no table is read"
	};
	purlin_u64 state = 0, reason = 0, address = 0;

	(void)purlin_pd_status(interpreter.pd, &state, &reason, &address);
	hardware_log("ACPI: the interpreter %s (state %u, reason %llu at 0x%llx): from now on %s",
		     what, (unsigned int)state, (unsigned long long)reason,
		     (unsigned long long)address, then[interpreter.ends]);
}

/* Its requests until the command is done. Each is copied, and only the copy is looked at. */
static bool answer_requests(purlin_u64 deadline, purlin_u64 *result)
{
	struct interpreter_area *area = interpreter.area;

	for (;;) {
		struct interpreter_message request;
		char line[INTERPRETER_LINE_BYTES];
		purlin_u64 bits = 0, value = 0;

		/*
		 * One signal for all three, so that its end and the limit are heard while it is
		 * busy.
		 */
		if (purlin_signal_wait(interpreter.asks, &bits) || bits & ENDED) {
			report("has ended");
			return false;
		}
		if (tsc_now() >= deadline) {
			report("takes too long");
			return false;
		}
		/* A timer that was set for an earlier command may come late. */
		if (!(bits & INTERPRETER_ASKED))
			continue;
		interpreter_copy(&request, &area->request, sizeof(request));
		interpreter_copy(line, area->line, sizeof(line));
		*result = request.word[0];
		if (request.operation == INTERPRETER_DONE)
			return true;
		area->status = interpreter_serve(&request, interpreter.pd, line, &value);
		area->value = value;
		purlin_signal_notify(interpreter.answers, 1);
	}
}

static bool carry_out(const struct interpreter_message *command, purlin_u64 *result)
{
	purlin_u64 deadline = hardware_deadline(SECONDS * 1000000000ull);
	bool done;

	/* Complete before the notification: then the interpreter reads it. */
	interpreter.area->command = *command;
	(void)purlin_timer_set(interpreter.timer, deadline, interpreter.asks, LATE);
	purlin_signal_notify(interpreter.answers, 1);
	done = answer_requests(deadline, result);
	if (done) {
		(void)purlin_timer_set(interpreter.timer, ~0ull, interpreter.asks, LATE);
		return true;
	}
	/* Never the same one again: what broke it is in the tables, and would do so again. */
	interpreter.ends++;
	end();
	return false;
}

/* A new one, which trusts less of the tables than the one before. */
static bool begin(purlin_u64 *usable)
{
	struct interpreter_message start = {
		INTERPRETER_START, { interpreter.ends, hardware_tsc_hz(), hardware_rsdp() }
	};

	if (!create())
		return carry_out(&start, usable);
	hardware_log("ACPI: no memory for the interpreter");
	end();
	interpreter.ends = INTERPRETER_LEVELS;
	return false;
}

bool interpreter_start(purlin_u64 *usable)
{
	/* At most one for each level, so that tables cannot keep the start busy without end. */
	while (!interpreter.area && interpreter.ends < INTERPRETER_LEVELS)
		if (begin(usable))
			return true;
	return false;
}

bool interpreter_run(const struct interpreter_message *command, purlin_u64 *result)
{
	purlin_u64 usable;

	/*
	 * On a failure the command is not repeated here: the caller has to put its data in again.
	 */
	if (interpreter.area && carry_out(command, result))
		return true;
	(void)interpreter_start(&usable);
	return false;
}
