// SPDX-License-Identifier: MIT
/*
 * A kernel that ends a component at its Nth call: tests/suites/mortal.py puts this file into a copy
 * of the kernel. Words of the command line: mortal-linux or mortal-platform, who it is;
 * mortal-first=N and mortal-step=N, the call at which its first life ends and how many more each
 * further life has; mortal-lives=N, how many such lives there are. Odd lives end before the call is
 * handled, even ones after it, which may be while it waits for a server. mortal-messages: calls of
 * a vCPU about its own state and mappings do not count. mortal-serving: nor do those before it
 * waits for requests.
 */
#include "debug/mortal.h"

#include "base/pages.h"
#include "base/string.h"
#include "arch/machine.h"
#include "core/call.h"
#include "debug/log.h"
#include "debug/options.h"
#include "object/pd.h"
#include "object/thread.h"
#include "purlin/call_numbers.h"

static struct {
	bool asked, messages;
	bool serving, serves; /* wanted; it does */
	const char *name;     /* NULL: nobody */
	uint64_t first, step, lives;
	uint64_t life, calls, due;
} mortal;

static void ask(void)
{
	const char *line = boot_info.command_line;

	mortal.asked = true;
	mortal.name = option_given(line, "mortal-linux")    ? "linux" :
		      option_given(line, "mortal-platform") ? "platform" :
							      NULL;
	mortal.messages = option_given(line, "mortal-messages");
	mortal.serving = option_given(line, "mortal-serving");
	(void)option_number(line, "mortal-first", &mortal.first);
	(void)option_number(line, "mortal-step", &mortal.step);
	(void)option_number(line, "mortal-lives", &mortal.lives);
}

bool mortal_is(const struct thread *thread)
{
	if (!mortal.asked)
		ask();
	return mortal.name && strcmp(thread->pd->name, mortal.name) == 0;
}

static void next_life(void)
{
	log_print("mortal: life %lu ended with %lu calls\n", mortal.life, mortal.calls);
	mortal.life++;
	mortal.calls = 0;
	mortal.serves = !mortal.serving;
	mortal.due = mortal.life <= mortal.lives ? mortal.first + (mortal.life - 1) * mortal.step :
						   ~0ull;
	if (mortal.life > mortal.lives)
		log_print("mortal: the last life\n");
}

/* Of all capability tables. A table keeps the pages that it has grown to until it goes. */
static unsigned int table_pages;

void mortal_table_page(bool more)
{
	table_pages += more ? 1u : ~0u;
}

/* At its first call. Of Linux, whoever is mortal, what was free then is told. */
static void born(const struct thread *thread)
{
	struct pd *pd = thread->pd;

	pd->born = true;
	if (mortal_is(thread))
		next_life();
	if (pd_is_guest(pd))
		log_print("mortal: %s begins: %lu pages are free, %u in tables\n", pd->name,
			  pages_available(), table_pages);
}

static bool counts(uint64_t number)
{
	if (!mortal.serves) {
		mortal.serves = number == PURLIN_CALL_ENDPOINT_RECEIVE ||
				number == PURLIN_CALL_ENDPOINT_REPLY_RECEIVE;
		return false;
	}
	return !mortal.messages || number > PURLIN_CALL_VCPU_DEADLINE;
}

static void end(struct pd *pd, const char *when, uint64_t number)
{
	log_print("mortal: %s dies %s call %lu, %s\n", pd->name, when, mortal.calls,
		  call_name(number));
	mortal.due = ~0ull;
	pd_stop(pd, PURLIN_STOP_MACHINE_CHECK, mortal.calls);
}

bool mortal_before(struct thread *thread, uint64_t number)
{
	struct pd *pd = thread->pd;

	if (!pd->born)
		born(thread);
	if (!mortal_is(thread) || pd->state != PD_RUNS || !counts(number) ||
	    ++mortal.calls < mortal.due || mortal.life % 2 == 0)
		return false;
	end(pd, "before", number);
	return true;
}

void mortal_after(struct pd *pd, uint64_t number)
{
	if (mortal.calls >= mortal.due && strcmp(pd->name, mortal.name) == 0 &&
	    pd->state == PD_RUNS)
		end(pd, "in", number);
}
