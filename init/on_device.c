/* SPDX-License-Identifier: MIT */
/*
 * The server of PCI is asked once in each of its lives; then it tells by WATCH_DEVICE. A start
 * takes both: that something has come since the last one, and that nobody has it. So a component
 * that leaves its device as it is, is not started for that one again.
 */
#include "on_device.h"

#include "ask.h"
#include "purlin/calls.h"
#include "report.h"
#include "route.h"
#include "runtime/slots.h"
#include "session/pci.h"
#include "wait.h"

static purlin_s64 fill(struct component *component, struct question *question)
{
	purlin_u64 signal;
	purlin_s64 status = slot_copy(component->watch, PURLIN_RIGHT_WRITE, WATCH_DEVICE, &signal);

	if (status)
		return status;
	route_put_open(question, component, "", NULL, 0);
	question->wanted = 0;
	status = question_send(question, signal);
	slot_delete(signal);
	return status;
}

/* What there is: PCI_AWAIT_*. Nothing, too, if the server does not answer. */
static purlin_u64 ask(struct component *component)
{
	int server = description_server(component->description, "PCI");
	struct question *question = question_new(component, server, "PCI", PCI_AWAIT);
	purlin_u64 there = 0;

	if (!question)
		return 0;
	if (!fill(component, question) && !component_ask(component, &question)) {
		there = question->word[0];
		component->device_asked = question->generation;
	}
	if (question)
		question_free(question);
	return there;
}

void on_device_await(struct component *component)
{
	component->device_awaited = true;
	report(component, "waits for its device");
	purlin_signal_notify(component->watch, WATCH_CHANGED);
}

/* A new life of the server's, such as the first, does not know that anybody waits. */
static bool is_known(const struct component *component)
{
	purlin_u64 generation = component->device_asked;

	return generation && route_life(component, "PCI", &generation) == ROUTE_LIFE_SAME;
}

bool on_device_come(struct component *component)
{
	bool told = component->device_told, known = is_known(component);

	if (!component->device_awaited || (known && !told))
		return false;
	component->device_told = false;
	if (!known)
		route_await_devices(component);
	/* What is there already when the server's life begins has come, too. */
	return ask(component) & (known ? PCI_AWAIT_NEW : PCI_AWAIT_FREE);
}
