/* SPDX-License-Identifier: MIT */
/* Components that are added to a description: joined, checked, each right, damaged fragments. */
#include "test.h"

#include "lib/description/description.h"

#include <libfdt.h>
#include <unistd.h>

#define ROOM 65536
#define MIB (1ull << 20)
#define NODE(text) "/dts-v1/; / { components { " text "}; };"
#define ONE(text) NODE("one { binary = \"program\"; " text "};")

static const char base_text[] =
	"/dts-v1/; / { compatible = \"purlin,system\"; components {"
	"uart: uart { binary = \"uart\"; provides = \"Terminal\"; };"
	"other: other { binary = \"program\"; provides = \"Secret\"; };"
	"adder: adder { binary = \"program\"; priority = <10>; cpus = <0 1>; log; adds = \"16M\";"
	"control = <&other>;"
	"routes { Terminal = <&uart>; Timer = <&core>; IRQ = <&core>; RAM = <&core>; }; };"
	"}; core: core { }; };";

enum { UART, OTHER, ADDER, OLD };

static char base[ROOM], kept[ROOM], fragment[ROOM], whole[ROOM], reasons[4096];
static const char *latest; /* to which is added */
static struct description before, after;

static void note(void *context, const char *node, const char *property, const char *reason)
{
	size_t used = strlen(reasons);

	(void)context;
	snprintf(reasons + used, sizeof(reasons) - used, "%s: %s%s%s\n", node,
		 property ? property : "", property ? ": " : "", reason);
}

static bool module_exists(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "nowhere") != 0;
}

static size_t compile(const char *text, char *tree)
{
	char path[] = "/tmp/purlin-addition-XXXXXX", command[128];
	int file = mkstemp(path);
	FILE *pipe;
	size_t bytes;

	assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb %s", path);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	bytes = fread(tree, 1, ROOM, pipe);
	assert_int_equal(pclose(pipe), 0);
	close(file);
	unlink(path);
	return bytes;
}

/* As init does it; the number of errors. */
static unsigned int add_bytes(const void *data, size_t bytes, uint64_t memory)
{
	struct description_addition addition = { &before, before.component_count, ADDER, memory };
	struct description_target target = { .memory = 256 * MIB,
					     .cpus = 2,
					     .module_exists = module_exists,
					     .error = note,
					     .addition = &addition };
	unsigned int errors;

	*reasons = 0;
	errors = description_join(whole, sizeof(whole), latest, data, bytes, &target);
	return errors ? errors : description_read(&after, whole, sizeof(whole), &target);
}

static unsigned int add(const char *text)
{
	size_t bytes = compile(text, fragment);

	return add_bytes(fragment, bytes, 16 * MIB);
}

static void add_well(const char *text)
{
	if (add(text))
		fail_msg("%s", reasons);
}

static void refuse(const char *text, const char *reason)
{
	assert_true(add(text) > 0);
	if (!strstr(reasons, reason))
		fail_msg("%s\nin place of\n%s", reasons, reason);
}

static int set_up(void **state)
{
	struct description_target target = { .memory = 256 * MIB, .cpus = 2, .error = note };

	(void)state;
	*reasons = 0;
	latest = base;
	if (description_read(&before, base, compile(base_text, base), &target))
		fail_msg("%s", reasons);
	return 0;
}

/* What was accepted is the base of what comes next. */
static void keep(void)
{
	for (unsigned int i = before.component_count; i < after.component_count; i++) {
		before.components[i] = after.components[i];
		before.components[i].added = true;
		before.components[i].adder = ADDER;
	}
	before.component_count = after.component_count;
	memcpy(kept, whole, sizeof(kept));
	memset(whole, 'x', sizeof(whole));
	latest = kept;
	for (unsigned int i = OLD; i < before.component_count; i++)
		description_move(&before.components[i], whole, sizeof(whole), kept);
}

static void joins_at_the_end(void **state)
{
	const struct component_description *one = &after.components[OLD];

	(void)state;
	add_well(NODE("one { binary = \"program\"; provides = \"Echo\"; on-demand; };"
		      "two { binary = \"program\"; routes { Echo = \"one\"; Timer = \"core\";"
		      "Terminal = \"uart\"; }; };"));
	assert_int_equal(after.component_count, OLD + 2);
	assert_string_equal(after.components[UART].name, "uart");
	assert_string_equal(one->name, "one");
	assert_true(one->on_demand);
	assert_int_equal(one->priority, 10);
	assert_int_equal(description_server(one + 1, "Echo"), OLD);
	assert_int_equal(description_server(one + 1, "Timer"), DESCRIPTION_CORE);
	assert_int_equal(description_server(one + 1, "Terminal"), UART);
	/* References of the description itself are what they were. */
	assert_int_equal(description_server(&after.components[ADDER], "Terminal"), UART);
}

static void adds_to_what_was_added(void **state)
{
	(void)state;
	add_well(ONE("provides = \"Echo\";"));
	keep();
	assert_string_equal(before.components[OLD].provides[0], "Echo");
	refuse(ONE(""), "/components/one: another component has this name");
	add_well(NODE("two { binary = \"program\"; routes { Echo = \"one\"; }; };"));
	before.components[OLD].adder = OTHER;
	refuse(NODE("two { binary = \"program\"; routes { Echo = \"one\"; }; };"),
	       "/components/two/routes: Echo: adder has no such route itself");
}

static void refuses_what_it_may_not_give(void **state)
{
	static const char *const devices[] = {
		"hardware",
		"console-log",
		"framebuffer",
		"io-ports = <1 1>",
		"io-memory = <0 0x1000 0 0x1000>",
		"irqs = <4>",
		"pci = \"slot 1\"",
		"trusted-dma",
		"used-devices",
		"on-device",
		"kept = \"4K\"",
		"control = <1>",
		"adds = \"4M\"",
	};
	char text[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(text, sizeof(text), ONE("%s; "), devices[i]);
		refuse(text, ": not for a component that is added");
	}
	refuse(ONE("priority = <11>;"),
	       "/components/one: priority: 11 is above adder's, which is 10");
	refuse(ONE("read-log;"), "/components/one: read-log: adder does not have it");
	refuse(ONE("on-fault = \"reset\";"), "on-fault: the end of an added component");
	refuse(ONE("restarts = <17>;"), "restarts: at most 16 for a component that is added");
	add_well(ONE("restarts = <16>;"));
	refuse(ONE("on-exit = \"power-off\";"), "on-exit: the end of an added component");
	refuse(ONE("routes { Secret = \"other\"; };"), "Secret: adder has no such route itself");
	refuse(ONE("routes { ROM = \"core\"; };"), "ROM: adder has no such route itself");
	refuse(ONE("routes { IRQ = \"core\"; };"), "IRQ: an added component has no devices");
	refuse(ONE("routes { Timer = <1>; };"), "Timer: a string is wanted");
	refuse(ONE("routes { Timer = \"cor\"; };"), "Timer: there is no component cor");
	refuse(NODE("uart { binary = \"program\"; };"), "another component has this name");
	refuse(NODE("core { binary = \"program\"; };"), "another component has this name");
	refuse(NODE("one { binary = \"nowhere\"; };"), "binary: there is no file \"nowhere\"");
	refuse(NODE("one { type = \"linux\"; kernel = \"k\"; memory = \"rest\"; };"),
	       "memory: an added component has no rest");
}

static void keeps_to_its_processors(void **state)
{
	(void)state;
	add_well(ONE("cpu = <1>;"));
	before.components[ADDER].processors = 2;
	refuse(ONE(""), "cpus: processor 0 is not adder's");
	add_well(ONE("cpu = <1>;"));
}

static void counts_memory(void **state)
{
	(void)state;
	add_well(ONE("memory = \"16M\";"));
	refuse(ONE("memory = \"16388K\";"),
	       "/components/one: memory: too much memory: 16384K of what adder may give are left");
	refuse(ONE("memory = \"12M\"; ram-quota = \"8M\"; routes { RAM = \"core\"; };"), "16384K");
	refuse(NODE("a { binary = \"p\"; memory = \"12M\"; }; b { binary = \"p\"; memory = \"5M\"; "
		    "};"),
	       "/components/b: memory: too much memory: 4096K");
	refuse(NODE("a { binary = \"p\"; memory = \"4194303G\"; };"
		    "b { binary = \"p\"; memory = \"4194303G\"; };"
		    "c { binary = \"p\"; memory = \"4194303G\"; };"
		    "d { binary = \"p\"; memory = \"4194303G\"; };"
		    "e { binary = \"p\"; memory = \"4194303G\"; };"),
	       "/components/e: memory: too much memory: 16384K");
}

static void refuses_other_forms(void **state)
{
	(void)state;
	refuse("/dts-v1/; / { };", "/: components: no component is described");
	refuse(NODE(""), "/: components: no component is described");
	refuse("/dts-v1/; / { core { }; components { one { binary = \"p\"; }; }; };",
	       "/core: unknown node");
	refuse("/dts-v1/; / { power = \"one\"; components { one { binary = \"p\"; }; }; };",
	       "/: power: a fragment cannot say this");
	refuse(NODE("strange; one { binary = \"p\"; };"), "/components: it has only nodes");
	add_well("/dts-v1/; / { compatible = \"purlin,system\"; components { one { binary = \"p\"; "
		 "}; }; };");
}

/* A node's phandle would be found in place of another's. */
static void leaves_phandles_out(void **state)
{
	uint32_t taken = fdt_get_phandle(base, fdt_path_offset(base, "/core"));
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), ONE("phandle = <%u>; "), taken);
	add_well(text);
	assert_int_equal(description_server(&after.components[ADDER], "Timer"), DESCRIPTION_CORE);
	assert_int_equal(fdt_get_phandle(whole, fdt_path_offset(whole, "/components/one")), 0);
}

/* Any result, no stray access: the fragment ends where the memory ends. */
static void survives_damage(void **state)
{
	size_t bytes = compile(ONE("provides = \"Echo\"; routes { Timer = \"core\"; };"), fragment);

	(void)state;
	for (size_t cut = 0; cut < bytes; cut++) {
		char *part = malloc(cut ? cut : 1);

		assert_non_null(part);
		memcpy(part, fragment, cut);
		assert_true(add_bytes(part, cut, 16 * MIB) > 0);
		free(part);
	}
	for (unsigned int at = 0; at < bytes * 8; at++) {
		char *part = malloc(bytes);

		assert_non_null(part);
		memcpy(part, fragment, bytes);
		part[at / 8] ^= (char)(1 << at % 8);
		(void)add_bytes(part, bytes, 16 * MIB);
		free(part);
	}
}

/* More than there is room for, in the tree or among the components. */
static void survives_size(void **state)
{
	static char text[40000];
	size_t used = 0;

	(void)state;
	used += (size_t)snprintf(text, sizeof(text), "/dts-v1/; / { components {");
	for (unsigned int i = 0; i < DESCRIPTION_COMPONENTS; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "c%u { binary = \"p\"; memory = \"4K\"; };", i);
	snprintf(text + used, sizeof(text) - used, "}; };");
	refuse(text, "more than 32 components");
	used = (size_t)snprintf(text, sizeof(text), "/dts-v1/; / { components { one { long = \"");
	memset(text + used, 'x', 30000);
	snprintf(text + used + 30000, sizeof(text) - used - 30000, "\"; }; }; };");
	assert_true(add(text) > 0);
	used = compile(text, fragment);
	{
		struct description_target target = { .error = note };

		*reasons = 0;
		assert_int_equal(description_join(whole, 16384, latest, fragment, used, &target),
				 1);
		assert_non_null(strstr(reasons, "the description is too long"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(joins_at_the_end, set_up),
		cmocka_unit_test_setup(adds_to_what_was_added, set_up),
		cmocka_unit_test_setup(refuses_what_it_may_not_give, set_up),
		cmocka_unit_test_setup(keeps_to_its_processors, set_up),
		cmocka_unit_test_setup(counts_memory, set_up),
		cmocka_unit_test_setup(refuses_other_forms, set_up),
		cmocka_unit_test_setup(leaves_phandles_out, set_up),
		cmocka_unit_test_setup(survives_damage, set_up),
		cmocka_unit_test_setup(survives_size, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
