// SPDX-License-Identifier: MIT
/* Devices: which PCI functions components have, and what these may reach (session/devices.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "devices.h"
#include "purlinctl.h"
#include "session/pci.h"

#define TRIES 8 /* of a list that changes while it is read */
#define PAGE 4096

int ask(uint64_t operation, uint64_t first, uint64_t second, reply word)
{
	word[0] = operation;
	word[1] = first;
	word[2] = second;
	return ioctl(control, CONTROL_IOCTL_DEVICES, word);
}

const char *text_of(char *text, size_t bytes, const uint64_t *word)
{
	memcpy(text, word, bytes - 1);
	text[bytes - 1] = 0;
	return text;
}

static const char *state_of_function(const reply word)
{
	uint64_t flags = word[DEVICES_FUNCTION_FLAGS];

	return flags & DEVICES_PLATFORM	   ? "platform" :
	       flags & DEVICES_QUARANTINED ? "quarantined" :
	       flags & DEVICES_MOVING	   ? "moving" :
	       flags & DEVICES_OWNED	   ? "owned" :
	       flags & DEVICES_RESERVED	   ? "reserved" :
					     "free";
}

static const char *interrupt_kind(uint64_t kind)
{
	return kind == PCI_MSI	    ? "msi" :
	       kind == PCI_MSIX	    ? "msix" :
	       kind == DEVICES_LINE ? "line" :
				      "?";
}

/* How it comes: the kind of its interrupts, and how often they were delivered. */
static void print_interrupts(uint64_t bdf)
{
	uint64_t delivered = 0, count = 0, kind = 0;
	reply word;

	for (uint64_t i = 0; !ask(DEVICES_INTERRUPT, i, 0, word); i++) {
		if (word[0] != bdf)
			continue;
		kind = word[1];
		delivered += word[3];
		count++;
	}
	if (count)
		printf("%s x%lu: %lu", interrupt_kind(kind), count, delivered);
	else
		printf("-");
}

static void print_resets(uint64_t resets, const char *form)
{
	static const char *const names[] = { "function", "af", "power" };
	const char *between = "";

	for (unsigned int i = 0; i < 3; i++)
		if (resets >> i & 1) {
			printf("%s", between);
			printf(form, names[i]);
			between = ", ";
		}
}

static void print_row(const reply word)
{
	char owner[LABEL];

	text_of(owner, sizeof(owner), &word[DEVICES_FUNCTION_OWNER]);
	printf(PLACE "  %04lx:%04lx  %06lx  %-12s %-24s ", PLACE_OF(word[DEVICES_FUNCTION_BDF]),
	       word[DEVICES_FUNCTION_ID] & 0xffff, word[DEVICES_FUNCTION_ID] >> 16,
	       word[DEVICES_FUNCTION_CLASS] >> 8, state_of_function(word), *owner ? owner : "-");
	print_interrupts(word[DEVICES_FUNCTION_BDF]);
	printf("\n");
}

static void print_refusal(const reply word)
{
	char client[LABEL], reason[REASON];

	text_of(client, sizeof(client), &word[DEVICES_FUNCTION_CLIENT]);
	text_of(reason, sizeof(reason), &word[DEVICES_FUNCTION_REASON]);
	if (*client)
		printf(PLACE " was refused to %s: %s\n", PLACE_OF(word[DEVICES_FUNCTION_BDF]),
		       client, reason);
}

static void print_domain(const reply word)
{
	char label[LABEL];

	printf("%s: %lu devices reach %lu KiB in %lu mappings", text_of(label, sizeof(label), word),
	       word[4], word[6] * PAGE / 1024, word[5]);
	if (word[7])
		printf("; stopped %lu times, last at 0x%lx", word[7], word[9]);
	printf("\n");
}

static int print_table(void)
{
	reply word;

	printf("%-7s  %-9s  %-6s  %-12s %-24s %s\n", "DEVICE", "ID", "CLASS", "STATE", "OWNER",
	       "INTERRUPTS");
	for (uint64_t i = 0; !ask(DEVICES_FUNCTION, i, 0, word); i++)
		print_row(word);
	if (errno != ENODEV)
		return -1;
	for (uint64_t i = 0; !ask(DEVICES_DOMAIN, i, 0, word); i++)
		print_domain(word);
	if (errno != ENODEV)
		return -1;
	for (uint64_t i = 0; !ask(DEVICES_FUNCTION, i, 0, word); i++)
		print_refusal(word);
	return errno == ENODEV ? 0 : -1;
}

static void json_place(const char *name, uint64_t bdf)
{
	printf("\"%s\": \"" PLACE "\"", name, PLACE_OF(bdf));
}

/* Of the label's or the reason's characters, those that JSON wants to be escaped. */
static void json_text(const char *name, const char *text)
{
	printf("\"%s\": \"", name);
	for (; *text; text++)
		printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	printf("\"");
}

static void json_bars(uint64_t index)
{
	const char *between = "";
	reply word;

	printf("\"bars\": [");
	for (unsigned int bar = 0; bar < 7 && !ask(DEVICES_BAR, index, bar, word); bar++) {
		if (!word[1])
			continue;
		printf("%s{\"number\": \"%u\", \"kind\": \"%s\", \"address\": \"0x%lx\", "
		       "\"bytes\": %lu}",
		       between, bar, word[2] & PCI_BAR_PORTS ? "ports" : "memory", word[0],
		       word[1]);
		between = ", ";
	}
	printf("], ");
}

static void json_interrupts(uint64_t bdf)
{
	const char *between = "";
	reply word;

	printf("\"interrupts\": [");
	for (uint64_t i = 0; !ask(DEVICES_INTERRUPT, i, 0, word); i++) {
		if (word[0] != bdf)
			continue;
		printf("%s{\"kind\": \"%s\", \"number\": %lu, \"delivered\": %lu, \"storms\": %lu}",
		       between, interrupt_kind(word[1]), word[2], word[3], word[4]);
		between = ", ";
	}
	printf("]");
}

static void json_function(uint64_t index, const reply word)
{
	char text[REASON];

	printf("%s\n    {", index ? "," : "");
	json_place("at", word[DEVICES_FUNCTION_BDF]);
	printf(", \"id\": \"%04lx:%04lx\", \"class\": \"%06lx\", \"state\": \"%s\", \"resets\": [",
	       word[DEVICES_FUNCTION_ID] & 0xffff, word[DEVICES_FUNCTION_ID] >> 16,
	       word[DEVICES_FUNCTION_CLASS] >> 8, state_of_function(word));
	print_resets(word[DEVICES_FUNCTION_RESETS], "\"%s\"");
	printf("], ");
	json_place("group", word[DEVICES_FUNCTION_GROUP]);
	printf(", ");
	if (*text_of(text, LABEL, &word[DEVICES_FUNCTION_OWNER])) {
		json_text("owner", text);
		printf(", ");
		json_place("seen", word[DEVICES_FUNCTION_SEEN]);
		printf(", \"faults\": %lu, ", word[DEVICES_FUNCTION_FAULTS]);
	}
	if (*text_of(text, LABEL, &word[DEVICES_FUNCTION_CLIENT])) {
		printf("\"refused\": {");
		json_text("client", text);
		printf(", ");
		json_text("reason", text_of(text, REASON, &word[DEVICES_FUNCTION_REASON]));
		printf("}, ");
	}
	json_bars(index);
	json_interrupts(word[DEVICES_FUNCTION_BDF]);
	printf("}");
}

static void json_domain(uint64_t index, const reply word)
{
	char label[LABEL];

	printf("%s\n    {", index ? "," : "");
	json_text("owner", text_of(label, sizeof(label), word));
	printf(", \"devices\": %lu, \"mappings\": %lu, \"bytes\": %lu", word[4], word[5],
	       word[6] * PAGE);
	if (word[7]) {
		printf(", \"fault\": {\"count\": %lu, ", word[7]);
		json_place("seen", word[8]);
		printf(", \"address\": \"0x%lx\", \"reason\": \"0x%lx\"}", word[9], word[10]);
	}
	printf("}");
}

/* As `./purlin devices --json` has it. */
static int print_json(const reply machine)
{
	char kind[DEVICES_KIND_BYTES + 1];
	reply word;

	printf("{\"functions\": [");
	for (uint64_t i = 0; !ask(DEVICES_FUNCTION, i, 0, word); i++)
		json_function(i, word);
	if (errno != ENODEV)
		return -1;
	printf("], \"domains\": [");
	for (uint64_t i = 0; !ask(DEVICES_DOMAIN, i, 0, word); i++)
		json_domain(i, word);
	if (errno != ENODEV)
		return -1;
	printf("], \"sessions\": %lu, ", machine[2]);
	json_text("iommu", text_of(kind, sizeof(kind), &machine[3]));
	printf("}\n");
	return 0;
}

/* Into memory first: what has changed on the way is read again. */
static int print_whole(bool json)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		FILE *terminal = stdout;
		char *text = NULL;
		size_t bytes = 0;
		reply before, after;
		int ret;

		if (ask(DEVICES_MACHINE, 0, 0, before))
			return -1;
		stdout = open_memstream(&text, &bytes);
		ret = json ? print_json(before) : print_table();
		fclose(stdout);
		stdout = terminal;
		if (!ret && ask(DEVICES_MACHINE, 0, 0, after))
			ret = -1;
		if (!ret && after[0] == before[0])
			fwrite(text, 1, bytes, stdout);
		free(text);
		if (ret || after[0] == before[0])
			return ret;
	}
	errno = EAGAIN;
	return -1;
}

int places(void)
{
	reply word;

	for (uint64_t i = 0; !ask(DEVICES_FUNCTION, i, 0, word); i++)
		printf(PLACE "\n", PLACE_OF(word[DEVICES_FUNCTION_BDF]));
	return 0;
}

int devices(int words, char **word)
{
	int json = json_wanted(words, word);

	if (json < 0)
		return fail("devices takes --json and nothing else");
	if (!print_whole(json))
		return 0;
	return fail(errno == EACCES || errno == EPERM ?
			    "the system description gives this Linux no route for Devices" :
			    strerror(errno));
}
