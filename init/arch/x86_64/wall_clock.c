/* SPDX-License-Identifier: MIT */
/* Date and time from the clock chip (MC146818 and its successors), in UTC. */
#include "init/arch.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "session/core.h"
#include "session/io_port.h"
#include "session/parent.h"

#define PORT_INDEX 0x70
#define PORT_DATA 0x71
#define SECONDS 0x00
#define MINUTES 0x02
#define HOURS 0x04
#define DAY 0x07
#define MONTH 0x08
#define YEAR 0x09
#define STATUS_A 0x0a
#define STATUS_B 0x0b
#define UPDATING 0x80 /* status A */
#define HOURS_24 0x02 /* status B */
#define BINARY 0x04
#define AFTERNOON 0x80 /* hours, in 12-hour mode */
#define FIELDS 6
#define MOST_TRIES 1000000

static purlin_u64 ports;

static unsigned int chip(unsigned int index)
{
	purlin_u64 value = 0;

	purlin_io_port_out(ports, PORT_INDEX, 1, index);
	purlin_io_port_in(ports, PORT_DATA, 1, &value);
	return (unsigned int)value & 0xff;
}

static void read_fields(unsigned int *field)
{
	static const unsigned int index[FIELDS] = { YEAR, MONTH, DAY, HOURS, MINUTES, SECONDS };

	for (unsigned int i = 0; i < FIELDS; i++)
		field[i] = chip(index[i]);
}

/* The chip counts on while it is read: two equal readings outside an update are a time. */
static bool read_stable(unsigned int *field)
{
	unsigned int again[FIELDS];

	/* Without a chip the ports read as ones, UPDATING among them: then the tries end it. */
	for (unsigned int tries = 0; tries < MOST_TRIES; tries++) {
		bool same = true;

		if (chip(STATUS_A) & UPDATING)
			continue;
		read_fields(field);
		read_fields(again);
		for (unsigned int i = 0; i < FIELDS; i++)
			same = same && field[i] == again[i];
		if (same)
			return true;
	}
	return false;
}

static unsigned int decoded(unsigned int value, unsigned int status_b)
{
	return status_b & BINARY ? value : (value >> 4) * 10 + (value & 0xf);
}

static unsigned int hours_of(unsigned int value, unsigned int status_b)
{
	unsigned int hours = decoded(value & ~(unsigned int)AFTERNOON, status_b);

	if (status_b & HOURS_24)
		return decoded(value, status_b);
	return hours % 12 + (value & AFTERNOON ? 12 : 0);
}

/*
 * Days since 1970-01-01 in the Gregorian calendar; years begin with March, so that leap days come
 * last.
 */
static purlin_u64 days_of(unsigned int year, unsigned int month, unsigned int day)
{
	purlin_u64 shifted_year = month > 2 ? year : year - 1;
	purlin_u64 shifted_month = month > 2 ? month - 3 : month + 9;
	purlin_u64 days =
		shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400;

	return days + (153 * shifted_month + 2) / 5 + day - 1 - 719468;
}

static purlin_u64 nanoseconds(const unsigned int *field, unsigned int status_b)
{
	purlin_u64 seconds = days_of(2000 + decoded(field[0], status_b),
				     decoded(field[1], status_b), decoded(field[2], status_b));

	seconds = seconds * 24 + hours_of(field[3], status_b);
	seconds = seconds * 60 + decoded(field[4], status_b);
	seconds = seconds * 60 + decoded(field[5], status_b);
	return seconds * 1000000000;
}

/* A session for the chip's ports alone, not by route: no component asks. */
static purlin_s64 open_ports(purlin_u64 *session, purlin_u64 *badge)
{
	purlin_u64 *word = message()->word;
	purlin_s64 status;

	message_put_text(0, PARENT_SERVICE_BYTES, "IO_PORT");
	message_put_text(2, PARENT_LABEL_BYTES, "init");
	/* As put_ranges() does for a component (core_sessions.c): nothing but these two ports. */
	word[6] = 0;
	word[7] = 1; /* range */
	word[8] = 0; /* processors: for interrupts only */
	word[9] = PORT_INDEX;
	word[10] = 2;
	status = rpc_receive(PURLIN_SLOT_PARENT, PARENT_OPEN, 11, session);
	*badge = word[0];
	return status;
}

/* The session is closed again at once: the chip is the platform component's afterwards. */
bool arch_wall_clock(purlin_u64 *ns)
{
	purlin_u64 session, id, badge;
	unsigned int field[FIELDS];
	bool known;

	if (open_ports(&session, &badge))
		return false;
	known = !io_port_claim(session, PORT_INDEX, 2, &ports, &id);
	if (known) {
		known = read_stable(field);
		*ns = known ? nanoseconds(field, chip(STATUS_B)) : 0;
		slot_delete(ports);
	}
	slot_delete(session);
	message()->word[0] = badge;
	rpc(PURLIN_SLOT_PARENT, SERVER_CLOSE, 1);
	return known;
}
