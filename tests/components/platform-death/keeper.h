/* SPDX-License-Identifier: MIT */
/*
 * Keeper: kills the platform component when its client says so, and looks at the machine's free
 * pages before its successor may begin.
 */
#ifndef TEST_PLATFORM_DEATH_KEEPER_H
#define TEST_PLATFORM_DEATH_KEEPER_H

#include "session/session.h"

/* From the owner of a device. A life begins. Reply: word 0: how many there were before. */
#define KEEPER_BORN 1
/* From it, too: end the platform component now. */
#define KEEPER_KILL 2
/* From the platform component. Capabilities 0 and 1: signals, told when it has to die, and when it
 * may begin. */
#define KEEPER_ARM 3

#define KEEPER_LIVES 6
#define PINNED_PAGES 2048 /* of the owner's memory, and as many that no device reaches */
#define OTHER_PAGES 1024  /* what else the owner has is less than that */

#endif
