// SPDX-License-Identifier: MIT
#include "pci_mover.h"

#include "runtime/session.h"
#include "session/devices.h"
#include "session/parent.h"

#define BADGE 3 /* the first that does not see everything */
#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

static struct fake_object *devices;

static void ask(struct fake_message *message)
{
	MUST(fake_post(devices, message) && message->answered);
}

void mover_open(struct fake_object *endpoint, unsigned int clients)
{
	struct fake_message open = { .label = SERVER_OPEN,
				     .badge = SERVER_PARENT_BADGE,
				     .words = LABEL_WORDS + 1 + DEVICES_NAME_WORDS * clients };
	struct fake_message look = { .label = DEVICES_MACHINE, .badge = BADGE };

	devices = endpoint;
	open.word[LABEL_WORDS] = clients | DEVICES_MAY_MOVE;
	for (unsigned int i = 0; i < clients; i++)
		snprintf((char *)&open.word[LABEL_WORDS + 1 + DEVICES_NAME_WORDS * i],
			 DEVICES_NAME_WORDS * 8, "client%u", i);
	ask(&open);
	MUST(!open.label);
	fake_message_drop(&open);
	/* What the thread has sent goes with its next request. */
	ask(&look);
	MUST(!look.label);
}

void mover_close(void)
{
	struct fake_message message = {
		.label = SERVER_CLOSE, .badge = SERVER_PARENT_BADGE, .words = 1, .word = { BADGE }
	};

	ask(&message);
	MUST(!message.label);
}

void mover_move(uint16_t bdf, unsigned int client)
{
	struct fake_message message = {
		.label = DEVICES_MOVE, .badge = BADGE, .words = 2, .word = { bdf, client }
	};

	ask(&message);
}

void mover_check(const struct pci_server *server)
{
	for (unsigned int i = 0; i < server->tree.count; i++) {
		const struct pci_function *function = &server->tree.function[i];
		const struct pci_session *owner = function->owner;

		if (owner && !function->moving)
			MUST(!pci_function_reserved_from(function, owner->label));
	}
}
