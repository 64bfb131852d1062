/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux's network that numbers its frames, while that Linux ends again and again:
 * none is passed on twice, and the session goes on.
 */
#include <stdio.h>

#include "../check.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "station.h"

#ifndef REPEATS
#define REPEATS 0 /* it sends some again, in each life: that must be noticed */
#endif
#define SENDING 8
#define RECEIVING 16
#define LIVES 4	  /* in which frames have to be passed on */
#define FRAMES 40 /* in each of them, and they have to be answered */

static struct station station;
static int sent, last, wrong, answered;
static unsigned int life, lives;

static void send(unsigned int index)
{
	station_question(&station, index, (unsigned int)++sent);
	station_send(&station, index, STATION_ASKS);
}

static void receive_all(void)
{
	int number;

	while ((number = station_received(&station))) {
		/* Numbers grow: one that does not has come before. */
		wrong += number <= last;
		last = number;
		lives += ++answered == FRAMES;
		if (REPEATS && answered == FRAMES / 2)
			sent = last - 2;
	}
}

static void life_check(void)
{
	const volatile struct virtio_control *control = station.link.mapped;

	if (life == control->lives)
		return;
	life = control->lives;
	answered = 0;
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	station_begin(&station, "work", 0);
	for (unsigned int i = 0; i < RECEIVING; i++)
		station_offer(&station, SENDING + i, STATION_AREA);
	for (unsigned int i = 0; i < SENDING; i++)
		send(i);
	device_link_notify(&station.link);
	while (lives < LIVES && !wrong && !station.receive.broken && !station.send.broken) {
		int index;

		station_wait(&station);
		receive_all();
		life_check();
		while ((index = station_sent(&station)) >= 0)
			send((unsigned int)index);
		device_link_notify(&station.link);
	}
	check_equal("lives in which frames came through", lives, LIVES);
	check_equal("wrong or twice", (unsigned int)wrong, 0);
	check_equal("broken", station.receive.broken + station.send.broken, 0);
	return check_sum();
}
