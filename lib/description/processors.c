/* SPDX-License-Identifier: MIT */
/* Which processors a component may use, where its description does not say. */
#include <libfdt.h>

#include "internal.h"

static bool says(const struct reader *reader, const struct component_description *component,
		 const char *property)
{
	return fdt_getprop(reader->tree, component->node, property, NULL);
}

static bool only_linux(const struct description *description)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < description->component_count; i++)
		count += description->components[i].type == COMPONENT_LINUX;
	return count == 1;
}

static uint64_t all_processors(const struct reader *reader)
{
	uint32_t cpus = reader->target->cpus;

	if (!cpus)
		return 1;
	return cpus < 64 ? (1ull << cpus) - 1 : ~0ull;
}

/*
 * Without `cpus` it is the one it starts on; without `cpu` it starts on the first of them. A Linux
 * that is alone, says neither and wants several vCPUs has the whole machine.
 */
static void settle_one(const struct reader *reader, struct component_description *component,
		       bool alone)
{
	if (alone && component->vcpus > 1 && !component->processors &&
	    !says(reader, component, "cpu"))
		component->processors = all_processors(reader);
	else if (!component->processors)
		component->processors = 1ull << component->cpu;
	else if (!says(reader, component, "cpu"))
		component->cpu = (uint32_t)__builtin_ctzll(component->processors);
}

void settle_processors(struct reader *reader)
{
	struct description *description = reader->description;
	bool alone = only_linux(description);

	for (unsigned int i = 0; i < description->component_count; i++) {
		struct component_description *component = &description->components[i];

		settle_one(reader, component, alone && component->type == COMPONENT_LINUX);
	}
}
