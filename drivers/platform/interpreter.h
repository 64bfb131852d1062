/* SPDX-License-Identifier: MIT */
/*
 * ACPICA reads what firmware wrote, and is easily broken by it. So it runs in a protection domain
 * of its own, the interpreter, with memory and a processor, and nothing else. It asks the platform
 * component for every access to the machine, and the platform component checks its findings like
 * those of a stranger.
 *
 * Both have one area of memory. The platform component puts a command there and notifies ANSWERS.
 * The interpreter asks for things, one at a time, and gets an answer each: it notifies ASKS and
 * waits for ANSWERS. At last it asks with DONE, whose answer is the next command.
 */
#ifndef PLATFORM_INTERPRETER_H
#define PLATFORM_INTERPRETER_H

#include "acpi.h"
#include "purlin/types.h"

/* Where the area is, and slots of the two signals, in the interpreter. */
#define INTERPRETER_AREA 0x0000000f00000000ull
#define INTERPRETER_ASKS 6
#define INTERPRETER_ANSWERS 7
#define INTERPRETER_ASKED 1ull /* bit of ASKS */

enum interpreter_request {
	INTERPRETER_DONE,  /* result of the command */
	INTERPRETER_MAP,   /* physical address, size, virtual address of the first page: number */
	INTERPRETER_UNMAP, /* number */
	INTERPRETER_PORT_READ,	  /* port, size: value */
	INTERPRETER_PORT_WRITE,	  /* port, size, value */
	INTERPRETER_CONFIG_READ,  /* function, offset, size: value */
	INTERPRETER_CONFIG_WRITE, /* function, offset, size, value */
	INTERPRETER_ECAM,	  /* address, first bus, last bus */
	INTERPRETER_PAUSE,	  /* nanoseconds */
	INTERPRETER_LOG,	  /* `line` */
};

enum interpreter_command {
	INTERPRETER_START,     /* level, TSC per second, RSDP: usable?, a description */
	INTERPRETER_ROUTES,    /* number of bridges: routes */
	INTERPRETER_TABLE,     /* signature: bytes of the table, the table */
	INTERPRETER_POWER_OFF, /* returns only if firmware offers no way */
	INTERPRETER_RESET,
};

/* How much it reads. An interpreter that has ended is followed by one that reads less. */
enum interpreter_level {
	INTERPRETER_ALL,
	INTERPRETER_DSDT, /* of those with AML only the first: the board's maker tested that most */
	INTERPRETER_NO_AML,
	INTERPRETER_LEVELS
};

#define INTERPRETER_TABLE_BYTES 0x10000
#define INTERPRETER_LINE_BYTES 256

struct interpreter_message {
	purlin_u64 operation;
	purlin_u64 word[4];
};

/* Numbers only: any bits of theirs are a value. */
struct interpreter_description {
	purlin_u64 roots;
	purlin_u64 root[ACPI_ROOTS];
	purlin_u64 native_slots;
	purlin_u64 native_errors;
	purlin_u64 windows;
	struct {
		purlin_u64 base, size, ports, prefetchable;
	} window[ACPI_WINDOWS];
	purlin_u64 taken;
	struct {
		purlin_u64 first, last, ports;
	} take[ACPI_TAKEN];
};

struct interpreter_routes {
	purlin_u64 count;
	struct {
		purlin_u8 bus, slot, pin, level, active_low;
		purlin_u32 gsi;
	} route[ACPI_ROUTES];
	purlin_u8 bus_has_table[256];
};

struct interpreter_bridge {
	purlin_u16 bdf;
	purlin_u8 secondary;
};

struct interpreter_area {
	struct interpreter_message request;
	struct interpreter_message command;
	purlin_s64 status; /* 0, or why not */
	purlin_u64 value;
	_Alignas(8) char line[INTERPRETER_LINE_BYTES];
	union {
		struct interpreter_description description;
		struct interpreter_routes routes;
		struct interpreter_bridge bridge[PCI_TREE_FUNCTIONS];
		purlin_u8 table[INTERPRETER_TABLE_BYTES];
	} data;
};

#define INTERPRETER_AREA_PAGES \
	((sizeof(struct interpreter_area) + PURLIN_PAGE_SIZE - 1) / PURLIN_PAGE_SIZE)

/* Let the interpreter run where the component's own first thread does, with the same priority. */
void interpreter_place(purlin_u64 component_argument);

/*
 * Start one, which reads the tables and runs AML. If it ends, or takes too long, the log says so
 * and one of the next level is started. False: the last one ended, too, and there is none.
 */
bool interpreter_start(purlin_u64 *usable);

/*
 * Have a command carried out. False: the interpreter ended over it; there is another one now, or
 * none.
 */
bool interpreter_run(const struct interpreter_message *command, purlin_u64 *result);

/* The area that both have; NULL: there is no interpreter. Each word has to be read once. */
struct interpreter_area *interpreter_area(void);

/* Copy out of the area: words, each of which is read once. */
void interpreter_copy(void *to, const void *from, size_t bytes);

/* Answers a request, of which this is a copy. */
purlin_s64 interpreter_serve(const struct interpreter_message *request, purlin_u64 pd,
			     const char *line, purlin_u64 *value);

#endif
