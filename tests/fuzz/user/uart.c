// SPDX-License-Identifier: MIT
/*
 * The whole UART driver on the fake kernel: requests of init and clients in any order, rings whose
 * contents change at every read the driver makes, chips that are slow, a log that skips. Work is
 * bounded, lines of the log stay whole, and closed sessions leave nothing.
 */
#include "fake_kernel.h"

#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/thread.h"
#include "session/io_port.h"
#include "session/irq.h"
#include "session/parent.h"
#include "session/terminal.h"

#define LINES 2
#define CLIENTS 3
#define STEPS 100
#define MOST_PORT_ACCESSES 400000 /* for one message: a ring and the log, drained byte by byte */
#define MOST_STUCK 20
#define MOST_CHANGES 300

static struct chip {
	uint8_t scratch, enabled;
	unsigned int stuck; /* looks until it can send again */
	unsigned int input; /* bytes waiting to be received */
	bool in_log_line;
} chips[LINES];

static struct client {
	uint64_t badge;
	bool open;
	unsigned int line;
	struct fake_object *memory; /* of its rings, with a reference */
	struct fake_object *signal;
} clients[CLIENTS];

static struct input *current;
static struct fake_object *terminal_endpoint, *driver_signal;
static struct fake_census baseline;
static unsigned int accesses, changes_left, log_left;
static bool tame; /* clients write nothing but '~': lines of the log can be told apart */

/* The chips. */

static struct chip *chip_at(uint64_t port)
{
	return port >= 0x3f8 && port < 0x400 ? &chips[0] :
	       port >= 0x2f8 && port < 0x300 ? &chips[1] :
					       NULL;
}

static uint64_t port_in(uint64_t port, unsigned int size)
{
	struct chip *chip = chip_at(port);

	MUST(chip && size == 1 && ++accesses < MOST_PORT_ACCESSES);
	switch (port & 7) {
	case 0:
		chip->input -= chip->input != 0;
		return 'i';
	case 2:
		return chip->input ? 4 : 1;
	case 5:
		if (!chip->stuck && current && current->left && input_byte(current) > 240)
			chip->stuck = 1 + input_choice(current, MOST_STUCK);
		chip->stuck -= chip->stuck != 0;
		return (chip->input ? 1u : 0u) | (chip->stuck ? 0u : 0x20u);
	case 7:
		return chip->scratch;
	default:
		return 0;
	}
}

/* A line of the log begins with a bracket, which tame clients do not write, and is whole. */
static void sent(struct chip *chip, uint8_t byte)
{
	if (!tame || chip != &chips[0])
		return;
	if (byte == '[')
		chip->in_log_line = true;
	MUST(!chip->in_log_line || byte != '~');
	if (byte == '\n')
		chip->in_log_line = false;
}

static void port_out(uint64_t port, unsigned int size, uint64_t value)
{
	struct chip *chip = chip_at(port);

	MUST(chip && size == 1 && ++accesses < MOST_PORT_ACCESSES);
	if ((port & 7) == 0)
		sent(chip, (uint8_t)value);
	else if ((port & 7) == 7)
		chip->scratch = (uint8_t)value;
}

/* The kernel's log: pieces of lines, some skipped. */
static purlin_s64 log_read(uint64_t sequence, uint64_t *bytes, uint64_t *next)
{
	static const char text[] = "[core] words\n[x] \r\nLLL and so on\n\n[linux] last";
	char *to = (char *)message()->word;

	*bytes = 0;
	*next = sequence;
	if (!log_left)
		return PURLIN_AGAIN;
	if (!--log_left) { /* the last of each input ends its line */
		*to = '\n';
		*bytes = 1;
	} else {
		unsigned int how = current ? input_byte(current) : 0;

		*bytes = 1 + how % (sizeof(text) - 1);
		memcpy(to, text, *bytes);
		if (how > 250 && current) {
			memset(to, 'L', 480);
			*bytes = 480;
		}
		*next += how % 16 == 7 ? 1000 : 0;
	}
	*next += *bytes;
	return PURLIN_OK;
}

/* Each load of the driver's ring code comes by here first: what it is about to read may change. */
static void about_to_load(void *address, unsigned int bytes)
{
	for (unsigned int i = 0; i < CLIENTS; i++) {
		const struct fake_object *memory = clients[i].memory;
		uint8_t *at = address;

		if (!memory || memory->dead || !memory->data || at < memory->data ||
		    at + bytes > memory->data + memory->count * PURLIN_PAGE_SIZE)
			continue;
		if (!changes_left || !current || !current->left || input_byte(current) < 160)
			return;
		changes_left--;
		if (bytes == 1 && tame) {
			*at = '~';
		} else if (input_bit(current)) {
			input_fill(current, at, bytes);
		} else {
			uint64_t value = input_number(current);

			memcpy(at, &value, bytes);
		}
		return;
	}
}

#define ON_LOAD about_to_load
#include "loads.h"

_Noreturn void component_panic(const char *format, ...)
{
	fprintf(stderr, "%s\n", format);
	FAIL("panic");
	abort();
}

/* Parent and core, for the start. */

static bool answer_claim(struct fake_object *endpoint, struct fake_message *message)
{
	struct fake_object *object =
		fake_new(endpoint->context ? PURLIN_TYPE_IO_PORT : PURLIN_TYPE_IRQ);

	message->label = 0;
	message->words = 1;
	message->word[0] = 1;
	message->caps = 1;
	message->cap[0] = (struct fake_cap){ object, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY, 0 };
	return true;
}

static bool answer_parent(struct fake_object *parent, struct fake_message *message)
{
	struct fake_object *endpoint;

	if (message->label == PARENT_ANNOUNCE) {
		MUST(message->caps == 1 && message->cap[0].badge == SERVER_PARENT_BADGE);
		terminal_endpoint = message->cap[0].object;
		fake_message_drop(message);
		message->caps = 0;
		message->label = 0;
		return true;
	}
	MUST(message->label == PARENT_OPEN);
	endpoint = fake_new(PURLIN_TYPE_ENDPOINT);
	endpoint->answer = answer_claim;
	endpoint->context = !strcmp((const char *)message->word, "IO_PORT") ? parent : NULL;
	message->label = 0;
	message->words = 0;
	message->caps = 1;
	message->cap[0] = (struct fake_cap){ endpoint, PURLIN_RIGHT_ALL, 0 };
	return true;
}

static void run_driver(void *argument)
{
	component_main((purlin_u64)argument);
	FAIL("the driver left its loop");
}

static void start(void)
{
	struct fake_object *parent;

	fake_start(4096, 0x1000);
	parent = fake_new(PURLIN_TYPE_ENDPOINT);
	parent->answer = answer_parent;
	fake_give(PURLIN_SLOT_PARENT, (struct fake_cap){ parent, PURLIN_RIGHT_WRITE, 1 });
	fake_port_in = port_in;
	fake_port_out = port_out;
	fake_log_read = log_read;
	fake_thread_start(run_driver, NULL);
	driver_signal = fake_objects;
	while (driver_signal->type != PURLIN_TYPE_SIGNAL)
		driver_signal = driver_signal->next;
	baseline = fake_count();
}

/* Requests. */

static purlin_s64 ask(uint64_t badge, struct fake_message *message)
{
	purlin_s64 status;

	message->badge = badge;
	accesses = 0;
	MUST(fake_call(terminal_endpoint, message));
	status = (int32_t)message->label;
	MUST(status <= PURLIN_OK && status >= PURLIN_NO_DEVICE);
	return status;
}

static void forget_memory(struct client *client)
{
	if (client->memory)
		fake_drop(client->memory);
	if (client->signal)
		fake_drop(client->signal);
	client->memory = NULL;
	client->signal = NULL;
}

static void close_client(struct client *client)
{
	struct fake_message message = { .label = SERVER_CLOSE,
					.words = 1,
					.word = { client->badge } };

	MUST(client->open == !ask(SERVER_PARENT_BADGE, &message));
	/* The rings are closed, even if somebody still has a capability of them. */
	MUST(!client->memory || client->memory->dead);
	client->open = false;
	forget_memory(client);
}

static void step_open(struct input *input)
{
	static const char *const labels[] = { "linux/console", "linux/exec", "x/aux",	"console",
					      "linux/none",    "",	     "console/" };
	static const unsigned int line_of[] = { 0, 1, 1, 0, 9, 9, 9 };
	struct client *client = &clients[input_choice(input, CLIENTS)];
	unsigned int label = input_choice(input, sizeof(labels) / sizeof(labels[0]));
	struct fake_message message = { .label = SERVER_OPEN, .words = input_choice(input, 8) };
	bool taken = false;
	purlin_s64 status;

	if (client->badge && client->open)
		close_client(client);
	for (unsigned int i = 0; i < CLIENTS; i++)
		taken |= clients[i].open && clients[i].line == line_of[label];
	if (input_byte(input) > 240)
		input_fill(input, message.word, PARENT_LABEL_BYTES);
	else
		strcpy((char *)message.word, labels[label]);
	message.words = message.words < 4 ? 4 : message.words;
	status = ask(SERVER_PARENT_BADGE, &message);
	if (!status) {
		MUST(message.words == 1 && message.caps == 1 &&
		     message.cap[0].badge == message.word[0]);
		MUST(!taken || strcmp((const char *)message.word, labels[label]));
		*client = (struct client){ .badge = message.word[0],
					   .open = true,
					   .line = line_of[label] };
	}
	fake_message_drop(&message);
}

/* TERMINAL_START, with a signal, with something else, with nothing. */
static void step_start(struct input *input)
{
	static const unsigned int types[] = { PURLIN_TYPE_SIGNAL,   PURLIN_TYPE_SIGNAL,
					      PURLIN_TYPE_SIGNAL,   PURLIN_TYPE_MEMORY,
					      PURLIN_TYPE_ENDPOINT, PURLIN_TYPE_ACCOUNT };
	struct client *client = &clients[input_choice(input, CLIENTS)];
	unsigned int type = types[input_choice(input, 6)];
	struct fake_message message = { .label = TERMINAL_START };
	struct fake_object *object = fake_new(type);
	bool started = client->memory != NULL;

	if (input_byte(input) < 240) {
		message.caps = 1;
		message.cap[0] =
			fake_cap_of(object, PURLIN_RIGHT_WRITE, type == PURLIN_TYPE_SIGNAL);
	}
	if (input_byte(input) > 240)
		message.label = (uint32_t)input_number(input);
	if (client->badge && !ask(client->badge, &message)) {
		MUST(client->open && !started && message.caps == 2);
		MUST(type == PURLIN_TYPE_SIGNAL);
		MUST(message.cap[0].object->type == PURLIN_TYPE_MEMORY &&
		     message.cap[0].rights == (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE));
		MUST(message.cap[1].object == driver_signal && message.cap[1].badge &&
		     message.cap[1].rights == PURLIN_RIGHT_WRITE);
		client->memory = message.cap[0].object;
		message.cap[0].object = NULL;
		client->signal = object;
		fake_take(object);
	}
	fake_message_drop(&message);
	fake_drop(object);
}

/* The client writes its ring: tamely, or whatever it likes, indices of both sides included. */
static void step_rings(struct input *input)
{
	struct client *client = &clients[input_choice(input, CLIENTS)];
	unsigned int bytes = (unsigned int)input_bytes(input, 2) % (TERMINAL_OUTPUT_BYTES + 9);
	struct terminal_shared *shared;

	if (!client->memory || client->memory->dead)
		return;
	shared = (struct terminal_shared *)client->memory->data;
	if (tame) {
		memset(shared->output_data, '~', sizeof(shared->output_data));
		shared->output.head += bytes;
	} else {
		input_fill(input, shared->output_data, 32);
		shared->output.head = input_bit(input) ? shared->output.head + bytes :
							 (uint32_t)input_number(input);
		if (input_byte(input) > 200)
			shared->output.tail = (uint32_t)input_number(input);
		if (input_byte(input) > 200)
			shared->input.head = (uint32_t)input_number(input);
	}
	shared->input.tail = input_bit(input) ? shared->input.head : (uint32_t)input_number(input);
}

static void signal_driver(uint64_t bits)
{
	accesses = 0;
	driver_signal->bits |= bits;
	fake_run();
}

static void step_odd(struct input *input)
{
	struct fake_message message = { .label = (uint32_t)input_number(input),
					.words = input_choice(input, 61) };
	uint64_t badge = input_bit(input) ? SERVER_PARENT_BADGE : input_number(input);

	if (message.label == SERVER_OPEN || message.label == SERVER_CLOSE)
		message.label = SERVER_FLUSH;
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (badge == clients[i].badge)
			return;
	(void)ask(badge, &message);
	fake_message_drop(&message);
}

static void step(struct input *input)
{
	switch (input_choice(input, 10)) {
	case 0:
		step_open(input);
		break;
	case 1:
		step_start(input);
		break;
	case 2: {
		struct client *client = &clients[input_choice(input, CLIENTS)];

		if (client->badge)
			close_client(client);
		break;
	}
	case 3:
		step_odd(input);
		break;
	case 4:
		chips[input_choice(input, LINES)].input += input_choice(input, 200);
		signal_driver(1ull << input_choice(input, LINES));
		break;
	case 5:
		log_left = input_choice(input, 12) + 1;
		signal_driver(1ull << 8);
		break;
	case 6:
		fake_failures = input_choice(input, 8);
		break;
	default:
		step_rings(input);
		signal_driver(input_number(input) | 1ull << 16);
	}
}

/* Everything closed, sent, received: as after the start. */
static void finish(void)
{
	struct fake_message flush = { .label = SERVER_FLUSH };
	struct fake_census now;

	current = NULL;
	fake_failures = 0;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		if (clients[i].open)
			close_client(&clients[i]);
		clients[i] = (struct client){ .open = false };
	}
	log_left = 1;
	MUST(!ask(SERVER_PARENT_BADGE, &flush));
	now = fake_count();
	MUST(now.caps == baseline.caps && now.slots == baseline.slots);
	MUST(now.objects == baseline.objects && now.pages == baseline.pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	if (!fake_self)
		start();
	memset(chips, 0, sizeof(chips));
	tame = input_bit(&input);
	changes_left = input_bit(&input) ? MOST_CHANGES : 0;
	current = &input;
	for (unsigned int i = 0; i < STEPS && input.left; i++)
		step(&input);
	finish();
	return 0;
}
