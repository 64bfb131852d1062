/* SPDX-License-Identifier: MIT */
/*
 * Which PCI devices: "class 0c03xx", "device 1b36:000d" ("x" for any digit), "bdf 00:1d.7",
 * "slot 3"; "moved " before it: only if they are moved there.
 */
#include <string.h>

#include "internal.h"
#include "session/pci.h"

#define BDF_MASK 0xffff
#define SLOT_MASK 0x1fff
#define MOVED "moved "

/* Hexadecimal digits, where x stands for any; false at another character. */
static bool parse_digits(const char *text, unsigned int count, bool wild, uint32_t *value,
			 uint32_t *mask)
{
	for (unsigned int i = 0; i < count; i++) {
		unsigned int character = (unsigned char)text[i];
		unsigned int lower = character | 0x20;
		bool any = wild && lower == 'x';
		unsigned int digit = 0;

		if (character >= '0' && character <= '9')
			digit = character - '0';
		else if (lower >= 'a' && lower <= 'f')
			digit = lower - 'a' + 10;
		else if (!any)
			return false;
		*value = *value << 4 | digit;
		*mask = *mask << 4 | (any ? 0u : 0xfu);
	}
	return true;
}

static bool parse_class(const char *text, struct description_pci_rule *rule)
{
	return strlen(text) == 6 && parse_digits(text, 6, true, &rule->value, &rule->mask);
}

/* vendor:device, each of four digits; in the rule, as in configuration space, the vendor is low. */
static bool parse_id(const char *text, struct description_pci_rule *rule)
{
	uint32_t value[2] = { 0, 0 };
	uint32_t mask[2] = { 0, 0 };

	if (strlen(text) != 9 || text[4] != ':' ||
	    !parse_digits(text, 4, true, &value[0], &mask[0]) ||
	    !parse_digits(text + 5, 4, true, &value[1], &mask[1]))
		return false;
	rule->value = value[0] | value[1] << 16;
	rule->mask = mask[0] | mask[1] << 16;
	return true;
}

/* bus:device.function as lspci prints it. */
static bool parse_bdf(const char *text, struct description_pci_rule *rule)
{
	uint32_t bus = 0, device = 0, function, mask = 0;

	if (strlen(text) != 7 || text[2] != ':' || text[5] != '.' ||
	    !parse_digits(text, 2, false, &bus, &mask) ||
	    !parse_digits(text + 3, 2, false, &device, &mask))
		return false;
	if (device > 31 || text[6] < '0' || text[6] > '7')
		return false;
	function = (uint32_t)(text[6] - '0');
	rule->value = bus << 8 | device << 3 | function;
	rule->mask = BDF_MASK;
	return true;
}

/* The number that is written beside it, in decimal (PCI Express 5.0, 7.5.3.9). */
static bool parse_slot(const char *text, struct description_pci_rule *rule)
{
	rule->mask = SLOT_MASK;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		rule->value = rule->value * 10 + (uint32_t)(*text - '0');
		if (rule->value > SLOT_MASK)
			return false;
	}
	return true;
}

bool pci_rule_parse(const char *text, struct description_pci_rule *rule)
{
	static const struct {
		const char *word;
		uint32_t kind;
		bool (*parse)(const char *text, struct description_pci_rule *rule);
	} forms[] = {
		{ "class ", PCI_RULE_CLASS, parse_class },
		{ "device ", PCI_RULE_ID, parse_id },
		{ "bdf ", PCI_RULE_BDF, parse_bdf },
		{ "slot ", PCI_RULE_SLOT, parse_slot },
	};
	bool moved = !strncmp(text, MOVED, strlen(MOVED));

	text += moved ? strlen(MOVED) : 0;

	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = strlen(forms[i].word);

		if (strncmp(text, forms[i].word, length))
			continue;
		/*
		 * The mask grows with the digits, so bits that no digit names are not compared.
		 */
		memset(rule, 0, sizeof(*rule));
		rule->kind = forms[i].kind | (moved ? PCI_RULE_MOVED : 0u);
		return forms[i].parse(text + length, rule);
	}
	return false;
}
