/* SPDX-License-Identifier: MIT */
/* Rows of open sessions, and what a Control session shows of them. */
#include "session_table.h"

#include <string.h>

#include "session/control.h"

#define PLACES (DESCRIPTION_COMPONENTS * MOST_SESSIONS)
#define NAME_WORDS (DESCRIPTION_NAME_BYTES / 8)

#define WRITE(field, value) __atomic_store_n(&(field), value, __ATOMIC_SEQ_CST)

static void write_text(purlin_u64 *to, const char *text)
{
	purlin_u64 words[NAME_WORDS] = { 0 };

	strncpy((char *)words, text, DESCRIPTION_NAME_BYTES);
	for (unsigned int i = 0; i < NAME_WORDS; i++)
		WRITE(to[i], words[i]);
}

void session_table_add(struct component *component, struct question *session, const char *label)
{
	struct session_row *row = component->session_rows;

	while (row->stamp)
		row++;
	session->row = (unsigned int)(row - component->session_rows);
	WRITE(row->server, session->server);
	WRITE(row->generation, session->generation);
	write_text(row->service, session->service);
	write_text(row->label, label);
	/* Last: from here on it is read. */
	WRITE(row->stamp, ++component->session_stamp);
}

void session_table_remove(struct component *component, const struct question *session)
{
	WRITE(component->session_rows[session->row].stamp, 0);
}

/* False: there is no session, or it has gone while it was read. */
static bool row_read(const struct session_row *from, struct session_row *to)
{
	to->stamp = SHOWN(from->stamp);
	if (!to->stamp)
		return false;
	to->server = SHOWN(from->server);
	to->generation = SHOWN(from->generation);
	for (unsigned int i = 0; i < NAME_WORDS; i++) {
		to->service[i] = SHOWN(from->service[i]);
		to->label[i] = SHOWN(from->label[i]);
	}
	return SHOWN(from->stamp) == to->stamp;
}

/* A component knows itself, and those that its description names. */
static bool reaches(const struct component *client, int index)
{
	const struct component_description *wanted = client->description;

	if (index == (int)(client - components))
		return true;
	for (unsigned int i = 0; i < SHOWN(wanted->control_count); i++)
		if (wanted->control[i] == index)
			return true;
	return false;
}

static purlin_u64 flags_of(const struct session_row *row)
{
	const struct component *server;

	if (row->server == DESCRIPTION_CORE)
		return CONTROL_SESSION_CORE;
	server = &components[row->server];
	return SHOWN(server->generation) != row->generation ||
			       SHOWN(server->state) == COMPONENT_ENDED ?
		       CONTROL_SESSION_OVER :
		       0;
}

static void put_name(purlin_u64 *word, const char *name)
{
	strncpy((char *)word, name, DESCRIPTION_NAME_BYTES);
}

/* False: neither of the two is within the client's reach. */
static bool show(const struct component *client, int index, const struct session_row *row,
		 purlin_u64 *word)
{
	bool core = row->server == DESCRIPTION_CORE;
	bool shows_client = reaches(client, index);
	bool shows_server = !core && reaches(client, row->server);

	if (!shows_client && !shows_server)
		return false;
	memset(word, 0, CONTROL_SESSION_WORDS * sizeof(*word));
	word[CONTROL_SESSION_FLAGS] = flags_of(row);
	memcpy(&word[CONTROL_SESSION_SERVICE], row->service, sizeof(row->service));
	if (core)
		put_name(&word[CONTROL_SESSION_SERVER], "core");
	if (shows_server)
		put_name(&word[CONTROL_SESSION_SERVER], components[row->server].description->name);
	if (shows_client) {
		put_name(&word[CONTROL_SESSION_CLIENT], components[index].description->name);
		memcpy(&word[CONTROL_SESSION_LABEL], row->label, sizeof(row->label));
	}
	return true;
}

/* By place: what comes and goes meanwhile does not move the others. */
purlin_s64 control_session(const struct component *client, struct request *request)
{
	for (purlin_u64 place = request->word[0]; place < PLACES; place++) {
		int index = (int)(place / MOST_SESSIONS);
		struct session_row row;

		if (!row_read(&components[index].session_rows[place % MOST_SESSIONS], &row) ||
		    !show(client, index, &row, request->reply))
			continue;
		request->reply[CONTROL_SESSION_NEXT] = place + 1;
		request->reply_words = CONTROL_SESSION_WORDS;
		return PURLIN_OK;
	}
	return PURLIN_NO_DEVICE;
}
