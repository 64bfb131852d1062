/* SPDX-License-Identifier: MIT */
/* A driver that attacks by its device, and the neighbour whose device must not notice. */
#ifndef TESTS_EDU_ATTACK_H
#define TESTS_EDU_ATTACK_H

#include "edu.h"

/* The neighbour's service. */
#define NEIGHBOUR_SERVICE "Neighbour"
/* Reply: word 0: what has happened to its device that it did not do itself. */
#define NEIGHBOUR_LOOK 1
#define NEIGHBOUR_REGISTERS 1u
#define NEIGHBOUR_INTERRUPT 2u

/*
 * Its registers by our BAR, its interrupt by messages that our device writes; number: memory for
 * them, with its address for the device. Without a route there is no neighbour.
 */
void attack_neighbour(struct edu *edu, volatile uint32_t *number, uint64_t number_at);

#endif
