/* SPDX-License-Identifier: MIT */
/* The end of the machine's run: a component's description asks for it, the first thread does it. */
#include "end.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "boot_data.h"
#include "report.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"
#include "session/power.h"

static purlin_u64 end_signal, flush_signal, flush_timer;

purlin_s64 end_prepare(void)
{
	purlin_s64 status;

	end_signal = slot_reserve();
	flush_signal = slot_reserve();
	flush_timer = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, end_signal);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, flush_signal);
	return status ? status : purlin_timer_create(PURLIN_SLOT_ACCOUNT, flush_timer);
}

/*
 * By a supervisor. The first thread ends the run, since supervisors have to go on serving:
 * servers may need their sessions to write out what they hold.
 */
void request_end(enum end_action action, const char *component)
{
	printf("%s asks for the machine's %s\n", component,
	       action == END_RESET ? "reset" : "power-off");
	purlin_signal_notify(end_signal, 1ull << action);
}

#define ADMISSION (1ull << 63) /* of end_signal; the others: END_* */

void request_admission(void)
{
	purlin_signal_notify(end_signal, ADMISSION);
}

#define FLUSH_SECONDS 5
#define FLUSH_LATE 63 /* bit; those below: which component has answered */
_Static_assert(DESCRIPTION_COMPONENTS <= FLUSH_LATE, "bits");

static struct question *flushes[DESCRIPTION_COMPONENTS];

/* Ask all servers at once to write out what they hold, except the one that will end the run. */
static purlin_u64 ask_servers(purlin_u64 which)
{
	purlin_u64 asked = 0;

	for (unsigned int i = 0; i < component_count(); i++) {
		const struct component_description *server = &description.components[i];

		if (!(which & 1ull << i) || (int)i == description.power || !server->provide_count)
			continue;
		flushes[i] = question_new(NULL, (int)i, server->provides[0], SERVER_FLUSH);
		if (!flushes[i])
			continue;
		question_submit(flushes[i], flush_signal, 1ull << i);
		asked |= 1ull << i;
	}
	return asked;
}

static void await_answers(purlin_u64 *missing)
{
	purlin_u64 deadline = tsc_now() + FLUSH_SECONDS * boot_info->tsc_hz, bits = 0;

	purlin_timer_set(flush_timer, deadline, flush_signal, 1ull << FLUSH_LATE);
	/* The same timer for all: the limit is that of the round, not of each server. */
	while (*missing && !(bits & 1ull << FLUSH_LATE) && !purlin_signal_wait(flush_signal, &bits))
		*missing &= ~bits;
	purlin_timer_set(flush_timer, ~0ull, flush_signal, 1ull << FLUSH_LATE);
}

/* Report those that have not answered in time. */
static purlin_u64 flush_round(purlin_u64 which)
{
	purlin_u64 asked = ask_servers(which), missing = asked;

	await_answers(&missing);
	for (unsigned int i = 0; i < component_count(); i++)
		if (asked & 1ull << i)
			question_drop(flushes[i]);
	return missing;
}

/*
 * All at once, so that one that hangs costs a few seconds and not each of them. What is then said
 * about it has to come out, too: hence the second round.
 */
static void flush_servers(void)
{
	purlin_u64 missing = flush_round(~0ull);

	for (unsigned int i = 0; i < component_count(); i++)
		if (missing & 1ull << i)
			report(&components[i], "does not answer: the run ends without its output");
	if (missing)
		(void)flush_round(~missing);
}

/* The answer, if one comes in time. */
static purlin_s64 ask_power(struct question *question)
{
	purlin_u64 deadline = tsc_now() + FLUSH_SECONDS * boot_info->tsc_hz, bits;

	purlin_timer_set(flush_timer, deadline, flush_signal, 1ull << FLUSH_LATE);
	question_submit(question, flush_signal, 1);
	/* A late answer may set the bit of an earlier question: only the question itself tells. */
	while (!question_answered(question)) {
		if (tsc_now() >= deadline || purlin_signal_wait(flush_signal, &bits))
			return PURLIN_DEAD;
	}
	return question->status;
}

static purlin_s64 open_power(purlin_u64 *session)
{
	struct question *question = question_new(NULL, description.power, "Power", SERVER_OPEN);
	purlin_s64 status;

	if (!question)
		return PURLIN_NO_MEMORY;
	strcpy((char *)question->word, "init/Power");
	question->words = PARENT_LABEL_BYTES / 8;
	question->wanted = 1;
	status = ask_power(question);
	if (!status)
		status = slot_copy(question->received[0], PURLIN_RIGHT_ALL, 0, session);
	question_drop(question);
	return status;
}

/* Comes back only if the platform component cannot do it. */
static purlin_s64 platform_ends(enum end_action action)
{
	struct question *question = question_new(NULL, description.power, "Power",
						 action == END_RESET ? POWER_RESET : POWER_OFF);
	purlin_u64 session;
	purlin_s64 status;

	if (!question)
		return PURLIN_NO_MEMORY;
	status = open_power(&session);
	if (status)
		return status;
	status = question_at(question, session);
	return status ? status : ask_power(question);
}

/* The kernel's own way out for the log takes its time, where no component drives the UART. */
static void flush_kernel(void)
{
	purlin_u64 deadline = tsc_now() + FLUSH_SECONDS * boot_info->tsc_hz, unsent = 0, bits;

	purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_LOG_UNSENT, &unsent);
	if (!unsent || purlin_log_watch(PURLIN_SLOT_LOG, flush_signal, 1))
		return;
	purlin_timer_set(flush_timer, deadline, flush_signal, 1ull << FLUSH_LATE);
	while (!purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_LOG_UNSENT, &unsent) &&
	       unsent && tsc_now() < deadline && !purlin_signal_wait(flush_signal, &bits))
		;
}

/* By the platform component if there is one, else by core. Returns when neither can. */
static void end_run(enum end_action action)
{
	purlin_s64 status;

	flush_servers();
	flush_kernel();
	/* By ACPI, which knows how to switch this machine off; core tries what works without it. */
	if (description.power >= 0) {
		status = platform_ends(action);
		printf("the platform component cannot do it: %s\n", status_text(status));
		flush_servers();
	}
	component_exit(action == END_RESET ? PARENT_EXIT_RESTART : PARENT_EXIT_POWER_OFF, 0);
}

void end_await(void (*admit)(void))
{
	purlin_u64 bits = 0;

	while (!(bits & ~ADMISSION) && !purlin_signal_wait(end_signal, &bits))
		if (bits & ADMISSION)
			admit();
	end_run(bits & 1ull << END_RESET ? END_RESET : END_POWER_OFF);
}
