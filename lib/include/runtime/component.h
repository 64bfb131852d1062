/* SPDX-License-Identifier: MIT */
/* Beginning and end of a component. */
#ifndef RUNTIME_COMPONENT_H
#define RUNTIME_COMPONENT_H

#include "purlin/types.h"

/* What each component provides; the result is sent to the parent. The argument of those that init
 * starts says where and how urgently the first thread runs, so that further ones can do likewise.
 */
int component_main(purlin_u64 argument);
#define COMPONENT_ARGUMENT(processor, priority) ((purlin_u64)(processor) << 8 | (priority))
#define COMPONENT_PROCESSOR(argument) ((argument) >> 8)
#define COMPONENT_PRIORITY(argument) ((argument)&0xff)

/* The processors this component may use, a bit for each; never none. */
purlin_u64 component_processors(void);

/* End the component: PARENT_EXIT_* of session/parent.h. */
_Noreturn void component_exit(purlin_u64 how, purlin_u64 value);

/* Log the text and end with PARENT_EXIT_PANIC. */
_Noreturn void component_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
