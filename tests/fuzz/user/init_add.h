/* SPDX-License-Identifier: MIT */
/* A part of init.c: components that the Control session adds. */
#ifndef FUZZ_INIT_ADD_H
#define FUZZ_INIT_ADD_H

/* A tree with such components, and what is to be wrong with the first: 0, nothing. */
static size_t write_tree(void *to, size_t room, unsigned int first, unsigned int count,
			 unsigned int wrong)
{
	static const char *const routes[] = { "core", "a", "b", "e", "f" };

	MUST(!fdt_create(to, (int)room) && !fdt_finish_reservemap(to));
	MUST(!fdt_begin_node(to, ""));
	MUST(!fdt_property_string(to, "compatible", "purlin,system"));
	MUST(!fdt_begin_node(to, "components"));
	for (unsigned int i = first; i < first + count; i++) {
		char name[2] = { (char)('a' + i), 0 };

		MUST(!fdt_begin_node(to, name));
		MUST(!fdt_property_string(to, "binary", wrong == 1 ? "nowhere" : "program"));
		MUST(!fdt_property_string(to, "memory", wrong == 2 ? "1G" : "80K"));
		if (i < SERVERS)
			MUST(!fdt_property_string(to, "provides", services[i]));
		if (wrong == 3)
			MUST(!fdt_property_u32(to, "priority", 2));
		if (wrong == 4)
			MUST(!fdt_property(to, "hardware", NULL, 0));
		if (wrong > 4) {
			MUST(!fdt_begin_node(to, "routes"));
			MUST(!fdt_property_string(to, services[wrong % 4], routes[wrong % 5]));
			MUST(!fdt_end_node(to));
		}
		MUST(!fdt_end_node(to));
	}
	MUST(!fdt_end_node(to));
	if (!first)
		MUST(!fdt_begin_node(to, "core") && !fdt_end_node(to));
	MUST(!fdt_end_node(to) && !fdt_finish(to));
	return fdt_totalsize(to);
}

static purlin_s64 ask_control(struct fake_message *message)
{
	struct component *component = &components[CONTROLLER];

	message->badge = component->generation;
	MUST(fake_call(object_in(component->control.endpoint), message));
	return (int32_t)message->label;
}

/* In pieces, some of which may be those of another place. */
static void step_fragment(const char *from, size_t bytes)
{
	size_t sent = 0;
	bool wrong = false;

	while (sent < bytes) {
		struct fake_message message = { .label = CONTROL_FRAGMENT, .words = 2 };
		size_t part = 8 * (1 + input_choice(input, PURLIN_MESSAGE_WORDS - 1));

		part = part < bytes - sent ? part : bytes - sent;
		message.word[0] = input_byte(input) > 250 ? input_number(input) : sent;
		wrong |= message.word[0] != sent;
		message.words = 1 + (unsigned int)(part + 7) / 8;
		memcpy(&message.word[1], from + sent, part);
		if (ask_control(&message))
			MUST(wrong);
		sent += part;
	}
}

static void check_added(unsigned int from)
{
	for (unsigned int i = from; i < component_count(); i++) {
		const struct component_description *wanted = &description.components[i];

		MUST(wanted->added && wanted->adder == CONTROLLER && wanted->priority <= 1);
		MUST(components[i].description == wanted && !wanted->hardware);
		MUST(!strcmp(wanted->binary, "program") && wanted->processors == 1);
		for (unsigned int n = 0; n < wanted->route_count; n++)
			MUST(wanted->routes[n].server >= COMPONENTS ||
			     description_server(&description.components[CONTROLLER],
						wanted->routes[n].service) ==
				     wanted->routes[n].server);
		for (unsigned int n = 0; n < i; n++)
			MUST(strcmp(wanted->name, description.components[n].name));
	}
}

/* What is refused leaves nothing behind. */
static void check_same(const struct fake_census *had)
{
	struct fake_census has = fake_count();

	MUST(has.slots == had->slots && has.caps == had->caps);
	MUST(has.objects == had->objects && has.pages == had->pages);
}

static void step_add(void)
{
	static _Alignas(8) char fragment[4096];
	unsigned int before = component_count();
	unsigned int reached = description.components[CONTROLLER].control_count;
	unsigned int first = COMPONENTS + input_choice(input, 4), wrong = input_choice(input, 12);
	struct fake_message message = { .label = CONTROL_ADD, .words = 1 };
	size_t bytes =
		write_tree(fragment, sizeof(fragment), first, 1 + input_choice(input, 2), wrong);
	uint64_t damage = input_byte(input);
	struct fake_census had;
	purlin_s64 status;

	if (!components[CONTROLLER].pd)
		return;
	if (damage > 200)
		fragment[input_choice(input, (unsigned int)bytes)] = (char)input_byte(input);
	if (damage > 250)
		bytes = input_choice(input, (unsigned int)bytes + 1);
	step_fragment(fragment, bytes);
	message.word[0] = bytes;
	had = fake_count();
	status = ask_control(&message);
	/* All or nothing. */
	MUST(status ? component_count() == before && !message.words :
		      message.words == CONTROL_ADD_WORDS && message.word[0] == reached &&
			      component_count() == before + message.word[1] && message.word[1]);
	MUST(description.components[CONTROLLER].control_count ==
	     reached + component_count() - before);
	MUST(status != PURLIN_OK || damage > 200 || !wrong || wrong > 4);
	if (status == PURLIN_BAD_ARGUMENT)
		check_same(&had);
	additions += !status;
	check_added(before);
	if (status == PURLIN_BAD_ARGUMENT) {
		message = (struct fake_message){ .label = CONTROL_REASON, .words = 1 };
		(void)ask_control(&message);
		MUST(message.words == 0 || message.words == CONTROL_REASON_WORDS);
	}
	settle();
}

#endif
