// SPDX-License-Identifier: MIT
/*
 * The platform component's PCI service on the fake kernel: made-up machines whose devices answer
 * with something else each time, policies and requests of several sessions in any order. No bus
 * master without memory, no address of a BAR or message that a client chose, no page or port of
 * another function, no way to an MSI-X table; when sessions are closed, core and kernel have all
 * back.
 */
#include "fake_kernel.h"
#include "pci_mover.h"
#include "pci_space.h"

#include "drivers/platform/acpi.h"
#include "drivers/platform/resource.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/service.h"
#include "drivers/platform/turn.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "session/dma.h"
#include "session/io_mem.h"
#include "session/io_port.h"
#include "session/irq.h"
#include "session/parent.h"
#include "session/pci.h"
#include "session/power.h"

#define CLIENTS 3
#define STEPS 120
#define FIRST_MESSAGE_DATA 0x30
#define TABLE_BYTES 0x8000
#define TABLES 16

static struct pci_server server;
static struct fake_object *pci_endpoint, *devices_endpoint;
static struct fake_cap sessions[CLIENTS]; /* the latest; object NULL: none yet */
static bool open[CLIENTS];
static struct input *script;
static bool nested; /* in a request that came while another one pauses */
static unsigned int opening;
static uint64_t next_id, next_data;
static struct route route;
static unsigned int claims_left;
/* MSI-X tables as hardware_map gave them. */
static struct {
	uint64_t physical;
	uint32_t *words;
	uint64_t bytes;
	bool mapped;
} tables[TABLES];

/* What core and the machine would do. */

static void *note_table(uint64_t physical, uint64_t size, void *words)
{
	MUST(size && size <= TABLE_BYTES);
	for (unsigned int i = 0; i < TABLES; i++) {
		if (tables[i].mapped)
			continue;
		tables[i].physical = physical;
		tables[i].words = words;
		tables[i].bytes = size;
		tables[i].mapped = true;
		memset(words, 0, size);
		return words;
	}
	free(words);
	return NULL;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	return note_table(physical, size, malloc(size));
}

void hardware_unmap(void *address, uint64_t size)
{
	for (unsigned int i = 0; i < TABLES; i++)
		if (tables[i].mapped && tables[i].words == address) {
			MUST(tables[i].bytes == size);
			free(address);
			tables[i].mapped = false;
			return;
		}
	FAIL("unmapped twice");
}

void *hardware_map_claimed(uint64_t memory, uint64_t pages)
{
	MUST(memory);
	return note_table(0, pages * PURLIN_PAGE_SIZE,
			  aligned_alloc(PURLIN_PAGE_SIZE, pages * PURLIN_PAGE_SIZE));
}

void hardware_unmap_claimed(void *address)
{
	for (unsigned int i = 0; i < TABLES; i++)
		if (tables[i].mapped && tables[i].words == address) {
			free(address);
			tables[i].mapped = false;
			return;
		}
	FAIL("unmapped twice");
}

unsigned int hardware_memory(const struct purlin_memory_range **ranges)
{
	*ranges = NULL;
	return 0;
}

uint64_t hardware_time_ns(void)
{
	static uint64_t time;

	return time += 1000000;
}

uint64_t hardware_deadline(uint64_t nanoseconds)
{
	MUST(nanoseconds <= 1000000000);
	return nanoseconds;
}

void hardware_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fake_vprintf(format, arguments);
	va_end(arguments);
}

void hardware_log_for(const char *source, const char *format, ...)
{
	va_list arguments;

	(void)source;
	va_start(arguments, format);
	fake_vprintf(format, arguments);
	va_end(arguments);
}

bool acpi_route_find(const struct pci_function *function, struct route *found)
{
	*found = route;
	return function->pin != 0;
}

void acpi_power_off(void)
{
}

void acpi_reset_machine(void)
{
}

purlin_u64 component_processors(void)
{
	return 1;
}

_Noreturn void component_panic(const char *format, ...)
{
	(void)format;
	FAIL("panic");
	abort();
}

static struct fake_object *claim_new(struct fake_message *message, unsigned int type,
				     uint64_t first, uint64_t count)
{
	struct fake_object *object = fake_new(type);

	object->first = first;
	object->count = count;
	object->claim = ++next_id;
	message->word[0] = next_id;
	message->words = 1;
	message->caps = 1;
	message->cap[0] = fake_cap_of(object, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY, 0);
	message->label = 0;
	return object;
}

/* Registers or ports of functions that the session asking has not got. */
static void check_others(uint64_t first, uint64_t count, uint64_t unit, uint32_t kind)
{
	const struct pci_session *session = pci_session_find(&server, fake_owner);

	for (unsigned int i = 0; i < server.tree.count; i++) {
		const struct pci_function *function = &server.tree.function[i];

		for (unsigned int n = 0; n < PCI_BARS && function->owner != session; n++) {
			const struct pci_bar *bar = &function->bar[n];

			MUST(!bar->size || (bar->flags & BAR_IO) != kind ||
			     bar->address / unit >= first + count ||
			     (bar->address + bar->size - 1) / unit < first);
		}
	}
}

/* No page of a client's BAR is another function's, and none holds a table of messages. */
static void check_memory(uint64_t first, uint64_t pages)
{
	for (unsigned int i = 0; i < TABLES; i++)
		if (tables[i].mapped)
			MUST(tables[i].physical / 4096 >= first + pages ||
			     (tables[i].physical + tables[i].bytes - 1) / 4096 < first);
	for (const struct fake_object *object = fake_objects; object; object = object->next)
		MUST(object->type != PURLIN_TYPE_MEMORY || object->dead || !object->first ||
		     object->owner == fake_owner || first >= object->first + object->count ||
		     object->first >= first + pages);
}

static void check_ports(uint64_t first, uint64_t count)
{
	for (const struct fake_object *object = fake_objects; object; object = object->next)
		MUST(object->type != PURLIN_TYPE_IO_PORT || object->dead || !object->count ||
		     object->owner == fake_owner || first >= object->first + object->count ||
		     object->first >= first + count);
}

static void drop_claim(struct fake_message *message)
{
	struct fake_object *object = fake_objects;

	while (object && object->claim != message->word[0])
		object = object->next;
	MUST(object && !object->dead);
	fake_destroy(object);
	fake_drop(object);
	message->label = 0;
	message->words = 0;
}

static bool answer_irq(struct fake_object *endpoint, struct fake_message *message)
{
	(void)endpoint;
	switch (message->label) {
	case IRQ_CLAIM:
		for (struct fake_object *object = fake_objects; object; object = object->next)
			MUST(object->type != PURLIN_TYPE_IRQ || object->dead ||
			     object->first != message->word[0] + 1);
		claim_new(message, PURLIN_TYPE_IRQ, message->word[0] + 1, 1);
		return true;
	case IRQ_CLAIM_MSI:
		claim_new(message, PURLIN_TYPE_IRQ, 0, 1);
		message->words = 3;
		message->word[1] = 0xfee00000;
		message->word[2] = FIRST_MESSAGE_DATA + next_data++;
		message->cap[0].object->count = message->word[2];
		return true;
	default:
		drop_claim(message);
		return true;
	}
}

static bool answer_range(struct fake_object *endpoint, struct fake_message *message)
{
	bool ports = endpoint->context != NULL;

	if (message->label != IO_MEM_CLAIM) {
		drop_claim(message);
		return true;
	}
	if (claims_left && !--claims_left) {
		message->label = (uint32_t)PURLIN_BUSY;
		message->words = 0;
		return true;
	}
	if (ports) {
		check_others(message->word[0], message->word[1], 1, BAR_IO);
		check_ports(message->word[0], message->word[1]);
		claim_new(message, PURLIN_TYPE_IO_PORT, message->word[0], message->word[1]);
	} else {
		MUST(message->word[0] % 4096 == 0 && message->word[1]);
		check_others(message->word[0] / 4096, message->word[1], 4096, 0);
		check_memory(message->word[0] / 4096, message->word[1]);
		claim_new(message, PURLIN_TYPE_MEMORY, message->word[0] / 4096, message->word[1]);
	}
	return true;
}

/* The memory of clients: contiguous or not, pinned and unpinned. */

/* With the last of a session's memory its devices fall silent. */
static bool other_memory(const struct fake_object *memory)
{
	for (const struct fake_object *object = fake_objects; object; object = object->next)
		if (object != memory && object->limit == memory->limit && object->pins)
			return object->limit != 0;
	return false;
}

/* Before its pages go back, whoever could write to them must have been silenced. */
static void check_silent(const struct fake_object *memory)
{
	for (unsigned int i = 0; i < server.tree.count; i++) {
		const struct pci_function *function = &server.tree.function[i];
		const struct space_function *made = space_find(function->bdf);
		const struct pci_session *session = function->owner;

		if (!function->bridge && made && (made->command & COMMAND_MASTER))
			MUST(session && session->badge != memory->limit);
	}
}

/* Core's part of it: session/dma.h. */
static bool answer_dma(struct fake_object *endpoint, struct fake_message *message)
{
	struct fake_object *object = message->cap[0].object;

	(void)endpoint;
	if (message->label == DMA_UNPIN) {
		object = (struct fake_object *)message->word[0];
		MUST(object->type == PURLIN_TYPE_MEMORY && object->pins);
		if (!--object->pins && !other_memory(object))
			check_silent(object);
		message->label = 0;
		message->words = 0;
		fake_drop(object);
		return true;
	}
	MUST(message->label == DMA_PIN && message->caps == 1);
	if (object->type != PURLIN_TYPE_MEMORY ||
	    !(message->cap[0].rights & PURLIN_RIGHT_PHYSICAL)) {
		message->label = (uint32_t)PURLIN_NO_RIGHT;
	} else {
		fake_take(object);
		object->pins++;
		message->label = 0;
		message->words = 2;
		message->word[0] = (uint64_t)object;
		message->word[1] = object->context ? (uint64_t)object->context : ~0ull;
	}
	fake_message_drop(message);
	message->caps = 0;
	return true;
}

static void answer_open(struct fake_message *message)
{
	const char *service = (const char *)message->word;
	struct fake_object *endpoint = fake_new(PURLIN_TYPE_ENDPOINT);

	endpoint->answer = !strcmp(service, "IRQ") ? answer_irq :
			   !strcmp(service, "DMA") ? answer_dma :
						     answer_range;
	endpoint->context = !strcmp(service, "IO_PORT") ? endpoint : NULL;
	message->words = 0;
	message->caps = 1;
	message->cap[0] = (struct fake_cap){ endpoint, PURLIN_RIGHT_ALL, 0 };
}

static bool answer_parent(struct fake_object *endpoint, struct fake_message *message)
{
	(void)endpoint;
	if (message->label == PARENT_OPEN) {
		answer_open(message);
	} else {
		MUST(message->label == PARENT_ANNOUNCE && message->caps == 1);
		MUST(message->cap[0].badge == SERVER_PARENT_BADGE);
		if (!strcmp((const char *)message->word, "PCI"))
			pci_endpoint = message->cap[0].object;
		if (!strcmp((const char *)message->word, "Devices"))
			devices_endpoint = message->cap[0].object;
		fake_message_drop(message);
		message->caps = 0;
	}
	message->label = 0;
	return true;
}

/* Requests. */

static void step(struct input *input);

/* While one request pauses, others come, at most one of which pauses, too. */
static void await_reply(const struct fake_message *message)
{
	while (!message->answered) {
		if (!nested && script->left && input_bit(script)) {
			nested = true;
			step(script);
			nested = false;
		} else {
			MUST(fake_time_passes());
			fake_run();
		}
	}
}

static void enter_owner(uint64_t badge)
{
	fake_owner = badge;
}

/* AGAIN: the request would have to wait for another one of the session. */
static purlin_s64 ask(struct fake_object *endpoint, uint64_t badge, struct fake_message *message)
{
	bool writes = space_client_writes;
	purlin_s64 status;

	message->badge = badge;
	if (endpoint->dead || !fake_post(endpoint, message)) {
		MUST(endpoint->dead || nested);
		fake_message_drop(message);
		return endpoint->dead ? PURLIN_DEAD : PURLIN_AGAIN;
	}
	space_client_writes = false;
	await_reply(message);
	space_client_writes = writes;
	fake_owner = 0;
	status = (int32_t)message->label;
	MUST(status <= PURLIN_OK && status >= PURLIN_NO_DEVICE);
	return status;
}

static purlin_s64 ask_parent(struct fake_message *message)
{
	return ask(pci_endpoint, SERVER_PARENT_BADGE, message);
}

static purlin_s64 ask_session(unsigned int client, struct fake_message *message)
{
	return ask(sessions[client].object, sessions[client].badge, message);
}

static void close_client(unsigned int client)
{
	struct fake_message message = { .label = SERVER_CLOSE,
					.words = 1,
					.word = { sessions[client].badge } };
	bool was_open = open[client];

	open[client] = false;
	MUST(was_open == !ask_parent(&message));
}

static void step_open(struct input *input)
{
	unsigned int client = input_choice(input, CLIENTS), rules = 1 + input_choice(input, 3);
	struct fake_message message = { .label = SERVER_OPEN };
	static const uint64_t all[] = { PCI_RULE_CLASS, 0 };

	if (nested && client == opening)
		return;
	if (!nested)
		opening = client;
	if (open[client])
		close_client(client);
	snprintf((char *)message.word, PARENT_LABEL_BYTES, "client%u/pci", client);
	message.word[4] = input_byte(input) < 240;
	message.word[5] = input_byte(input) < 250 ? rules : input_number(input);
	for (unsigned int i = 0; i < rules; i++) {
		unsigned int kind = input_choice(input, 5), moved = input_choice(input, 4) == 3;
		uint16_t bdf = space[input_choice(input, space_count)].bdf;

		message.word[6 + 2 * i] = (kind ? kind : all[0]) | (moved ? PCI_RULE_MOVED : 0);
		message.word[7 + 2 * i] = kind == 0		 ? all[1] :
					  kind == PCI_RULE_BDF	 ? bdf | 0xffffull << 32 :
					  kind == PCI_RULE_CLASS ? 0x0c0330ull | 0xffffffull << 32 :
								   input_number(input);
	}
	message.words = input_byte(input) < 250 ? 6 + 2 * rules : input_choice(input, 61);
	if (!ask_parent(&message)) {
		MUST(message.word[0] == message.cap[0].badge);
		fake_cap_drop(&sessions[client]);
		sessions[client] = message.cap[0];
		message.cap[0].object = NULL;
		open[client] = true;
	}
	if (!nested)
		opening = CLIENTS;
	fake_message_drop(&message);
}

static void step_attach(struct input *input)
{
	unsigned int client = input_choice(input, CLIENTS), kind = input_byte(input);
	struct fake_message message = { .label = PCI_DMA_MAP, .caps = kind < 240 };
	struct fake_object *object;

	if (!sessions[client].object)
		return;
	object = fake_new(kind < 230 ? PURLIN_TYPE_MEMORY : PURLIN_TYPE_SIGNAL);
	object->limit = sessions[client].badge;
	object->count = 1;
	object->context = kind < 220 ? (void *)(0x100000ul << (kind & 1)) : NULL;
	if (message.caps)
		message.cap[0] =
			(struct fake_cap){ object,
					   kind < 200 ? PURLIN_RIGHT_ALL : PURLIN_RIGHT_READ, 0 };
	else
		fake_drop(object);
	(void)ask_session(client, &message);
	fake_message_drop(&message);
}

static uint64_t some_device(struct input *input, unsigned int client)
{
	struct fake_message message = { .label = PCI_DEVICE,
					.words = 1,
					.word = { input_choice(input, 8) } };

	if (input_byte(input) > 240)
		return input_number(input);
	return ask_session(client, &message) ? PCI_BDF(0, 1, 0) : message.word[0];
}

static void step_write(struct input *input)
{
	static const uint16_t places[] = { 4, 6, 0x10, 0x14, 0x18, 0x20, 0x24, 0x30, 0x34, 0x3c };
	unsigned int client = input_choice(input, CLIENTS), place = input_byte(input);
	struct fake_message message = { .label = PCI_CONFIG_WRITE, .words = 4 };

	if (!sessions[client].object)
		return;
	message.word[0] = some_device(input, client);
	message.word[1] = place < 40  ? places[place % 10] :
			  place < 230 ? 0x40u + place % 192 :
					input_number(input);
	message.word[2] = 1u << input_choice(input, 3);
	message.word[3] = input_number(input);
	space_client_writes = true;
	(void)ask_session(client, &message);
	space_client_writes = false;
}

/* What a driver does first: memory for its device, then bus mastering. */
static void step_master(struct input *input)
{
	struct fake_message message = { .label = PCI_CONFIG_WRITE,
					.words = 4,
					.word = { 0, CFG_COMMAND, 2, COMMAND_MASTER } };
	unsigned int client = input->left % CLIENTS;

	if (!sessions[client].object)
		return;
	message.word[0] = some_device(input, client);
	space_client_writes = true;
	(void)ask_session(client, &message);
	space_client_writes = false;
}

static void step_request(struct input *input)
{
	unsigned int client = input_choice(input, CLIENTS);
	struct fake_message message = { .label = input_choice(input, 19), .words = 4 };
	purlin_s64 status;

	if (!sessions[client].object)
		return;
	message.word[0] = some_device(input, client);
	message.word[1] = input_byte(input) < 250 ? input_choice(input, 7) : input_number(input);
	message.word[2] = input_byte(input) < 250 ? input_choice(input, 4) : input_number(input);
	message.word[3] = input_number(input);
	if (message.label == PCI_CLAIM)
		message.word[0] = message.word[1] % 3;
	status = ask_session(client, &message);
	MUST(open[client] || status == PURLIN_DEAD);
	fake_message_drop(&message);
}

static void step_message(struct input *input)
{
	unsigned int client = input_choice(input, CLIENTS);
	struct fake_message message = { .words = 3 };

	if (!sessions[client].object)
		return;
	message.word[0] = some_device(input, client);
	message.label = input_byte(input) < 180 ? PCI_MSI_ALLOC : PCI_MSI_FREE;
	message.word[1] = input_choice(input, 3) ? PCI_MSIX : PCI_MSI;
	message.word[2] = input_choice(input, 3);
	(void)ask_session(client, &message);
	fake_message_drop(&message);
}

static void step_detach(struct input *input)
{
	unsigned int client = input_choice(input, CLIENTS);
	struct fake_message message = { .label = PCI_DMA_UNMAP,
					.words = 1,
					.word = { input_byte(input) < 200 ? 0x100000 :
									    input_number(input) } };

	if (sessions[client].object)
		(void)ask_session(client, &message);
}

/* Entries of tables: a message that core gave and that is still there, or masked and empty. */
static void check_tables(void)
{
	for (struct pci_session *session = server.sessions; session; session = session->next)
		for (struct device *device = session->devices; device; device = device->next)
			for (unsigned int i = 0; device->msi.table && i < device->msi.entries;
			     i++) {
				const volatile uint32_t *entry = device->msi.table + 4 * i;

				if (device->msi.entry[i].resource.slot)
					MUST(entry[0] == 0xfee00000 && entry[1] == 0 &&
					     entry[2] == device->msi.entry[i].data);
				else
					MUST((entry[3] & 1) && !entry[0] && !entry[2]);
			}
}

/* Whoever looks sees what is there, whatever others are at, and touches no device. */
static void look(void)
{
	static unsigned int looks;
	struct fake_message message = { .label = looks % 7,
					.words = 2,
					.badge = 2,
					.word = { looks / 7 % 9, looks / 63 % 8 } };

	looks++;
	space_looked_at = true;
	MUST(fake_post(devices_endpoint, &message));
	space_looked_at = false;
	MUST(message.answered && (int32_t)message.label <= 0);
}

static void step(struct input *input)
{
	switch (input_choice(input, 12)) {
	case 0:
	case 1:
		step_open(input);
		break;
	case 8:
		step_message(input);
		break;
	case 9:
		step_master(input);
		break;
	case 2:
		if (sessions[input->left % CLIENTS].object)
			close_client(input->left % CLIENTS);
		break;
	case 3:
		step_attach(input);
		break;
	case 4:
	case 5:
		step_write(input);
		break;
	case 6:
		step_detach(input);
		break;
	case 7:
		claims_left = input_choice(input, 8);
		break;
	case 10:
		mover_move(space[input_choice(input, space_count)].bdf,
			   input_choice(input, CLIENTS));
		break;
	default:
		step_request(input);
	}
	check_tables();
	mover_check(&server);
	look();
}

static void run_service(void *argument)
{
	MUST(resources_start() && pins_start());
	MUST(!turn_start() && !turn_add_thread());
	turn_take();
	service_run(argument, 0);
}

/* As many sessions at a time as there will be, with one that ends and two that begin: their threads
 * stay. */
static void warm_up(void)
{
	uint64_t badges[CLIENTS + 2];

	for (unsigned int i = 0; i < CLIENTS + 2; i++) {
		struct fake_message message = { .label = SERVER_OPEN,
						.words = 8,
						.word = { i + 1, 0, 0, 0, PCI_POLICY_TRUSTED_DMA, 1,
							  PCI_RULE_CLASS, ~0ull } };

		MUST(!ask_parent(&message));
		badges[i] = message.word[0];
		fake_message_drop(&message);
	}
	for (unsigned int i = 0; i < CLIENTS + 2; i++) {
		struct fake_message message = { .label = SERVER_CLOSE,
						.words = 1,
						.word = { badges[i] } };

		MUST(!ask_parent(&message));
	}
}

static void start(struct input *input)
{
	struct fake_object *parent;
	void fake_slots_reset(void);

	server = (struct pci_server){ .dma = &dma_untranslated };
	memset(sessions, 0, sizeof(sessions));
	memset(open, 0, sizeof(open));
	next_id = 0;
	next_data = 0;
	claims_left = 0;
	fake_slots_reset();
	fake_start(512, 0x10000);
	parent = fake_new(PURLIN_TYPE_ENDPOINT);
	parent->answer = answer_parent;
	fake_give(PURLIN_SLOT_PARENT, (struct fake_cap){ parent, PURLIN_RIGHT_WRITE, 1 });
	space_server = &server;
	space_make(input);
	route = (struct route){ input_choice(input, 3), input_bit(input), input_bit(input) };
	server.acpi.windows = input_choice(input, 4);
	for (unsigned int i = 0; i < server.acpi.windows; i++)
		server.acpi.window[i] = (struct acpi_window){ .base = 0xe0000000,
							      .size = input_number(input),
							      .ports = input_bit(input) };
	pci_tree_scan(&server.tree, 0);
	fake_thread_start(run_service, &server);
	script = input;
	fake_entered = enter_owner;
	opening = CLIENTS;
	mover_open(devices_endpoint, CLIENTS);
	nested = true;
	warm_up();
	nested = false;
}

static void check_quiet(void)
{
	for (unsigned int i = 0; i < server.tree.count; i++) {
		const struct pci_function *function = &server.tree.function[i];
		const struct space_function *made = space_find(function->bdf);

		MUST(!function->owner);
		if (!function->bridge)
			MUST(!(made->command & COMMAND_MASTER));
		for (unsigned int n = 0; n < i; n++)
			MUST(server.tree.function[n].bdf != function->bdf);
	}
	for (unsigned int i = 0; i < TABLES; i++)
		MUST(!tables[i].mapped);
}

/* What a thread has sent with its last reply goes when it has received the next request. */
static unsigned int last_replies(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < fake_self->slots; i++) {
		const struct fake_object *object = fake_self->table[i].object;

		count += object && object->type == PURLIN_TYPE_ENDPOINT && object->dead;
	}
	MUST(count <= 2);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct fake_census before, after;
	unsigned int kept;

	start(&input);
	before = fake_count();
	for (unsigned int i = 0; i < STEPS && input.left; i++)
		step(&input);
	/* While these are closed nobody opens others. */
	nested = true;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		if (open[i])
			close_client(i);
		fake_cap_drop(&sessions[i]);
	}
	after = fake_count();
	kept = last_replies();
	MUST(after.caps == before.caps + kept && after.slots == before.slots + kept);
	MUST(after.objects == before.objects + kept && after.pages == before.pages);
	check_quiet();
	mover_close();
	fake_end();
	return 0;
}
