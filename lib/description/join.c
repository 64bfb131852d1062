/* SPDX-License-Identifier: MIT */
/* Joining a fragment's components to a description's tree. */
#include <string.h>

#include "internal.h"

/* Of what is read here; dtc writes no other. */
#define LEAST_VERSION 17

/* The components of a tree: from the beginning of the first to behind the end of the last. */
struct span {
	int first;
	int end;
};

/* Where the node ends: the offset of that tag; what comes behind it goes to *next. */
static int node_end(const void *tree, int node, int *next)
{
	int offset = node, depth = 0;

	for (;;) {
		uint32_t tag = fdt_next_tag(tree, offset, next);

		if (*next < 0)
			return *next;
		if (tag == FDT_END)
			return -FDT_ERR_BADSTRUCTURE;
		depth += tag == FDT_BEGIN_NODE;
		depth -= tag == FDT_END_NODE;
		if (tag == FDT_END_NODE && !depth)
			return offset;
		offset = *next;
	}
}

static int copy_property(void *to, const void *from, int offset, bool phandles)
{
	const char *name;
	int bytes;
	const void *value = fdt_getprop_by_offset(from, offset, &name, &bytes);

	if (!value)
		return bytes;
	/* A phandle of the fragment could be another node's in the whole. */
	return made_by_compiler(name) && !phandles ? 0 : fdt_property(to, name, value, bytes);
}

static int copy_tag(void *to, const void *from, uint32_t tag, int offset, bool phandles)
{
	switch (tag) {
	case FDT_BEGIN_NODE:
		return fdt_begin_node(to, fdt_get_name(from, offset, NULL));
	case FDT_END_NODE:
		return fdt_end_node(to);
	case FDT_PROP:
		return copy_property(to, from, offset, phandles);
	default:
		return tag == FDT_NOP ? 0 : -FDT_ERR_BADSTRUCTURE;
	}
}

/* What stands between two places of the structure block. */
static int copy(void *to, const void *from, int offset, int end, bool phandles)
{
	int error = 0, next;

	while (!error && offset < end) {
		uint32_t tag = fdt_next_tag(from, offset, &next);

		error = next < 0 ? next : copy_tag(to, from, tag, offset, phandles);
		offset = next;
	}
	return error;
}

static int join(void *to, size_t room, const void *tree, const void *fragment,
		const struct span *added)
{
	int next, end, error;
	int place = node_end(tree, fdt_subnode_offset(tree, 0, "components"), &next);

	if (place < 0 || node_end(tree, 0, &end) < 0)
		return -FDT_ERR_BADSTRUCTURE;
	error = fdt_create(to, (int)room);
	if (!error)
		error = fdt_finish_reservemap(to);
	if (!error)
		error = copy(to, tree, 0, place, true);
	if (!error)
		error = copy(to, fragment, added->first, added->end, false);
	if (!error)
		error = copy(to, tree, place, end, true);
	return error ? error : fdt_finish(to);
}

/* The form that descriptions have may be there; nothing else is changed by a fragment. */
static void check_root(struct reader *reader)
{
	const char *name = NULL;
	int offset, bytes;

	fdt_for_each_property_offset(offset, reader->tree, 0)
	{
		(void)fdt_getprop_by_offset(reader->tree, offset, &name, &bytes);
		if (strcmp(name, "compatible") && strcmp(name, "description"))
			report_node(reader, 0, name, "a fragment cannot say this");
	}
}

/* The node "components", of which there is one; -1: an error was reported. */
static int components_of(struct reader *reader)
{
	int components = -1;

	for (int node = fdt_first_subnode(reader->tree, 0); node >= 0;
	     node = fdt_next_subnode(reader->tree, node)) {
		if (strcmp(fdt_get_name(reader->tree, node, NULL), "components"))
			report_node(reader, node, NULL,
				    "unknown node: a fragment has only \"components\"");
		else if (components >= 0)
			report_node(reader, node, NULL, "it is given twice");
		else
			components = node;
	}
	if (components >= 0 && fdt_first_property_offset(reader->tree, components) >= 0)
		report_node(reader, components, NULL, "it has only nodes");
	if (components < 0 || fdt_first_subnode(reader->tree, components) < 0)
		report_node(reader, 0, "components", "no component is described");
	return components;
}

unsigned int description_join(void *to, size_t room, const void *tree, const void *fragment,
			      size_t bytes, const struct description_target *target)
{
	struct reader reader = { .tree = fragment, .target = target };
	struct span added;
	int next, error;

	if (!tree_usable(fragment, bytes) || fdt_version(fragment) < LEAST_VERSION) {
		report_node(&reader, -1, NULL, "this is no compiled device tree");
		return reader.errors;
	}
	check_root(&reader);
	next = components_of(&reader);
	if (reader.errors)
		return reader.errors;
	added.first = fdt_first_subnode(fragment, next);
	added.end = node_end(fragment, next, &next);
	error = join(to, room, tree, fragment, &added);
	if (error)
		report_node(&reader, 0, "components",
			    error == -FDT_ERR_NOSPACE ?
				    "with all that was added the description is too long" :
				    "this is no compiled device tree");
	return reader.errors;
}
