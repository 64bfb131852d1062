/* SPDX-License-Identifier: MIT */
/* Part of init.c: RAM that components take and give back (init/ram_target.c). */

#ifndef FUZZ_INIT_RAM_H
#define FUZZ_INIT_RAM_H

/* Of components with `memory-most`: pages. */
#define RAM_STEP 2
#define RAM_STEPS 4
#define RAM_SPARE 5
#define RAM_KERNEL_PAGES 16 /* as in init/ram_target.c */

/*
 * Together they are granted no more than there is, and each account has what was granted. What a
 * component uses of it, is a number here.
 */
static void check_grants(void)
{
	uint64_t all = description.spare, granted = 0;

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		const struct component_description *wanted = &description.components[i];
		uint64_t grant = components[i].ram_granted;
		purlin_u64 limit, used;

		if (!wanted->memory_most) {
			MUST(!grant);
			continue;
		}
		all += wanted->ram_quota;
		granted += grant;
		MUST(grant <= wanted->memory_most - wanted->memory && !(grant % wanted->ram_step));
		if (failed || !components[i].ram_account ||
		    purlin_account_info(components[i].ram_account, &limit, &used))
			continue;
		MUST(used <= limit && limit == grant / PURLIN_PAGE_SIZE + RAM_KERNEL_PAGES);
	}
	MUST(granted <= all);
}

/* A component takes memory out of its RAM account, or gives some back. */
static void step_use(unsigned int index)
{
	struct fake_object *account = object_in(components[index].ram_account);

	if (components[index].ram_account && account && account->limit)
		account->used = input_choice(input, (unsigned int)account->limit + 1);
}

#endif
