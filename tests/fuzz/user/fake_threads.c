// SPDX-License-Identifier: MIT
/* Threads of the fake kernel, as fibers, and the messages they exchange. */
#include "fake_kernel.h"

#include <sanitizer/common_interface_defs.h>
#include <ucontext.h>

#include "runtime/thread.h"

#define STACK_BYTES 0x40000
#define MOST_FIBERS 40

enum fiber_state { FIBER_FREE, FIBER_READY, FIBER_RECEIVES, FIBER_WAITS, FIBER_MUTE };

static struct fiber {
	enum fiber_state state;
	ucontext_t context;
	uint8_t *stack;
	void *sanitizer;
	void (*entry)(void *);
	void *argument;
	struct thread thread;
	uint64_t priority; /* as it was spawned with */
	struct purlin_message message;
	struct fake_object *waits_for; /* endpoint or signal */
	struct fake_object *bound;     /* signal that also ends a receive */
	struct fake_message *caller;   /* request being served, and where its reply goes */
	uint64_t info, badge;	       /* results of receive */
	purlin_s64 status;
} fibers[MOST_FIBERS];
static struct fiber *current;
static ucontext_t target_context;
static void *target_sanitizer;
static const void *target_stack;
static size_t target_stack_bytes;
/* The target's own thread, for the start-up code it runs itself. */
static struct purlin_message target_message;
static struct thread target_thread = { &target_message, PURLIN_SLOT_THREAD, 0 };

unsigned int fake_lines;
void (*fake_entered)(uint64_t badge);

struct thread *thread_self(void)
{
	return current ? &current->thread : &target_thread;
}

uint64_t fake_priority(void)
{
	return current ? current->priority : ~0ull;
}

static void leave(enum fiber_state state)
{
	struct fiber *self = current;

	self->state = state;
	current = NULL;
	__sanitizer_start_switch_fiber(&self->sanitizer, target_stack, target_stack_bytes);
	swapcontext(&self->context, &target_context);
	__sanitizer_finish_switch_fiber(self->sanitizer, &target_stack, &target_stack_bytes);
}

static void begin(void)
{
	__sanitizer_finish_switch_fiber(NULL, &target_stack, &target_stack_bytes);
	current->entry(current->argument);
	leave(FIBER_MUTE);
}

static void enter(struct fiber *fiber)
{
	if (fake_entered)
		fake_entered(fiber->badge);
	current = fiber;
	__sanitizer_start_switch_fiber(&target_sanitizer, fiber->stack, STACK_BYTES);
	swapcontext(&target_context, &fiber->context);
	__sanitizer_finish_switch_fiber(target_sanitizer, NULL, NULL);
	current = NULL;
}

static struct fiber *fiber_new(void (*entry)(void *), void *argument)
{
	struct fiber *fiber = fibers;
	uint8_t *stack; /* of the one that was here before */

	while (fiber->state != FIBER_FREE)
		MUST(++fiber < fibers + MOST_FIBERS);
	stack = fiber->stack ? fiber->stack : malloc(STACK_BYTES);
	memset(fiber, 0, sizeof(*fiber));
	fiber->state = FIBER_READY;
	fiber->stack = stack;
	fiber->entry = entry;
	fiber->argument = argument;
	fiber->thread.message = &fiber->message;
	fiber->thread.slot = PURLIN_SLOT_THREAD;
	getcontext(&fiber->context);
	fiber->context.uc_stack.ss_sp = fiber->stack;
	fiber->context.uc_stack.ss_size = STACK_BYTES;
	makecontext(&fiber->context, begin, 0);
	return fiber;
}

void fake_thread_start(void (*entry)(void *), void *argument)
{
	fiber_new(entry, argument);
	fake_run();
}

/* A signal that came meanwhile ends the wait for it, and so does the end of what it waits for. */
static bool woken(struct fiber *fiber)
{
	if (fiber->state == FIBER_RECEIVES && fiber->waits_for->dead) {
		fiber->status = PURLIN_DEAD;
		return true;
	}
	if (fiber->state == FIBER_RECEIVES && fiber->bound && fiber->bound->bits) {
		fiber->status = PURLIN_SIGNALLED;
		fiber->badge = fiber->bound->bits;
		fiber->bound->bits = 0;
		return true;
	}
	return fiber->state == FIBER_WAITS && (fiber->waits_for->bits || fiber->waits_for->dead);
}

void fake_run(void)
{
	bool again = true;

	while (again) {
		again = false;
		for (unsigned int i = 0; i < MOST_FIBERS; i++) {
			if (fibers[i].state != FIBER_READY && !woken(&fibers[i]))
				continue;
			again = true;
			enter(&fibers[i]);
		}
	}
}

/* What arrives: words, and capabilities up to the first slot that refuses. */
static void deliver(struct fiber *fiber, struct fake_message *message)
{
	unsigned int caps = 0;

	memcpy(fiber->message.word, message->word, message->words * sizeof(message->word[0]));
	while (caps < message->caps) {
		struct fake_cap *place = fake_slot(fake_self, fiber->message.receive_slot[caps]);

		if (!place || place->object || !message->cap[caps].object)
			break;
		*place = message->cap[caps];
		message->cap[caps++] = (struct fake_cap){ NULL, 0, 0 };
	}
	fiber->info = PURLIN_INFO(message->label, message->words, caps);
	fiber->badge = message->badge;
}

/* A message the component sends. Slots it names have to hold something: else no message goes. */
static purlin_s64 collect(struct fiber *fiber, uint64_t info, struct fake_message *message)
{
	unsigned int words = PURLIN_INFO_WORDS(info), caps = PURLIN_INFO_CAPS(info);

	memset(message, 0, sizeof(*message));
	if (words > PURLIN_MESSAGE_WORDS || caps > PURLIN_MESSAGE_CAPS)
		return PURLIN_BAD_ARGUMENT;
	for (unsigned int i = 0; i < caps; i++) {
		const struct fake_cap *cap = fake_slot(fake_self, fiber->message.send_slot[i]);

		if (!cap || !cap->object)
			return PURLIN_BAD_ARGUMENT;
		message->cap[i] = fake_cap_of(cap->object, cap->rights, cap->badge);
		message->caps++;
	}
	message->label = PURLIN_INFO_LABEL(info);
	message->words = words;
	memcpy(message->word, fiber->message.word, words * sizeof(message->word[0]));
	return PURLIN_OK;
}

void fake_message_drop(struct fake_message *message)
{
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++)
		fake_cap_drop(&message->cap[i]);
}

purlin_s64 purlin_endpoint_create(purlin_u64 account, purlin_u64 slot)
{
	struct fake_object *object;

	return fake_create(account, slot, PURLIN_TYPE_ENDPOINT, 1, &object);
}

/* What it waits for stays, even when its last capability goes. */
static void leave_for(enum fiber_state state, struct fake_object *object)
{
	struct fiber *self = current;

	self->waits_for = object;
	fake_take(object);
	leave(state);
	fake_drop(object);
}

static purlin_s64 receive(uint64_t endpoint, uint64_t *info, uint64_t *badge)
{
	struct fiber *self = current;
	struct fake_object *object;
	purlin_s64 status =
		fake_look_up(endpoint, PURLIN_TYPE_ENDPOINT, PURLIN_RIGHT_READ, &object);

	if (status)
		return status;
	self->status = PURLIN_OK;
	leave_for(FIBER_RECEIVES, object);
	*info = self->info;
	*badge = self->badge;
	return self->status;
}

purlin_s64 purlin_endpoint_receive(purlin_u64 endpoint, purlin_u64 *info, purlin_u64 *badge)
{
	current->caller = NULL;
	return receive(endpoint, info, badge);
}

/* With its endpoint, a request has ended, whatever the server has to say. */
static void reply(struct fiber *self, uint64_t endpoint, uint64_t info)
{
	struct fake_message *caller = self->caller;
	struct fake_object *object;

	self->caller = NULL;
	if (fake_look_up(endpoint, PURLIN_TYPE_ENDPOINT, PURLIN_RIGHT_READ, &object))
		*caller = (struct fake_message){ .label = (uint32_t)PURLIN_DEAD };
	else
		MUST(!collect(self, info, caller)); /* else the server hangs its client */
	caller->answered = true;
}

purlin_s64 purlin_endpoint_reply_receive(purlin_u64 endpoint, purlin_u64 info, purlin_u64 *info_out,
					 purlin_u64 *badge)
{
	if (current->caller)
		reply(current, endpoint, info);
	return receive(endpoint, info_out, badge);
}

static struct fiber *post(struct fake_object *endpoint, struct fake_message *message)
{
	struct fiber *fiber = fibers;

	while (fiber < fibers + MOST_FIBERS &&
	       (fiber->state != FIBER_RECEIVES || fiber->waits_for != endpoint))
		fiber++;
	if (fiber == fibers + MOST_FIBERS)
		return NULL;
	deliver(fiber, message);
	fake_message_drop(message);
	fiber->caller = message;
	fiber->status = PURLIN_OK;
	message->answered = false;
	enter(fiber);
	fake_run();
	return fiber;
}

bool fake_post(struct fake_object *endpoint, struct fake_message *message)
{
	return post(endpoint, message) != NULL;
}

bool fake_call(struct fake_object *endpoint, struct fake_message *message)
{
	struct fiber *fiber = post(endpoint, message);

	if (fiber && fiber->caller == message)
		fiber->caller = NULL; /* it went on without a reply */
	return fiber && message->answered;
}

purlin_s64 purlin_endpoint_call(purlin_u64 endpoint, purlin_u64 info, purlin_u64 *info_out)
{
	struct fiber *self = current;
	const struct fake_cap *cap = fake_slot(fake_self, endpoint);
	struct fake_object *object;
	struct fake_message message;
	purlin_s64 status =
		fake_look_up(endpoint, PURLIN_TYPE_ENDPOINT, PURLIN_RIGHT_WRITE, &object);

	if (!status)
		status = collect(self, info, &message);
	if (status)
		return status;
	message.badge = cap->badge;
	fake_take(object);
	if (!object->answer || !object->answer(object, &message)) {
		fake_message_drop(&message);
		fake_drop(object);
		leave(FIBER_MUTE);
	}
	fake_drop(object);
	deliver(self, &message);
	fake_message_drop(&message);
	*info_out = self->info;
	return PURLIN_OK;
}

purlin_s64 purlin_signal_wait(purlin_u64 signal, purlin_u64 *bits)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_READ, &object);

	if (status)
		return status;
	fake_take(object);
	if (!object->bits)
		leave_for(FIBER_WAITS, object);
	*bits = object->bits;
	object->bits = 0;
	status = object->dead ? PURLIN_DEAD : PURLIN_OK;
	fake_drop(object);
	return status;
}

purlin_s64 purlin_thread_bind_signal(purlin_u64 thread, purlin_u64 signal)
{
	(void)thread;
	return fake_look_up(signal, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_READ, &current->bound);
}

purlin_s64 thread_spawn(void (*entry)(void *), void *argument, purlin_u64 cpu, purlin_u64 priority,
			purlin_u64 *slot)
{
	(void)cpu;
	fiber_new(entry, argument)->priority = priority;
	*slot = 0;
	return PURLIN_OK;
}

void fake_end(void)
{
	for (unsigned int i = 0; i < MOST_FIBERS; i++)
		fibers[i].state = FIBER_FREE;
	while (fake_objects) {
		struct fake_object *object = fake_objects;

		fake_objects = object->next;
		free(object->table);
		free(object->data);
		free(object);
	}
}

/* Text of clients must not look like another's line, nor move the cursor. */
int fake_vprintf(const char *format, va_list arguments)
{
	char text[2048];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	MUST(length >= 0 && (size_t)length < sizeof(text));
	for (int i = 0; i < length; i++) {
		MUST((unsigned char)text[i] >= ' ' || text[i] == '\n' || text[i] == '\t');
		MUST(text[i] != '\n' || i == length - 1);
		fake_lines += text[i] == '\n';
	}
	return length;
}

int fake_printf(const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = fake_vprintf(format, arguments);
	va_end(arguments);
	return length;
}
