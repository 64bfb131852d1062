// SPDX-License-Identifier: MIT
/*
 * System descriptions, lib/description: any blob, and trees made of the words it knows. What is
 * accepted keeps every promise that core, init and the kernel rely on.
 */
#include "tree.h"

#include "lib/description/description.h"
#include "session/core.h"
#include "session/parent.h"
#include "session/pci.h"

#define MACHINE_BYTES (1ull << 30)
#define MACHINE_CPUS 4

static unsigned int told;

static bool module_exists(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "nowhere") != 0;
}

static void error(void *context, const char *node, const char *property, const char *reason)
{
	(void)context;
	MUST(strlen(node) < 4096 && strlen(reason) < 4096);
	MUST(!property || strlen(property) < 0x100000);
	told++;
}

static void check_name(const char *name)
{
	MUST(strlen(name) < DESCRIPTION_NAME_BYTES && *name);
	for (; *name; name++)
		MUST(*name > ' ' && *name <= '~' && *name != '/');
}

static void check_ranges(const struct description_ranges *ranges)
{
	_Static_assert(DESCRIPTION_RANGES <= CORE_GRANT_RANGES, "what is read can be granted");
	MUST(ranges->count <= DESCRIPTION_RANGES);
	for (unsigned int i = 0; i < ranges->count; i++)
		MUST(ranges->range[i].count &&
		     ranges->range[i].first + ranges->range[i].count > ranges->range[i].first);
}

static void check_routes(const struct description *description,
			 const struct component_description *component)
{
	MUST(component->route_count <= DESCRIPTION_ROUTES);
	for (unsigned int i = 0; i < component->route_count; i++) {
		const struct description_route *route = &component->routes[i];
		bool provided = false;

		check_name(route->service);
		/* One answer for each service. */
		MUST(description_server(component, route->service) == route->server);
		if (route->server == DESCRIPTION_CORE) {
			MUST(description_core_service(route->service));
			continue;
		}
		MUST(route->server >= 0 &&
		     (unsigned int)route->server < description->component_count);
		for (unsigned int n = 0; n < description->components[route->server].provide_count;
		     n++)
			provided |= !strcmp(route->service,
					    description->components[route->server].provides[n]);
		MUST(provided);
	}
}

static void check_linux(const struct component_description *component)
{
	MUST(component->kernel && component->memory >= 16ull << 20 &&
	     component->memory <= 16ull << 40);
	MUST(strlen(component->bootargs) < 2048);
	MUST(component->session_count <= DESCRIPTION_SESSIONS);
	for (unsigned int i = 0; i < component->session_count; i++) {
		const struct description_session *session = &component->sessions[i];

		check_name(session->label);
		MUST(session->service->delivery == DELIVERY_SHARED ||
		     session->service->delivery == DELIVERY_VIRTIO ||
		     session->service->delivery == DELIVERY_OWN);
		MUST(description_server(component, session->service->name) >= 0);
		for (unsigned int j = 0; j < i; j++)
			MUST(session->service != component->sessions[j].service ||
			     strcmp(session->label, component->sessions[j].label));
	}
	MUST(component->vcpus && component->vcpus <= DESCRIPTION_VCPUS);
}

static void check_component(const struct description *description, unsigned int index)
{
	const struct component_description *component = &description->components[index];

	check_name(component->name);
	for (unsigned int i = 0; i < index; i++)
		MUST(strcmp(description->components[i].name, component->name));
	MUST((component->memory | component->overhead | component->ram_quota | component->lent |
	      component->kept) %
		     4096 ==
	     0);
	MUST(component->serve_count <= DESCRIPTION_SERVES);
	for (unsigned int i = 0; i < component->serve_count; i++)
		MUST(strlen(component->serves[i]) < PARENT_SERVES_BYTES);
	MUST(component->priority >= 1 && component->priority < 48);
	MUST(component->cpu < MACHINE_CPUS && component->processors >> component->cpu & 1);
	MUST(!(component->processors >> MACHINE_CPUS));
	MUST(component->provide_count <= DESCRIPTION_PROVIDES);
	for (unsigned int i = 0; i < component->provide_count; i++)
		check_name(component->provides[i]);
	MUST(component->pci_rule_count <= DESCRIPTION_PCI_RULES &&
	     component->pci_rule_count <= PCI_POLICY_RULES);
	MUST(!component->pci_rule_count || description_server(component, "PCI") >= 0);
	check_ranges(&component->io_ports);
	check_ranges(&component->io_memory);
	check_ranges(&component->irqs);
	check_routes(description, component);
	if (component->type == COMPONENT_LINUX)
		check_linux(component);
	else
		MUST(component->binary && strcmp(component->binary, "nowhere"));
}

static void check(const struct description *description)
{
	unsigned __int128 sum = 0;

	MUST(description->component_count &&
	     description->component_count <= DESCRIPTION_COMPONENTS);
	for (unsigned int i = 0; i < description->component_count; i++) {
		const struct component_description *component = &description->components[i];

		check_component(description, i);
		sum += component->memory;
		sum += component->overhead;
		sum += component->ram_quota;
		sum += component->kept;
	}
	MUST(sum <= MACHINE_BYTES);
	MUST(description->power == DESCRIPTION_NONE ||
	     (description->power >= 0 &&
	      (unsigned int)description->power < description->component_count));
}

static const char *const properties[] = {
	"type",	    "memory",	   "ram-quota",	   "kept",	 "serves",	"priority",
	"cpu",	    "on-exit",	   "on-power-off", "on-restart", "on-fault",	"restarts",
	"pci",	    "trusted-dma", "used-devices", "log",	 "console-log", "read-log",
	"hardware", "provides",	   "io-ports",	   "io-memory",	 "irqs",	"binary",
	"version",  "overhead",	   "kernel",	   "initrd",	 "bootargs",	"consoles",
	"phandle",  "compatible",  "power",	   "timeout",	 "unknown",	"cpus",
	"Terminal", "PCI",	   "ROM",	   "IRQ",	 "Power",	"vcpus",
};
static const char *const texts[] = {
	"native",
	"linux",
	"4M",
	"16M",
	"64M",
	"4294967295G",
	"1000000000G",
	"4K",
	"1K",
	"stop",
	"restart",
	"reset",
	"power-off",
	"class 0c03xx",
	"device 1b36:000d",
	"bdf 00:1d.7",
	"Terminal",
	"PCI",
	"Power",
	"console",
	"nowhere",
	"vmlinux",
	"fifteen-letters",
	"sixteen-letters-",
	"",
	"a/b",
	"a b",
	"x\ty",
	"purlin,system",
	"2G",
	"2147483648G",
};
static const char *const names[] = {
	"components", "core", "routes",		  "a",		 "b",
	"c",	      "uart", "sixteen-letters-", "__symbols__", "a/b"
};

#define PICK(input, list) (list)[input_choice(input, sizeof(list) / sizeof((list)[0]))]

/* Pairs of first and count, whole pages. */
static void put_ranges(struct input *input, struct tree_writer *writer)
{
	fdt64_t value[6];
	unsigned int numbers = 2 + 2 * input_choice(input, 3);

	for (unsigned int i = 0; i < numbers; i++)
		value[i] = cpu_to_fdt64(input_number(input) & ~0xfffull);
	tree_property(writer, "io-memory", value, numbers * sizeof(value[0]));
}

static void put_value(struct input *input, struct tree_writer *writer, const char *name)
{
	char value[0x900];
	size_t bytes = 0;
	unsigned int kind = input_choice(input, 8), count;

	if (!strcmp(name, "io-memory") && kind < 6) {
		put_ranges(input, writer);
		return;
	}
	switch (kind) {
	case 0:
	case 1:
	case 2:
		count = kind == 2 ? input_choice(input, 30) : 1;
		for (unsigned int i = 0; i < count; i++) {
			strcpy(value + bytes, PICK(input, texts));
			bytes += strlen(value + bytes) + 1;
		}
		break;
	case 3: /* numbers, phandles among them */
		for (count = input_choice(input, 27) + 1u; count; count--, bytes += 4) {
			fdt32_t raw = cpu_to_fdt32((uint32_t)input_number(input));

			memcpy(value + bytes, &raw, 4);
		}
		break;
	case 4:
	case 5:
		bytes = 4;
		memcpy(value, (const uint8_t[]){ 0, 0, 0, input_byte(input) % 8 }, 4);
		break;
	case 6: /* long */
		bytes = input_bytes(input, 2) % sizeof(value);
		memset(value, 'x', bytes);
		value[bytes - !!bytes] = 0;
		break;
	default:
		bytes = input_choice(input, 16);
		input_fill(input, value, bytes);
	}
	tree_property(writer, name, value, bytes);
}

/* Instructions until none is left: a node begins, ends, has a property. */
static void *free_tree(struct input *input, struct tree_writer *writer, size_t *bytes)
{
	unsigned int depth = 1;
	char name[32];

	tree_begin(writer, "");
	while (input->left && tree_room(writer)) {
		unsigned int what = input_choice(input, 8);

		if (what == 0 && depth > 1) {
			tree_end(writer);
			depth--;
		} else if (what == 1 && depth < 40) {
			tree_begin(writer, PICK(input, names));
			depth++;
		} else if (what == 2) {
			input_fill(input, name, input_choice(input, 12) + 1u);
			name[12] = 0;
			put_value(input, writer, name);
		} else {
			put_value(input, writer, PICK(input, properties));
		}
	}
	for (; depth; depth--)
		tree_end(writer);
	return tree_finish(writer, bytes);
}

/* A description that is right but for what the input adds to it. */
static void *near_tree(struct input *input, struct tree_writer *writer, size_t *bytes)
{
	static const char phandle[2][4] = { { 0, 0, 0, 1 }, { 0, 0, 0, 2 } };
	unsigned int components = 1 + input_choice(input, 10);
	const char *memory = input_bit(input) ? PICK(input, texts) : NULL;
	char name[8] = "a";

	tree_begin(writer, "");
	tree_text(writer, "compatible", "purlin,system");
	tree_begin(writer, "core");
	tree_property(writer, "phandle", phandle[0], 4);
	tree_end(writer);
	tree_begin(writer, "components");
	for (unsigned int i = 0; i < components && tree_room(writer); i++) {
		bool guest = i && input_bit(input);

		name[0] = (char)(input_byte(input) < 250 ? 'a' + (int)i : input_byte(input) | 1);
		tree_begin(writer, name);
		tree_text(writer, "type", guest ? "linux" : "native");
		tree_text(writer, guest ? "kernel" : "binary", "file");
		tree_text(writer, "memory", guest ? "16M" : memory ? memory : PICK(input, texts));
		if (!i) {
			tree_property(writer, "phandle", phandle[1], 4);
			tree_property(writer, "provides", "Terminal\0PCI\0Power", 19);
		}
		for (unsigned int n = input_choice(input, 6); n && tree_room(writer); n--)
			put_value(input, writer, PICK(input, properties));
		tree_begin(writer, "routes");
		if (i) {
			tree_property(writer, "Terminal", phandle[1], 4);
			tree_property(writer, "PCI", phandle[1], 4);
		}
		tree_property(writer, "RAM", phandle[0], 4);
		for (unsigned int n = input_choice(input, 4); n && tree_room(writer); n--)
			put_value(input, writer, PICK(input, properties));
		tree_end(writer);
		tree_end(writer);
	}
	tree_end(writer);
	tree_end(writer);
	return tree_finish(writer, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tree_writer writer;
	static struct description description;
	struct input input = { data, size };
	unsigned int kind = input_choice(&input, 4), errors;
	struct description_target target = { .cpus = MACHINE_CPUS,
					     .memory = MACHINE_BYTES,
					     .module_exists = module_exists,
					     .error = error };
	size_t bytes;
	void *blob;

	memset(&writer, 0, sizeof(writer));
	blob = kind == 0 ? input_rest(&input, &bytes) :
	       kind == 1 ? free_tree(&input, &writer, &bytes) :
			   near_tree(&input, &writer, &bytes);
	/* Damage of single bytes, header included. */
	if (kind == 3)
		for (unsigned int n = input_choice(&input, 4); n && bytes; n--)
			((uint8_t *)blob)[input_bytes(&input, 2) % bytes] ^= input_byte(&input);
	told = 0;
	errors = description_read(&description, blob, bytes, &target);
	MUST(errors == told);
	if (!errors)
		check(&description);
	free(blob);
	return 0;
}
