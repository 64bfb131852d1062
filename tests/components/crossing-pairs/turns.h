/* SPDX-License-Identifier: MIT */
/*
 * Two programs on one processor take turns: each fills every register it has, hands the turn over,
 * spins until it comes back, and writes down what is in its registers then. Both may be a guest's
 * kernel, a guest's process or a native thread. What one finds of the other has crossed.
 */
#ifndef CROSSING_PAIRS_TURNS_H
#define CROSSING_PAIRS_TURNS_H

#define TURNS_ROUNDS 4

/* RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, R8 to R15, FS base, GS base, selectors or-ed, TSC_AUX. */
#define SEEN_RSI 4
#define SEEN_RDI 5
#define SEEN_RSP 7
#define SEEN_R14 14
#define SEEN_R15 15
#define SEEN_FS 16
#define SEEN_GS 17
#define SEEN_SELECTORS 18
#define SEEN_NUMBER 19 /* TSC_AUX */
#define SEEN_REGISTERS 20

/* Offsets in struct seen, for assembly. */
#define SEEN_HIGH 512
#define SEEN_REGISTER 768
#define SEEN_ENVIRONMENT 928
#define SEEN_BYTES 1024
/* And in struct turns. */
#define TURNS_WORD 0
#define TURNS_ODD 8
#define TURNS_AVX 16
#define TURNS_LEFT 24
#define TURNS_NEXT 32
#define TURNS_OWN 40	 /* RSP, FS base, GS base of the caller */
#define TURNS_OPERAND 64 /* two of 16 bytes: the one after `odd` is the last that the x87 loads */
#define TURNS_FILL 128
#define TURNS_NOW (TURNS_FILL + SEEN_BYTES)

#ifndef __ASSEMBLER__
#include "purlin/types.h"

/* The registers of a program; as a pattern, the selectors are not looked at. */
struct seen {
	purlin_u8 fx[512];	/* FXSAVE64 (Intel SDM 1, table 10-2) */
	purlin_u8 high[16][16]; /* upper halves of the YMM registers, where there is AVX */
	purlin_u64 registers[SEEN_REGISTERS];
	purlin_u32 environment[7]; /* FNSTENV: [5] is the address of the last operand */
	purlin_u8 reserved[SEEN_BYTES - SEEN_ENVIRONMENT - 28];
};
_Static_assert(sizeof(struct seen) == SEEN_BYTES, "offsets for assembly");
_Static_assert(__builtin_offsetof(struct seen, environment) == SEEN_ENVIRONMENT,
	       "offset for assembly");

struct turns {
	purlin_u64 word; /* address of the number of turns so far, shared with the other */
	purlin_u64 odd;	 /* 1: has the first turn, then every second */
	purlin_u64 avx;
	purlin_u64 left; /* rounds to go, TURNS_ROUNDS at first */
	purlin_u64
		next; /* address where the next round is written down: that of seen[0] at first */
	purlin_u64 own[3];
	purlin_u8 operand[2][16] __attribute__((aligned(64)));
	struct seen fill __attribute__((aligned(64))), now, seen[TURNS_ROUNDS];
};
_Static_assert(__builtin_offsetof(struct turns, own) == TURNS_OWN, "offset for assembly");
_Static_assert(__builtin_offsetof(struct turns, operand) == TURNS_OPERAND, "offset for assembly");
_Static_assert(__builtin_offsetof(struct turns, fill) == TURNS_FILL, "offset for assembly");
_Static_assert(__builtin_offsetof(struct turns, now) == TURNS_NOW, "offset for assembly");

/* The same code for all three: it needs no address but its argument's. */
void turns_take(struct turns *turns);
#endif

#endif
