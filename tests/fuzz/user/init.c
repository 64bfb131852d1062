// SPDX-License-Identifier: MIT
/*
 * The protocol of init: supervisors and the workers that ask servers, on the fake kernel. Four
 * components send their parent anything, announce, open, end in all ways; two of them are servers
 * that answer with anything, or only when they end; core refuses now and then. Nobody gets a
 * session without a route; what a life had is closed when it ends, once; nobody is kept waiting by
 * a server that does not answer; when all components are gone, init has what it had. One component
 * has control of others and of itself: it is always answered at once, reaches nobody else, begins
 * no more acts than it may, and what it stops is away. It adds components by fragments that are
 * whole, wrong, or cut off: those have what it could have itself, and are all there or not at all.
 * What serves its requests is no more urgent
 * than it is, and so never has a lock that supervisors may want.
 */
#include "fake_kernel.h"

#include <libfdt.h>

#include "init/add.h"
#include "init/admit.h"
#include "init/ask.h"
#include "init/boot_data.h"
#include "init/control.h"
#include "init/end.h"
#include "init/linux.h"
#include "init/memory_report.h"
#include "init/ram_target.h"
#include "init/supervisor.h"
#include "init/watchdog.h"
#include "runtime/component.h"
#include "runtime/elf_load.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/core.h"

#define COMPONENTS 4
#define SERVERS 2 /* the first ones */
#define STEPS 120
#define CORE_SESSIONS 600
#define HZ 1000
#define CONTROLLER 3
#define CONTROLLED 3
#define ADDS_PAGES 100
#define LABEL_WORD (PARENT_SERVICE_BYTES / 8)

void fake_slots_reset(void);

purlin_u64 fake_tsc;
static struct purlin_boot_info info = { .tsc_hz = HZ };
const struct purlin_boot_info *boot_info = &info;

static const char *const names[COMPONENTS] = { "a", "b", "c", "d" };
static const char *const services[] = { "Alpha", "Beta", "LOG", "RAM", "Nope", "x\ny", "" };
static const char *const labels[] = { "",    "one",	   "fifteen-letters",
				      "a/b", "two\nlines", "sixteen-letters-" };

/* A component as its supervisor must see it. */
static struct client {
	struct fake_message post; /* under way */
	bool posted;
	uint64_t badge; /* that it was sent with */
	uint32_t label;
	uint64_t generation;
} clients[COMPONENTS];

/* Calls that a server has not answered wait for its end, or until it answers late. */
static struct {
	struct fake_object *endpoint;
	bool mute, released, late;
	unsigned int waiting, opened, closed;
	uint64_t release; /* slot of a signal */
} servers[SERVERS];

/* Sessions of core by badge. */
static struct {
	bool open;
	unsigned int owner;
} core_sessions[CORE_SESSIONS];
static unsigned int core_next;
static struct input *input;
static struct fake_census baseline;
static unsigned int acts; /* begun */
static unsigned int additions;
static bool failed; /* an allocation may have: then a session may stay open at its server */

bool boot_module_exists(void *context, const char *name)
{
	(void)context;
	return !strcmp(name, "program");
}

bool boot_module(const char *name, const void **data, size_t *bytes)
{
	*data = name;
	*bytes = 1;
	return input_byte(input) < 250;
}

purlin_s64 elf_load(const void *image, size_t bytes, purlin_u64 account, purlin_u64 pd,
		    purlin_u64 *memory, purlin_u64 *entry)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_memory_create(account, slot, 1, 0);

	(void)image;
	(void)bytes;
	(void)pd;
	if (status)
		slot_release(slot);
	else
		*memory = slot;
	*entry = 0x401000;
	return status;
}

purlin_s64 linux_start(struct component *component)
{
	(void)component;
	FAIL("no Linux is described");
}

/* For a Linux only. */
void watchdog_start(struct component *component)
{
	(void)component;
}

bool watchdog_look(struct component *component)
{
	(void)component;
	return false;
}

void report_memory(void)
{
}

void request_end(enum end_action action, const char *component)
{
	MUST(action == END_POWER_OFF && *component);
}

static purlin_u64 admission; /* slot of a signal */

void request_admission(void)
{
	purlin_signal_notify(admission, 1);
}

/* In the first thread's place. */
static void admit_on(void *context)
{
	uint64_t bits;

	(void)context;
	for (;;) {
		MUST(!purlin_signal_wait(admission, &bits));
		admit_all();
	}
}

void component_panic(const char *format, ...)
{
	FAIL(format);
}

/* Budgets depend on the time; and each line is to be looked at. */
bool log_budget_take(struct log_budget *budget, purlin_u64 now, purlin_u64 hz,
		     unsigned int *dropped)
{
	(void)budget;
	MUST(now && hz);
	*dropped = 0;
	return true;
}

void __real_lock_acquire(struct lock *lock);
void __wrap_lock_acquire(struct lock *lock);

/* Others may keep who has a lock from the processor, and with it all who wait for the lock. */
void __wrap_lock_acquire(struct lock *lock)
{
	MUST(fake_priority() >= SUPERVISOR_PRIORITY);
	__real_lock_acquire(lock);
}

static unsigned int component_named(const char *name, size_t bytes)
{
	for (unsigned int i = 0; i < COMPONENTS; i++)
		if (bytes == strlen(names[i]) && !memcmp(name, names[i], bytes))
			return i;
	FAIL("a label names no component");
}

static bool routed(unsigned int index, const char *service)
{
	return description_server(&description.components[index], service) != DESCRIPTION_NONE;
}

static bool core_open_session(struct fake_message *message)
{
	char service[PARENT_SERVICE_BYTES + 1] = { 0 }, label[PARENT_LABEL_BYTES + 1] = { 0 };
	unsigned int owner;

	memcpy(service, message->word, PARENT_SERVICE_BYTES);
	memcpy(label, &message->word[LABEL_WORD], PARENT_LABEL_BYTES);
	owner = component_named(label, strlen(label));
	MUST(routed(owner, service) && (!strcmp(service, "LOG") || !strcmp(service, "RAM")));
	MUST(strcmp(service, "RAM") || (message->caps == 1 && message->cap[0].object &&
					message->cap[0].object->type == PURLIN_TYPE_ACCOUNT &&
					!message->cap[0].object->dead));
	fake_message_drop(message);
	*message = (struct fake_message){ .label = (uint32_t)PURLIN_NO_MEMORY };
	if (input_byte(input) > 230 || core_next == CORE_SESSIONS)
		return true;
	core_sessions[core_next].open = true;
	core_sessions[core_next].owner = owner;
	message->label = 0;
	message->words = 1;
	message->word[0] = core_next++;
	message->caps = 1;
	message->cap[0] =
		(struct fake_cap){ fake_new(PURLIN_TYPE_ENDPOINT), PURLIN_RIGHT_WRITE, 0 };
	return true;
}

static bool core_answer(struct fake_object *endpoint, struct fake_message *message)
{
	uint64_t badge = message->word[0];

	(void)endpoint;
	if (message->label == PARENT_OPEN)
		return core_open_session(message);
	MUST(message->label == SERVER_CLOSE && message->words == 1 && !message->caps);
	MUST(badge < core_next && core_sessions[badge].open);
	core_sessions[badge].open = false;
	*message = (struct fake_message){ .label = 0 };
	return true;
}

/* False: until the server ended, which is what its callers hear then. */
static bool answers_late(unsigned int server)
{
	uint64_t bits;

	servers[server].waiting++;
	while (!servers[server].released)
		MUST(!purlin_signal_wait(servers[server].release, &bits));
	servers[server].waiting--;
	return servers[server].late;
}

static void check_open(unsigned int server, const struct fake_message *message)
{
	char label[PARENT_LABEL_BYTES + 1] = { 0 };
	const char *slash;
	unsigned int client;

	memcpy(label, message->word, PARENT_LABEL_BYTES);
	slash = strchr(label, '/');
	MUST(message->words >= PARENT_LABEL_BYTES / 8 && slash);
	client = component_named(label, (size_t)(slash - label));
	MUST(routed(client, services[server]));
	for (const char *at = slash; *at; at++)
		MUST(*at >= ' ' && *at <= '~');
}

static bool server_answer(struct fake_object *endpoint, struct fake_message *message)
{
	unsigned int server = endpoint == servers[0].endpoint ? 0 : 1, caps;
	uint32_t operation = message->label;

	MUST(operation == SERVER_OPEN || operation == SERVER_CLOSE);
	if (operation == SERVER_OPEN)
		check_open(server, message);
	fake_message_drop(message);
	*message = (struct fake_message){ .label = (uint32_t)PURLIN_DEAD };
	if (servers[server].mute && !answers_late(server))
		return true;
	if (operation == SERVER_CLOSE)
		servers[server].closed++;
	MUST(servers[server].closed <= servers[server].opened);
	message->label = input_byte(input) < 200 ? 0 : (uint32_t)input_number(input);
	message->words = input_choice(input, PURLIN_MESSAGE_WORDS + 1);
	message->word[0] = input_number(input);
	caps = input_byte(input) < 200 ? operation == SERVER_OPEN : input_choice(input, 5);
	while (message->caps < caps)
		message->cap[message->caps++] =
			(struct fake_cap){ fake_new(PURLIN_TYPE_ENDPOINT), PURLIN_RIGHT_WRITE, 0 };
	if (operation == SERVER_OPEN && !message->label && message->caps)
		servers[server].opened++;
	return true;
}

static struct fake_object *object_in(uint64_t slot)
{
	const struct fake_cap *cap = slot ? fake_slot(fake_self, slot) : NULL;

	return cap ? cap->object : NULL;
}

static void release(unsigned int server, bool late)
{
	servers[server].late = late;
	servers[server].released = true;
	while (servers[server].waiting) {
		object_in(servers[server].release)->bits = 1;
		fake_run();
	}
	servers[server].released = false;
	servers[server].mute = false;
}

/* Whoever waited for the answer of a server that has ended gets DEAD. */
static void end_server(unsigned int server)
{
	release(server, false);
	servers[server].opened = servers[server].closed = 0;
}

/* Sessions of core belong to who lives. */
static void check_sessions(void)
{
	unsigned int open[COMPONENTS] = { 0 };

	for (unsigned int i = 0; i < core_next; i++)
		if (core_sessions[i].open)
			open[core_sessions[i].owner]++;
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		MUST(components[i].session_count <= MOST_SESSIONS);
		MUST(open[i] <= components[i].session_count + 1);
		MUST(components[i].pd || !components[i].session_count);
		MUST(!components[i].pd || object_in(components[i].pd));
	}
}

#include "init_ram.h"

/* The reply has come, if it has. */
static void collect(struct client *client)
{
	purlin_s64 status = (int32_t)client->post.label;

	if (!client->posted || !client->post.answered)
		return;
	client->posted = false;
	if (client->badge != client->generation)
		MUST(status == PURLIN_DEAD);
	if (!status && client->label == PARENT_OPEN)
		MUST(client->post.caps == 1 && client->post.cap[0].object);
	else if (!status && client->label == PARENT_RAM)
		MUST(!client->post.caps && client->post.words == 2 &&
		     !(client->post.word[0] % client->post.word[1]));
	else if (!status && client->label == PARENT_SERVES)
		MUST(!client->post.caps && client->post.words == PARENT_SERVES_BYTES / 8);
	else
		MUST(!client->post.caps && !client->post.words);
	fake_message_drop(&client->post);
}

/* After every step: who has a new life has ended the calls of the old one. */
static void settle(void)
{
	static uint64_t lives[SERVERS];

	fake_run();
	for (unsigned int i = 0; i < SERVERS; i++) {
		if (lives[i] != components[i].generation || !components[i].pd)
			end_server(i);
		lives[i] = components[i].generation;
	}
	fake_run();
	for (unsigned int i = 0; i < COMPONENTS; i++)
		collect(&clients[i]);
	check_sessions();
	check_grants();
}

static void post(unsigned int index, uint64_t badge, struct fake_message *message)
{
	struct client *client = &clients[index];

	client->post = *message;
	client->post.badge = badge;
	client->badge = badge;
	client->label = message->label;
	client->generation = components[index].generation;
	client->posted = fake_post(object_in(components[index].endpoint), &client->post);
	if (!client->posted)
		fake_message_drop(&client->post);
	settle();
}

static void put_text(struct fake_message *message, unsigned int word, const char *text,
		     unsigned int bytes)
{
	strncpy((char *)&message->word[word], text, bytes);
}

#define PICK(list) (list)[input_choice(input, sizeof(list) / sizeof((list)[0]))]

static void step_open(unsigned int index, uint64_t badge)
{
	struct fake_message message = { .label = PARENT_OPEN, .words = 6 };

	put_text(&message, 0, PICK(services), PARENT_SERVICE_BYTES);
	put_text(&message, LABEL_WORD, PICK(labels), PARENT_LABEL_BYTES);
	message.words += input_choice(input, 55);
	post(index, badge, &message);
}

static void step_announce(unsigned int index, uint64_t badge)
{
	struct fake_message message = { .label = PARENT_ANNOUNCE, .words = 2 };
	unsigned int own = index < SERVERS && input_byte(input) < 200;

	put_text(&message, 0, own ? services[index] : PICK(services), PARENT_SERVICE_BYTES);
	if (own) {
		message.cap[message.caps++] =
			fake_cap_of(servers[index].endpoint, PURLIN_RIGHT_WRITE, 1);
	} else if (input_bit(input)) {
		message.caps = 1;
		message.cap[0] = (struct fake_cap){ fake_new(input_bit(input) ? PURLIN_TYPE_SIGNAL :
										PURLIN_TYPE_MEMORY),
						    PURLIN_RIGHT_ALL, 0 };
	}
	post(index, badge, &message);
}

static void step_odd(unsigned int index, uint64_t badge)
{
	struct fake_message message = { .label = input_choice(input, PARENT_RAM + 1),
					.words = input_choice(input, PURLIN_MESSAGE_WORDS + 1) };

	for (unsigned int i = 0; i < message.words && i < 8; i++)
		message.word[i] = input_number(input);
	post(index, badge, &message);
}

/* PARENT_RAM, mostly with a signal. */
static void step_ram(unsigned int index, uint64_t badge)
{
	struct fake_message message = { .label = PARENT_RAM };

	if (input_byte(input) < 200)
		message.cap[message.caps++] =
			fake_cap_of(fake_new(PURLIN_TYPE_SIGNAL), PURLIN_RIGHT_ALL, 0);
	post(index, badge, &message);
}

static const int controlled[CONTROLLED] = { 0, 2, CONTROLLER };

/* A stop that was begun is done, whatever servers do: nobody waits for them. */
static void check_act(unsigned int number, uint64_t act)
{
	const struct component_description *client = &description.components[CONTROLLER];
	const struct component *target = &components[client->control[number]];

	MUST(number < client->control_count && act >= CONTROL_START && act <= CONTROL_RESTART);
	MUST(++acts <= CONTROL_ACTS + 2 * (fake_tsc / HZ - 1000 + 1));
	settle();
	MUST(act != CONTROL_STOP || (target->state == COMPONENT_ENDED && !target->pd));
}

static void check_component(unsigned int number, const struct fake_message *reply)
{
	const char *name = (const char *)&reply->word[CONTROL_NAME];
	unsigned int reached = description.components[CONTROLLER].control_count;

	MUST(number < reached && reply->words == CONTROL_COMPONENT_WORDS);
	MUST(number >= CONTROLLED ? *name >= 'e' : !strcmp(name, names[controlled[number]]));
	MUST(reply->word[CONTROL_STATE] >= CONTROL_STATE_STARTING &&
	     reply->word[CONTROL_STATE] <= CONTROL_STATE_ENDED);
	MUST(reply->word[CONTROL_SESSIONS] <= MOST_SESSIONS && !reply->word[CONTROL_DEVICES]);
}

static bool within_reach(const char *name)
{
	return !*name || !strcmp(name, "a") || !strcmp(name, "c") || !strcmp(name, "d");
}

/* Of its own components and of those it controls, and only what concerns these. */
static void check_session(uint64_t place, const struct fake_message *reply)
{
	const char *client = (const char *)&reply->word[CONTROL_SESSION_CLIENT];
	const char *server = (const char *)&reply->word[CONTROL_SESSION_SERVER];
	bool core = reply->word[CONTROL_SESSION_FLAGS] & CONTROL_SESSION_CORE;

	MUST(reply->words == CONTROL_SESSION_WORDS && reply->word[CONTROL_SESSION_NEXT] > place);
	MUST(within_reach(client) && (core ? !strcmp(server, "core") : within_reach(server)));
	MUST(*client || (*server && !core && !reply->word[CONTROL_SESSION_LABEL]));
	MUST(!*client || routed(component_named(client, 1),
				(const char *)&reply->word[CONTROL_SESSION_SERVICE]));
}

static void step_control(void)
{
	struct component *component = &components[CONTROLLER];
	static const uint32_t operations[] = { 0,
					       CONTROL_COMPONENT,
					       CONTROL_ACT,
					       CONTROL_WATCH,
					       CONTROL_SESSION,
					       CONTROL_SET_RAM,
					       CONTROL_SET_RAM };
	struct fake_message message = { .label = PICK(operations), .words = 2 };
	uint64_t number = input_byte(input) < 220 ? input_choice(input, 4) : input_number(input);
	uint64_t act = input_byte(input) < 220 ? input_choice(input, 6) : input_number(input);
	uint32_t operation = message.label;
	purlin_s64 status;

	message.badge = component->generation;
	if (input_byte(input) > 230)
		message.badge = input_number(input);
	if (operation == CONTROL_SET_RAM)
		act = (20 + RAM_STEP * input_choice(input, RAM_STEPS + 2)) * PURLIN_PAGE_SIZE;
	message.word[0] = number;
	message.word[1] = act;
	if (input_bit(input))
		message.cap[message.caps++] = (struct fake_cap){
			fake_new(input_byte(input) < 200 ? PURLIN_TYPE_SIGNAL : PURLIN_TYPE_MEMORY),
			PURLIN_RIGHT_ALL, 0
		};
	status = component->pd && message.badge == component->generation ? PURLIN_OK : PURLIN_DEAD;
	MUST(fake_call(object_in(component->control.endpoint), &message));
	MUST(!status || (purlin_s64)(int32_t)message.label == status);
	status = (int32_t)message.label;
	if (!status && operation == CONTROL_COMPONENT)
		check_component((unsigned int)number, &message);
	else if (!status && operation == CONTROL_SESSION)
		check_session(number, &message);
	else
		MUST(!message.words && !message.caps);
	if (!status && operation == CONTROL_ACT)
		check_act((unsigned int)number, act);
	fake_message_drop(&message);
	settle();
}

#include "init_add.h"

static void step_fault(unsigned int index)
{
	struct fake_object *pd = object_in(components[index].pd);

	if (!pd)
		return;
	pd->first = 1 + input_choice(input, 3);
	pd->count = input_number(input);
	if (pd->bound)
		pd->bound->bits |= pd->bits;
	settle();
}

/* Longer than anybody waits. A server that has announced itself keeps nobody waiting. */
static void step_time(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		fake_tsc += (ANSWER_SECONDS + 1) * HZ;
		if (fake_time_passes())
			settle();
	}
	for (unsigned int i = 0; i < COMPONENTS; i++)
		MUST(!clients[i].posted || !components[0].announced_count ||
		     !components[1].announced_count);
}

static void step(void)
{
	unsigned int index = input_choice(input, COMPONENTS);
	uint64_t badge = components[index].generation;
	unsigned int what = input_choice(input, 16);

	if (what < 11 && (clients[index].posted || !components[index].pd))
		return;
	if (input_byte(input) > 240)
		badge = input_number(input);
	if (what < 6)
		step_open(index, badge);
	else if (what < 9)
		step_announce(index, badge);
	else if (what == 9 && input_bit(input))
		step_ram(index, badge);
	else if (what == 9)
		step_use(index);
	else if (what < 11)
		step_odd(index, badge);
	else if (what == 11)
		step_fault(index);
	else if (what == 12)
		failed |= (fake_failures = input_choice(input, 24)) != 0;
	else if (what == 13 && input_bit(input))
		servers[index % SERVERS].mute = true;
	else if (what == 13)
		release(index % SERVERS, true);
	else if (what == 15 && input_byte(input) < 64)
		step_add();
	else if (what == 15)
		step_control();
	else
		step_time();
}

static void describe(void)
{
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		struct component_description *wanted = &description.components[i];

		*wanted = (struct component_description){
			.name = names[i],
			.memory = 20 * PURLIN_PAGE_SIZE,
			.ram_quota = 2 * PURLIN_PAGE_SIZE,
			.memory_most = i < 2 ? 0 : (20 + RAM_STEPS * RAM_STEP) * PURLIN_PAGE_SIZE,
			.ram_step = RAM_STEP * PURLIN_PAGE_SIZE,
			.priority = 1,
			.processors = 1,
			.on_exit = END_RESTART,
			.on_power_off = i == 3 ? END_POWER_OFF : END_RESTART,
			.on_restart = END_RESTART,
			.on_fault = i == 2 ? END_STOP : END_RESTART,
			.restarts = 3,
			.serve_count = 1,
			.serves = { "disk 1M client" },
			.binary = "program",
		};
		if (i == CONTROLLER) {
			wanted->control_count = CONTROLLED;
			wanted->adds = ADDS_PAGES * PURLIN_PAGE_SIZE;
			memcpy(wanted->control, controlled, sizeof(controlled));
		}
		if (i < SERVERS)
			wanted->provides[wanted->provide_count++] = services[i];
		for (unsigned int n = 0; n < 4; n++)
			if (n >= SERVERS || n < i)
				wanted->routes[wanted->route_count++] = (struct description_route){
					services[n], n < SERVERS ? (int)n : DESCRIPTION_CORE
				};
	}
	description.component_count = COMPONENTS;
	description.spare = RAM_SPARE * PURLIN_PAGE_SIZE;
	description.power = DESCRIPTION_NONE;
}

static uint64_t created(purlin_s64 (*create)(purlin_u64, purlin_u64))
{
	uint64_t slot = slot_reserve();

	MUST(!create(PURLIN_SLOT_ACCOUNT, slot));
	return slot;
}

static void start_component(unsigned int index)
{
	struct component *component = &components[index];
	purlin_u64 thread;

	component->payer = PURLIN_SLOT_ACCOUNT;
	component->description = &description.components[index];
	component->endpoint = created(purlin_endpoint_create);
	component->watch = created(purlin_signal_create);
	component->timer = created(purlin_timer_create);
	if (index < SERVERS) {
		servers[index].endpoint = fake_new(PURLIN_TYPE_ENDPOINT);
		servers[index].endpoint->answer = server_answer;
		servers[index].release = created(purlin_signal_create);
		MUST(!ask_prepare((int)index));
	}
	if (index == CONTROLLER)
		MUST(!control_prepare(component));
	MUST(!thread_spawn(supervise, component, 0, SUPERVISOR_PRIORITY, &thread));
}

/* A world of its own for each input. */
static void start(void)
{
	static const struct description_target whole = { .cpus = 1 };
	static _Alignas(8) char base[4096];
	struct fake_object *core;
	purlin_u64 thread;

	write_tree(base, sizeof(base), 0, COMPONENTS, 0);
	fake_end();
	fake_slots_reset();
	memset(components, 0, sizeof(components));
	memset(&description, 0, sizeof(description));
	memset(clients, 0, sizeof(clients));
	memset(servers, 0, sizeof(servers));
	memset(core_sessions, 0, sizeof(core_sessions));
	core_next = 0;
	acts = 0;
	additions = 0;
	fake_failures = 0;
	failed = false;
	fake_tsc = 1000 * HZ;
	fake_start(2048, 0x4000);
	core = fake_new(PURLIN_TYPE_ENDPOINT);
	core->answer = core_answer;
	fake_give(PURLIN_SLOT_PARENT, (struct fake_cap){ core, PURLIN_RIGHT_WRITE, 0 });
	MUST(!lock_init(&state_lock));
	describe();
	MUST(!ram_target_prepare());
	add_to(base, &whole);
	admission = created(purlin_signal_create);
	MUST(!thread_spawn(admit_on, NULL, 0, SUPERVISOR_PRIORITY, &thread));
	baseline = fake_count();
	for (unsigned int i = 0; i < COMPONENTS; i++)
		start_component(i);
	settle();
}

/* These end until they are not started again, and all that was late is over. */
static void end_for_good(unsigned int first, unsigned int end)
{
	for (unsigned int life = 0; life < 6; life++) {
		for (unsigned int i = first; i < end; i++)
			step_fault(i);
		settle();
		fake_tsc += (ANSWER_SECONDS + 1) * HZ;
		(void)fake_time_passes();
		settle();
	}
}

/*
 * The buffers of the session that adds, its signal and budget; a tree for each addition; what an
 * index has got.
 */
static struct fake_census of_additions(void)
{
	struct fake_census kept = { .slots = 3 + additions, .caps = 3 + additions };

	for (unsigned int i = COMPONENTS; i < DESCRIPTION_COMPONENTS; i++) {
		const struct component *one = &components[i];
		unsigned int objects = !!one->endpoint + !!one->watch + !!one->timer;

		kept.slots += objects;
		kept.caps += objects;
		if (one->description)
			kept.slots += PURLIN_MESSAGE_CAPS;
	}
	return kept;
}

/* Clients first: then their server has nothing left of them. */
static void finish(void)
{
	struct fake_census now, kept;

	fake_failures = 0;
	for (unsigned int i = 0; i < SERVERS; i++)
		release(i, true);
	end_for_good(2, component_count());
	end_for_good(1, 2);
	MUST(failed || servers[0].opened == servers[0].closed);
	end_for_good(0, 1);
	for (unsigned int i = 0; i < component_count(); i++)
		MUST(!components[i].pd && !components[i].account && !components[i].ram_account);
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		MUST(!components[i].pd && !components[i].account && !components[i].closing);
		MUST(!clients[i].posted && components[i].state == COMPONENT_ENDED);
	}
	for (unsigned int i = 0; i < core_next; i++)
		MUST(!core_sessions[i].open);
	now = fake_count();
	kept = of_additions();
	/*
	 * What each component and server has for ever: endpoint, watch, timer; queue, release; what
	 * Control has: endpoint, signal, slot of a watch.
	 */
	MUST(now.slots == baseline.slots + (3 + PURLIN_MESSAGE_CAPS) * COMPONENTS + 2 * SERVERS +
				  3 + PURLIN_MESSAGE_CAPS + /* to receive */
				  kept.slots);
	MUST(now.caps == baseline.caps + 3 * COMPONENTS + 2 * SERVERS + 2 + kept.caps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input whole = { data, size };

	input = &whole;
	start();
	for (unsigned int i = 0; i < STEPS && whole.left; i++)
		step();
	finish();
	return 0;
}
