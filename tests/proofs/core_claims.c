/* SPDX-License-Identifier: MIT */
/* Two ranges of ports, interrupt lines or pages overlap exactly when something lies in both. */
#include "core/claims.c"
#include "proof.h"

#define END (1ull << 32)

struct session *sessions;

int main(void)
{
	struct range a = { any(), any() }, b = { any(), any() };
	uint64_t one = any();
	bool in_a, in_b;

	assume(a.first < END && a.count < END && b.first < END && b.count < END);
	in_a = one >= a.first && one < a.first + a.count;
	in_b = one >= b.first && one < b.first + b.count;
	prove(!in_a || !in_b || overlap(a, b), "what lies in both is an overlap");
	prove(!overlap(a, b) || !(a.first > b.first) || a.first < b.first + b.count,
	      "an overlap has something that lies in both: where the later one begins");
	prove(!overlap(a, b) || (a.count && b.count), "nothing overlaps what is empty");
	return 0;
}
