/* SPDX-License-Identifier: MIT */
/* Patterns of registers, compared field by field. Offsets in FXSAVE64: Intel SDM 1, table 10-2. */
#include "compare.h"

#include <stdbool.h>
#include <string.h>

#define FX_CONTROL 0
#define FX_STATUS 2
#define FX_TAGS 4
#define FX_MXCSR 24
#define FX_ST 32 /* eight of 16 bytes, 10 of them used */
#define FX_XMM 160

#define VECTORS 16
#define X87_REGISTERS 8

const char *const field_names[FIELDS] = {
	"x87 control", "x87 status", "x87 tags",   "x87 operand",	"x87 values",
	"MXCSR",       "XMM",	     "YMM, upper", "general registers", "selectors",
	"FS base",     "GS base",    "TSC_AUX",
};

static void put16(purlin_u8 *at, purlin_u16 value)
{
	memcpy(at, &value, sizeof(value));
}

static void put32(purlin_u8 *at, purlin_u32 value)
{
	memcpy(at, &value, sizeof(value));
}

static void put64(purlin_u8 *at, purlin_u64 value)
{
	memcpy(at, &value, sizeof(value));
}

static purlin_u64 pattern(unsigned int number, unsigned int index)
{
	return 0x1122334455667788ull * number + 0x0001000100010001ull * index;
}

void pattern_make(struct seen *to, unsigned int number)
{
	memset(to, 0, sizeof(*to));
	put16(to->fx + FX_CONTROL, (purlin_u16)(0x37f & ~(number << 8)));
	to->fx[FX_TAGS] = 0x7f;
	put32(to->fx + FX_MXCSR, 0x1f80 | number << 13);
	for (unsigned int i = 0; i < X87_REGISTERS; i++) {
		put64(to->fx + FX_ST + 16 * i, pattern(number, i) | 1ull << 63);
		put16(to->fx + FX_ST + 16 * i + 8, 0x3fff);
	}
	for (unsigned int i = 0; i < VECTORS; i++)
		for (unsigned int half = 0; half < 16; half += 8) {
			put64(to->fx + FX_XMM + 16 * i + half, pattern(number, 32 + i + half));
			put64(to->high[i] + half, ~pattern(number, 64 + i + half));
		}
	for (unsigned int i = 0; i < SEEN_FS; i++)
		to->registers[i] = pattern(number, 128 + i);
	to->registers[SEEN_FS] = pattern(number, 3) & 0x7ffffffff000;
	to->registers[SEEN_GS] = ~pattern(number, 4) & 0x7ffffffff000;
}

void initial_make(struct seen *to, purlin_u64 rdi, purlin_u64 rsi)
{
	memset(to, 0, sizeof(*to));
	put16(to->fx + FX_CONTROL, 0x37f);
	put32(to->fx + FX_MXCSR, 0x1f80);
	to->registers[SEEN_RDI] = rdi;
	to->registers[SEEN_RSI] = rsi;
}

/* The processor may forget it when it loads another state, but must not keep another's. */
static bool operand_differs(const struct seen *seen, const struct seen *wanted)
{
	purlin_u32 operand = seen->environment[ENVIRONMENT_OPERAND];

	return operand && operand != wanted->environment[ENVIRONMENT_OPERAND];
}

static purlin_u32 x87_differs(const purlin_u8 *seen, const purlin_u8 *wanted)
{
	bool values = false;

	for (unsigned int i = 0; i < X87_REGISTERS; i++)
		values |= memcmp(seen + FX_ST + 16 * i, wanted + FX_ST + 16 * i, 10) != 0;
	return (purlin_u32)(memcmp(seen + FX_CONTROL, wanted + FX_CONTROL, 2) != 0) << X87_CONTROL |
	       (purlin_u32)(memcmp(seen + FX_STATUS, wanted + FX_STATUS, 2) != 0) << X87_STATUS |
	       (purlin_u32)(seen[FX_TAGS] != wanted[FX_TAGS]) << X87_TAGS |
	       (purlin_u32)values << X87_VALUES;
}

purlin_u32 seen_differs(const struct seen *seen, const struct seen *wanted)
{
	const purlin_u64 *is = seen->registers, *should = wanted->registers;

	return x87_differs(seen->fx, wanted->fx) |
	       (purlin_u32)operand_differs(seen, wanted) << X87_OPERAND |
	       (purlin_u32)(memcmp(seen->fx + FX_MXCSR, wanted->fx + FX_MXCSR, 4) != 0) << MXCSR |
	       (purlin_u32)(memcmp(seen->fx + FX_XMM, wanted->fx + FX_XMM, 16 * VECTORS) != 0)
		       << XMM |
	       (purlin_u32)(memcmp(seen->high, wanted->high, sizeof(seen->high)) != 0)
		       << YMM_UPPER |
	       (purlin_u32)(memcmp(is, should, SEEN_FS * sizeof(*is)) != 0) << GENERAL_REGISTERS |
	       (purlin_u32)(is[SEEN_SELECTORS] != should[SEEN_SELECTORS]) << SELECTORS |
	       (purlin_u32)(is[SEEN_FS] != should[SEEN_FS]) << FS_BASE |
	       (purlin_u32)(is[SEEN_GS] != should[SEEN_GS]) << GS_BASE |
	       (purlin_u32)(is[SEEN_NUMBER] != should[SEEN_NUMBER]) << NUMBER;
}
