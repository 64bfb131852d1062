/* SPDX-License-Identifier: MIT */
/* Those who offer: each Linux that a rule of the description names, and its session if it has one.
 */
#ifndef BROKER_LINUXES_H
#define BROKER_LINUXES_H

#include <stdbool.h>

#include "purlin/types.h"

/* All slots are 0, and the badge, while it is not there. */
struct linux {
	const char *name;     /* of its component; "": rules do not say, for there is only one */
	unsigned int devices; /* how many it is to offer */
	purlin_u64 badge, endpoint;
	purlin_u64 signal; /* 0: it has not started */
};

/* Find the Linux of that name, or add it. NULL: there is no room for more. */
struct linux *linux_named(const char *name);
/* The Linux that this component is; NULL: no rule names it. */
struct linux *linux_of_component(const char *name);
/* The Linux that has this session; NULL: none has it. */
struct linux *linux_of_badge(purlin_u64 badge);
/* Notify every Linux that it has to look at the sessions. */
void linuxes_tell(void);

#endif
