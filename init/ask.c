/* SPDX-License-Identifier: MIT */
/*
 * Workers that ask servers. All of it is under state_lock, which a worker gives up only while it
 * waits: for a question, or for the server's answer.
 *
 * A question belongs to its asker until it is submitted, then to the queue, then to the worker that
 * takes it. When it is answered it is the asker's again, or, if the asker has dropped it, the
 * worker's to free. So an asker that gives up leaves nothing behind that somebody still uses.
 */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "purlin/calls.h"
#include "report.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

/*
 * How many questions a server is asked at a time. With several, one that takes long (the reset of a
 * device) does not delay the others. A server that never answers costs this many threads of init.
 */
#define WORKERS 4

struct asking {
	purlin_u64 signal; /* something is in the queue */
	struct question *first, **end;
	const struct question *under_way[WORKERS]; /* by worker */
	unsigned int spawned, workers, idle;	   /* `workers` have begun */
	bool told;				   /* that it does not answer */
};

static struct asking askings[DESCRIPTION_COMPONENTS];

struct question *question_new(struct component *asker, int server, const char *service,
			      purlin_u32 operation)
{
	struct question *question = calloc(1, sizeof(*question));

	if (!question)
		return NULL;
	question->asker = asker;
	question->server = server;
	question->operation = operation;
	strcpy(question->service, service);
	return question;
}

purlin_s64 question_send(struct question *question, purlin_u64 slot)
{
	purlin_s64 status = slot_copy(slot, PURLIN_RIGHT_ALL, 0, &question->send[question->sent]);

	if (!status)
		question->sent++;
	return status;
}

purlin_s64 question_at(struct question *question, purlin_u64 session)
{
	return slot_copy(session, PURLIN_RIGHT_ALL, 0, &question->session);
}

static void drop_sent(struct question *question)
{
	while (question->sent)
		slot_delete(question->send[--question->sent]);
	slot_delete(question->session);
	question->session = 0;
}

static void drop_received(struct question *question)
{
	for (unsigned int i = 0; i < QUESTION_CAPS; i++) {
		slot_delete(question->received[i]);
		question->received[i] = 0;
	}
}

void question_free(struct question *question)
{
	if (question->closing) {
		question->asker->closing--;
		purlin_signal_notify(question->asker->watch, WATCH_ANSWER);
	}
	drop_sent(question);
	drop_received(question);
	free(question);
}

static void enqueue(struct question *question)
{
	struct asking *asking = &askings[question->server];

	question->next = NULL;
	/* At the end: questions of one asker must keep their order (has_to_wait). */
	*asking->end = question;
	asking->end = &question->next;
	purlin_signal_notify(asking->signal, 1);
}

/*
 * Questions of one asker keep their order, since a close must not overtake its open: while one is
 * under way, the next waits.
 */
static bool has_to_wait(const struct asking *asking, const struct question *question)
{
	for (unsigned int i = 0; i < WORKERS; i++)
		if (asking->under_way[i] && asking->under_way[i]->asker == question->asker)
			return true;
	return false;
}

static void unlink_question(struct asking *asking, struct question **place)
{
	struct question *question = *place;

	*place = question->next;
	if (!*place)
		asking->end = place;
}

/* Take the first question that can be asked now. It is marked as under way by this worker. */
static struct question *take(struct asking *asking, unsigned int worker)
{
	for (struct question **place = &asking->first; *place; place = &(*place)->next) {
		struct question *question = *place;

		if (has_to_wait(asking, question))
			continue;
		unlink_question(asking, place);
		asking->under_way[worker] = question;
		if (asking->first)
			purlin_signal_notify(asking->signal, 1); /* for the next worker */
		return question;
	}
	return NULL;
}

/*
 * Get a copy of the endpoint to ask at. A copy, because the original goes away when the server
 * ends, and its slot may then be used for something else while the worker still waits. DEAD: a
 * server that was started again since knows nothing of the session.
 */
static purlin_s64 endpoint_of(struct question *question, purlin_u64 *endpoint)
{
	const struct component *server = &components[question->server];
	purlin_u64 original = announced_endpoint(server, question->service);

	if (!original || (question->generation && question->generation != server->generation))
		return PURLIN_DEAD;
	question->generation = server->generation;
	return slot_copy(question->session ? question->session : original, PURLIN_RIGHT_ALL, 0,
			 endpoint);
}

static void ask(struct question *question, purlin_u64 endpoint)
{
	memcpy(message()->word, question->word, sizeof(question->word));
	question->status =
		rpc_exchange(endpoint, question->operation, question->words, question->sent,
			     question->send, question->wanted, question->received);
	memcpy(question->word, message()->word, sizeof(question->word));
	slot_delete(endpoint);
}

/*
 * Reuse the question that opened the session to close it: there is no memory to ask for, so
 * closing cannot fail.
 */
static void close(struct question *question)
{
	drop_sent(question);
	drop_received(question);
	question->operation = SERVER_CLOSE;
	question->words = 1;
	question->wanted = 0;
	question->word[0] = question->badge;
	question->waiting = false;
	question->closing = question->asker != NULL;
	if (question->closing)
		question->asker->closing++;
	enqueue(question);
}

/*
 * The answer is here. Whoever waits for it is notified; but if nobody waits any more, nobody would
 * ever close the session that was opened, so it is closed here.
 */
static void settle(struct question *question)
{
	drop_sent(question);
	if (question->operation == SERVER_OPEN && !question->status)
		question->badge = question->word[0];
	question->answered = true;
	if (question->waiting)
		purlin_signal_notify(question->signal, question->bit);
	else if (question->operation == SERVER_OPEN && !question->status)
		close(question);
	else
		question_free(question);
}

/* There is a question that could be asked, but no worker is free. */
static bool lacks_worker(const struct asking *asking)
{
	if (asking->idle || asking->spawned == WORKERS)
		return false;
	for (const struct question *question = asking->first; question; question = question->next)
		if (!has_to_wait(asking, question))
			return true;
	return false;
}

static void work(void *argument);

/*
 * Start one more worker if one is lacking. Not under the lock, since making a thread takes long. If
 * it fails, the question merely waits for a worker that is busy.
 */
static void need_worker(struct asking *asking)
{
	purlin_u64 thread;
	bool wanted;

	lock_acquire(&state_lock);
	wanted = lacks_worker(asking);
	asking->spawned += wanted;
	lock_release(&state_lock);
	if (!wanted || !thread_spawn(work, asking, 0, SUPERVISOR_PRIORITY, &thread))
		return;
	lock_acquire(&state_lock);
	asking->spawned--;
	lock_release(&state_lock);
}

/* The state lock is held, except while the server is asked and while there is nothing to ask. */
static void work_once(struct asking *asking, unsigned int worker)
{
	struct question *question = take(asking, worker);
	purlin_u64 endpoint, bits;

	if (!question) {
		/* Counted before the lock is given up: whoever adds a question sees this worker. */
		asking->idle++;
		lock_release(&state_lock);
		(void)purlin_signal_wait(asking->signal, &bits);
		lock_acquire(&state_lock);
		asking->idle--;
		return;
	}
	question->status = endpoint_of(question, &endpoint);
	if (!question->status) {
		/* This worker may be away for long: somebody else has to look at the rest. */
		lock_release(&state_lock);
		need_worker(asking);
		ask(question, endpoint);
		lock_acquire(&state_lock);
		asking->told = false;
	}
	asking->under_way[worker] = NULL;
	settle(question);
}

static void work(void *argument)
{
	struct asking *asking = argument;
	unsigned int worker;

	/* Otherwise an untrusted server could run at init's priority for as long as it likes. */
	thread_self()->call_flags = PURLIN_INFO_LENDS_NOTHING;
	lock_acquire(&state_lock);
	worker = asking->workers++;
	for (;;)
		work_once(asking, worker);
}

purlin_s64 ask_prepare(int server)
{
	struct asking *asking = &askings[server];
	purlin_u64 thread;
	purlin_s64 status;

	*asking = (struct asking){ .signal = slot_reserve(), .end = &asking->first, .spawned = 1 };
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, asking->signal);
	return status ? status : thread_spawn(work, asking, 0, SUPERVISOR_PRIORITY, &thread);
}

void question_submit(struct question *question, purlin_u64 signal, purlin_u64 bit)
{
	/* Not in a queue yet, so no worker looks at it and no lock is needed. */
	question->signal = signal;
	question->bit = bit;
	question->waiting = signal != 0;
	question->answered = false;
	lock_acquire(&state_lock);
	enqueue(question);
	lock_release(&state_lock);
	need_worker(&askings[question->server]);
}

bool question_answered(struct question *question)
{
	bool answered;

	lock_acquire(&state_lock);
	answered = question->answered;
	lock_release(&state_lock);
	return answered;
}

/* Where in the queue; NULL: it is under way. */
static struct question **place_of(struct asking *asking, const struct question *question)
{
	struct question **place = &asking->first;

	while (*place && *place != question)
		place = &(*place)->next;
	return *place ? place : NULL;
}

/*
 * Nobody waits for the answer any more. A question in the queue is forgotten. One that is under way
 * cannot be called back: its worker frees it, and closes what was opened, when the answer comes.
 */
void question_drop(struct question *question)
{
	struct asking *asking = &askings[question->server];
	struct question **place;

	lock_acquire(&state_lock);
	place = place_of(asking, question);
	question->waiting = false;
	/* Under way: the worker settles it when the answer comes. */
	if (question->answered) {
		settle(question);
	} else if (place) {
		unlink_question(asking, place);
		question_free(question);
	}
	lock_release(&state_lock);
	need_worker(asking);
}

void question_close(struct question *question)
{
	struct asking *asking = &askings[question->server];

	lock_acquire(&state_lock);
	close(question);
	lock_release(&state_lock);
	need_worker(asking);
}

/* Once, until it answers again: all its clients would report the same. */
void ask_report(int server)
{
	bool told;

	lock_acquire(&state_lock);
	told = askings[server].told;
	askings[server].told = true;
	lock_release(&state_lock);
	if (!told)
		report(&components[server], "does not answer");
}

static bool closes_for(const struct question *question, const struct component *component)
{
	return question && question->closing && question->asker == component;
}

void ask_report_closing(const struct component *component)
{
	for (int server = 0; server < (int)component_count(); server++) {
		const struct asking *asking = &askings[server];
		bool late = false;

		lock_acquire(&state_lock);
		for (unsigned int i = 0; i < WORKERS; i++)
			late = late || closes_for(asking->under_way[i], component);
		for (const struct question *q = asking->first; q; q = q->next)
			late = late || closes_for(q, component);
		lock_release(&state_lock);
		if (late)
			ask_report(server);
	}
}
