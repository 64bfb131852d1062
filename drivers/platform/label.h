/* SPDX-License-Identifier: MIT */
/* Labels of sessions: init puts the component's name and a slash before what the client says. */
#ifndef PLATFORM_LABEL_H
#define PLATFORM_LABEL_H

#include <stdbool.h>
#include <string.h>

static inline bool label_is_of(const char *label, const char *component)
{
	size_t length = strlen(component);

	return strcspn(label, "/") == length && !strncmp(label, component, length);
}

#endif
