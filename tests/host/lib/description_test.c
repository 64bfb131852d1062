/* SPDX-License-Identifier: MIT */
/* Reading a system description: its values, and damaged trees. The errors: scenarios/broken. */
#include "test.h"

#include "lib/description/internal.h"
#include "session/pci.h"

static char last_error[512];

static void note_error(void *context, const char *node, const char *property, const char *reason)
{
	(void)context;
	snprintf(last_error, sizeof(last_error), "%s: %s: %s", node, property ? property : "",
		 reason);
}

static const struct description_target target = { .error = note_error };

static size_t compile(const char *path, char *tree, size_t room)
{
	char command[256];
	FILE *pipe;
	size_t bytes;

	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -i scenarios %s", path);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	bytes = fread(tree, 1, room, pipe);
	assert_int_equal(pclose(pipe), 0);
	return bytes;
}

static void reads_the_usb_scenario(void **state)
{
	static struct description description;
	static char tree[65536];
	const struct component_description *guest = NULL;
	size_t bytes = compile("scenarios/usb.dts", tree, sizeof(tree));

	(void)state;
	if (description_read(&description, tree, bytes, &target))
		fail_msg("%s", last_error);
	for (unsigned int i = 0; i < description.component_count; i++) {
		if (!strcmp(description.components[i].name, "linux"))
			guest = &description.components[i];
	}
	if (!guest) {
		fail_msg("the scenario has no component linux");
		return;
	}
	assert_int_equal(guest->type, COMPONENT_LINUX);
	assert_string_equal(guest->kernel, "vmlinux");
	assert_string_equal(guest->sessions[1].label, "exec");
	assert_string_equal(guest->sessions[1].service->name, "Terminal");
	assert_false(guest->trusted_dma);
	assert_int_equal(guest->pci_rules[0].kind, PCI_RULE_CLASS);
	assert_int_equal(guest->pci_rules[0].value, 0x0c0300);
	assert_int_equal(guest->pci_rules[0].mask, 0xffff00);
	assert_int_equal(guest->on_power_off, END_POWER_OFF);
	assert_true(description.power >= 0);
	assert_int_equal(description_server(guest, "PCI"), description.power);
	assert_int_equal(description_server(guest, "ROM"), DESCRIPTION_NONE);
	assert_false(description.report_memory);
}

/* A description that includes another and says some things differently. */
static void reads_the_bench_scenario(void **state)
{
	static struct description description;
	static char tree[65536];
	size_t bytes = compile("scenarios/bench.dts", tree, sizeof(tree));

	(void)state;
	if (description_read(&description, tree, bytes, &target))
		fail_msg("%s", last_error);
	assert_true(description.report_memory);
}

/* Damage within the structure block: any result, no stray access, no endless loop. */
static void survives_damage(void **state)
{
	static struct description description;
	static char tree[65536];
	size_t bytes = compile("scenarios/usb.dts", tree, sizeof(tree));

	(void)state;
	for (unsigned int round = 0; round < 5000; round++) {
		char *copy = malloc(bytes);

		memcpy(copy, tree, bytes);
		for (unsigned int i = 1 + test_random() % 4; i; i--)
			copy[40 + test_random() % (bytes - 40)] = (char)test_random();
		description_read(&description, copy, bytes, &target);
		free(copy);
	}
}

static void refuses_what_is_no_tree(void **state)
{
	static struct description description;
	char nothing[128] = "nothing";

	(void)state;
	assert_int_equal(description_read(&description, nothing, sizeof(nothing), &target), 1);
	assert_int_equal(description_read(&description, nothing, 0, &target), 1);
}

static void refuses_paths_that_lead_anywhere(void **state)
{
	static const char *const right[] = { "a", "users/one.img", ".a/..b", "a/...", "a b" };
	static const char *const wrong[] = { "",   "/",	   "/a",  "a/",	  "a//b",   ".",    "./a",
					     "..", "../a", "a/.", "a/..", "a/../b", "a/./b" };
	char path[65];

	(void)state;
	for (unsigned int i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_null(served_file_problem(right[i], strlen(right[i])));
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(served_file_problem(wrong[i], strlen(wrong[i])));
	/* What follows in the rule does not count. */
	assert_null(served_file_problem("one.img/ read-only", 7));
	memset(path, 'x', sizeof(path));
	assert_null(served_file_problem(path, 63));
	assert_non_null(served_file_problem(path, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_usb_scenario),
		cmocka_unit_test(reads_the_bench_scenario),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(refuses_what_is_no_tree),
		cmocka_unit_test(refuses_paths_that_lead_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
