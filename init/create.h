/* SPDX-License-Identifier: MIT */
/* What every component starts with: account, protection domain, first slots. */
#ifndef INIT_CREATE_H
#define INIT_CREATE_H

#include "state.h"

/* Account, and PD with the component's name. */
purlin_s64 component_create_pd(struct component *component, purlin_u64 pages,
			       purlin_u64 capability_slots, purlin_u64 flags);
/* The slots that every component finds filled (purlin/boot.h). */
purlin_s64 component_fill_slots(struct component *component);
purlin_s64 component_give(struct component *component, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge);

#endif
