/* SPDX-License-Identifier: MIT */
/* What the parts of the reader share. */
#ifndef DESCRIPTION_INTERNAL_H
#define DESCRIPTION_INTERNAL_H

#include <libfdt.h>

#include "description.h"

#define MOST_CPUS 64
#define CELL 4 /* bytes of a number in a device tree */

struct reader {
	const void *tree;
	const struct description_target *target;
	struct description *description;
	unsigned int errors;
	bool by_name; /* the component that is read was added: it refers to others by name */
};

/* One property being read. */
struct property {
	struct reader *reader;
	int node;
	const char *name;
	const char *value;
	int bytes;
};

void report_node(struct reader *reader, int node, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void report_property(const struct property *property, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* read.c: by its table. `seen`: a bit for each property that the component had before. */
void read_component_property(const struct property *property,
			     struct component_description *component, uint64_t *seen);

/* values.c: each reports what is wrong and then leaves *value alone. */
void read_text(const struct property *property, const char **value);
void read_texts(const struct property *property, const char **values, unsigned int most,
		unsigned int *count);
void read_size(const struct property *property, uint64_t *value);
void read_cell(const struct property *property, uint32_t *value, uint32_t least, uint32_t most);
/* processors.c: after everything was read. */
void settle_processors(struct reader *reader);

/* Numbers of processors, each once. */
void read_processors(const struct property *property, uint64_t *set);
void read_flag(const struct property *property, bool *value);
void read_action(const struct property *property, enum end_action *value);
/* Pairs of numbers of cells_each cells. */
void read_ranges(const struct property *property, struct description_ranges *ranges,
		 unsigned int cells_each);
void read_irqs(const struct property *property, struct description_ranges *ranges);
/* Node of a phandle, or of a component's name if that is how this one refers to others; or -1. */
int read_reference(const struct property *property);

/* Index of the component, DESCRIPTION_CORE or DESCRIPTION_NONE. */
int component_of_node(const struct reader *reader, int node);

/* control.c */
void read_control(const struct property *property, struct component_description *component);
void settle_control(struct reader *reader);

/* pci_rule.c */
bool pci_rule_parse(const char *text, struct description_pci_rule *rule);

/*
 * Names travel in messages and stand in log lines, before or after a slash: 1 to 15 visible
 * characters, no slash. NULL: such a name.
 */
const char *name_problem(const char *name);
void check_name(const struct property *property, const char *name);

/* nodes.c: whether everything that is read later lies within these bytes. */
bool tree_usable(const void *tree, size_t bytes);
/* dtc adds the property to nodes that are referred to. */
bool made_by_compiler(const char *name);

/* additions.c: whether the component was added at run time; what those are refused. */
bool is_added(const struct reader *reader, unsigned int index);
void check_additions(struct reader *reader);

/* files.c: paths in rules of brokers. `problem` follows the path in a sentence; NULL: none. */
void check_files(struct reader *reader, const struct component_description *component);
const char *served_file_problem(const char *path, size_t length);

/* check.c: what concerns more than one property. */
void check_all(struct reader *reader);

#endif
