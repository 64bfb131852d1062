/* SPDX-License-Identifier: MIT */
/* Keeper: counts the lives of a component, and the free pages of the machine at each. */
#ifndef TEST_KEEPER_H
#define TEST_KEEPER_H

#include "session/session.h"

/* A life begins. Reply: word 0: how many there were before. */
#define KEEPER_BORN 1

#define KEEPER_LIVES 21

#endif
