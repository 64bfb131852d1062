/* SPDX-License-Identifier: MIT */
/* The ports of the switch. */
#include "ports.h"

#include <string.h>

#define BURST_BYTES 0x10000 /* what may be sent at once after a pause */
#define MOST_RATE (1ull << 40)

static struct port ports[PORTS];
static unsigned int count;

static int digit_of(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* "02:00:00:00:00:01", of one machine. */
static bool mac_read(const char *text, uint8_t mac[MAC_BYTES])
{
	if (strlen(text) != 3 * MAC_BYTES - 1)
		return false;
	for (unsigned int i = 0; i < MAC_BYTES; i++, text += 3) {
		int high = digit_of(text[0]), low = digit_of(text[1]);

		if (high < 0 || low < 0 || (text[2] && text[2] != ':'))
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return !(mac[0] & 1);
}

/* "512K", "8M": bytes in a second; 0: that is no rate. */
static uint64_t rate_read(const char *text)
{
	uint64_t rate = 0;

	while (*text >= '0' && *text <= '9' && rate < MOST_RATE)
		rate = rate * 10 + (uint64_t)(*text++ - '0');
	if ((strcmp(text, "K") && strcmp(text, "M")) || rate >= 1u << 20)
		return 0;
	return rate << (*text == 'K' ? 10 : 20);
}

static bool port_read(struct port *port)
{
	char *at = port->rule;
	const char *more;

	port->name = serves_word(&at);
	port->mac_text = serves_word(&at);
	port->rate = rate_read(serves_word(&at));
	port->owner = serves_word(&at);
	more = serves_word(&at);
	port->uplink = !strcmp(more, "uplink");
	port->allowance = BURST_BYTES;
	port->counted = 0;
	return mac_read(port->mac_text, port->mac) && port->rate && *port->owner &&
	       (port->uplink || !*more) && !*at;
}

struct port *port_of_mac(const uint8_t mac[MAC_BYTES])
{
	for (unsigned int i = 0; i < count; i++)
		if (!memcmp(ports[i].mac, mac, MAC_BYTES))
			return &ports[i];
	return NULL;
}

const char *ports_read(void)
{
	purlin_s64 status;

	for (count = 0;; count++) {
		char more[PARENT_SERVES_BYTES];

		status = serves_read(count, count < PORTS ? ports[count].rule : more);
		if (status == PURLIN_NO_DEVICE)
			return count ? NULL : "the description says no ports (serves)";
		if (status || count == PORTS)
			return "too many ports";
		if (!port_read(&ports[count]))
			return "a rule of serves is not \"NAME MAC RATE COMPONENT [uplink]\"";
		if (port_of_mac(ports[count].mac))
			return "two ports have the same address";
	}
}

struct port *port_of(const char *component, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(ports[i].owner, component) && !strcmp(ports[i].name, name))
			return &ports[i];
	return NULL;
}

/* The time that passed has earned bytes; a pause earns no more than a burst. */
static void earn(struct port *port, uint64_t now, uint64_t frequency)
{
	uint64_t passed = now - port->counted, earned;

	earned = passed >= frequency ? port->rate : port->rate * (passed >> 10) / (frequency >> 10);
	/* Too short a time to count: it goes on from the earlier. */
	if (!earned)
		return;
	port->counted = now;
	port->allowance =
		port->allowance + earned < BURST_BYTES ? port->allowance + earned : BURST_BYTES;
}

bool port_may_send(struct port *port, uint64_t now, uint64_t frequency, uint64_t *when)
{
	const uint64_t frame = 2048; /* larger than any */

	earn(port, now, frequency);
	if (port->allowance >= frame)
		return true;
	*when = now + ((frame - port->allowance) * (frequency >> 10) / port->rate + 1) * 1024;
	return false;
}

void port_sent(struct port *port, uint64_t bytes)
{
	port->allowance -= bytes < port->allowance ? bytes : port->allowance;
}
