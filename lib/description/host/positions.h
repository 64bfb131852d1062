/* SPDX-License-Identifier: MIT */
/* Where nodes and properties stand in the source: read from dtc's annotated output. */
#ifndef HOST_POSITIONS_H
#define HOST_POSITIONS_H

/*
 * "file:line" of a node (property NULL) or property, or of the nearest node above it.
 * The text is dtc's output in source form with -T; the result lies in `position`.
 */
void find_position(const char *annotated, const char *node, const char *property, char *position,
		   unsigned long bytes);

#endif
