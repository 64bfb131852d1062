/* SPDX-License-Identifier: MIT */
/*
 * dtc -T writes one node start, property or node end on each line, with its origin in a comment.
 * libfdt knows no lines of the source, so they are looked up here by path and name.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "positions.h"

#define PATH_BYTES 512

struct line {
	const char *start;
	const char *end;
	const char *origin; /* "file:line" after the last comment start, or NULL */
};

static bool next_line(const char **text, struct line *line)
{
	static const char mark[] = "/* ";

	if (!**text)
		return false;
	line->start = *text;
	line->end = *text + strcspn(*text, "\n");
	*text = *line->end ? line->end + 1 : line->end;
	while (line->start < line->end && isspace((unsigned char)*line->start))
		line->start++;
	line->origin = NULL;
	for (const char *at = line->start; at + 3 < line->end; at++) {
		if (!memcmp(at, mark, 3))
			line->origin = at + 3;
	}
	return true;
}

/* The last character before the comment tells: a property may contain a brace in a string. */
static bool opens_node(const struct line *line)
{
	const char *end = line->origin ? line->origin - sizeof("/* ") : line->end - 1;

	while (end > line->start && *end == ' ')
		end--;
	return end >= line->start && *end == '{';
}

/* Append a node's name to the path; labels ("uart: ") are left out. */
static void enter(char *path, const struct line *line)
{
	const char *end = memchr(line->start, '{', (size_t)(line->end - line->start));
	const char *name = line->start;
	size_t length = strlen(path);

	for (const char *at = name; at + 1 < end; at++) {
		if (at[0] == ':' && at[1] == ' ')
			name = at + 2;
	}
	while (end > name && isspace((unsigned char)end[-1]))
		end--;
	if (end - name == 1 && *name == '/')
		snprintf(path, PATH_BYTES, "/");
	else
		snprintf(path + length, PATH_BYTES - length, "%s%.*s", length > 1 ? "/" : "",
			 (int)(end - name), name);
}

static void leave(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path ? 1 : 0] = 0;
}

static bool is_property(const struct line *line, const char *property)
{
	size_t length = strlen(property);

	return (size_t)(line->end - line->start) > length &&
	       !memcmp(line->start, property, length) && strchr(" ;", line->start[length]);
}

/* A node changed in several places has several origins: the last counts. */
static void keep(const struct line *line, char *position, unsigned long bytes)
{
	const char *start = line->origin;
	const char *end;

	if (!start)
		return;
	end = strstr(start, " */");
	if (!end || end > line->end)
		return;
	for (const char *at = start; at + 1 < end; at++) {
		if (at[0] == ',' && at[1] == ' ')
			start = at + 2;
	}
	snprintf(position, bytes, "%.*s", (int)(end - start), start);
}

/* Whether `path` is the node or one above it; the nearest with an origin is used. */
static bool is_above(const char *path, const char *node)
{
	size_t length = strlen(path);

	return !strcmp(path, "/") ||
	       (!strncmp(path, node, length) && (node[length] == '/' || !node[length]));
}

void find_position(const char *annotated, const char *node, const char *property, char *position,
		   unsigned long bytes)
{
	char path[PATH_BYTES] = "";
	struct line line;

	snprintf(position, bytes, "?");
	while (next_line(&annotated, &line)) {
		if (opens_node(&line)) {
			enter(path, &line);
			if (is_above(path, node))
				keep(&line, position, bytes);
		} else if (*line.start == '}') {
			leave(path);
		} else if (property && !strcmp(path, node) && is_property(&line, property)) {
			keep(&line, position, bytes);
			return;
		}
	}
}
