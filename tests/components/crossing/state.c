/* SPDX-License-Identifier: MIT */
/* Registers that C code does not name. */
#include "state.h"

#include <string.h>

#define SELECTOR 0x2b
/* Intel SDM 1, table 10-2: the area of FXSAVE64. */
#define AREA_CONTROL 0
#define AREA_TAGS 4
#define AREA_MXCSR 24
#define AREA_ST0 32
#define AREA_XMM7 (160 + 7 * 16)

const char *const state_fields[STATE_FIELDS] = {
	"x87 control", "x87 tags",  "x87 value", "MXCSR",   "XMM7",
	"YMM7, upper", "selectors", "FS base",	 "GS base",
};

const struct state state_initial = { .x87_control = 0x37f, .mxcsr = 0x1f80 };

/* The processor has AVX, and the kernel has switched it on. */
static bool has_avx(void)
{
	purlin_u32 a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return c >> 27 & c >> 28 & 1;
}

struct state state_of(unsigned int number)
{
	purlin_u64 pattern = 0x1122334455667788 * number;

	return (struct state){
		.x87_control = 0x37f & ~(purlin_u64)(number << 8),
		.x87_tags = 0x80, /* the register that is filled first is the last of the stack */
		.x87_value = pattern | 1ull << 63, /* a mantissa */
		.mxcsr = 0x1f80 | number << 13,
		.xmm = pattern,
		.ymm_high = has_avx() ? ~pattern : 0,
		.fs_base = pattern & 0x7ffffffff000,
		.gs_base = ~pattern & 0x7ffffffff000,
	};
}

void state_fill(unsigned int number)
{
	const struct state state = state_of(number);
	const purlin_u16 control = (purlin_u16)state.x87_control;
	const purlin_u32 mxcsr = (purlin_u32)state.mxcsr;
	const struct {
		purlin_u64 mantissa;
		purlin_u16 exponent;
	} value = { state.x87_value, 0x3fff };

	__asm__ volatile("fninit; fldcw %0; fldt %1; ldmxcsr %2"
			 :
			 : "m"(control), "m"(value), "m"(mxcsr));
	__asm__ volatile("movq %0, %%xmm7" : : "m"(state.xmm));
	if (state.ymm_high)
		__asm__ volatile("vmovq %0, %%xmm6; vinsertf128 $1, %%xmm6, %%ymm7, %%ymm7"
				 :
				 : "m"(state.ymm_high));
	/* Selectors first: loading one changes the base. */
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs"
			 :
			 : "r"(SELECTOR));
	__asm__ volatile("wrfsbase %0; wrgsbase %1" : : "r"(state.fs_base), "r"(state.gs_base));
}

static void look_at_vectors(struct state *seen)
{
	purlin_u8 area[512] __attribute__((aligned(16)));
	purlin_u16 control;
	purlin_u32 mxcsr;

	__asm__ volatile("fxsave64 %0" : "=m"(area));
	if (has_avx())
		__asm__ volatile("vextractf128 $1, %%ymm7, %%xmm7; movq %%xmm7, %0"
				 : "=m"(seen->ymm_high));
	memcpy(&control, &area[AREA_CONTROL], sizeof(control));
	memcpy(&mxcsr, &area[AREA_MXCSR], sizeof(mxcsr));
	memcpy(&seen->x87_value, &area[AREA_ST0], sizeof(seen->x87_value));
	memcpy(&seen->xmm, &area[AREA_XMM7], sizeof(seen->xmm));
	seen->x87_control = control;
	seen->x87_tags = area[AREA_TAGS];
	seen->mxcsr = mxcsr;
}

void state_look(struct state *seen)
{
	const purlin_u32 mxcsr = 0x1f80;
	purlin_u32 ds, es, fs, gs;

	*seen = (struct state){ 0 };
	look_at_vectors(seen);
	__asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(seen->fs_base), "=r"(seen->gs_base));
	__asm__ volatile("movl %%ds, %0; movl %%es, %1; movl %%fs, %2; movl %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	seen->selectors = ds | es | fs | gs;
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

purlin_u32 state_differs(const struct state *seen, const struct state *wanted)
{
	purlin_u64 is[STATE_FIELDS], should[STATE_FIELDS];
	purlin_u32 bits = 0;

	memcpy(is, seen, sizeof(is));
	memcpy(should, wanted, sizeof(should));
	for (unsigned int i = 0; i < STATE_FIELDS; i++)
		bits |= (purlin_u32)(is[i] != should[i]) << i;
	return bits;
}
