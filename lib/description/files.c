/* SPDX-License-Identifier: MIT */
/* Rules of brokers (servers/broker/) that serve a file as a disk: which paths there can be. */
#include <string.h>

#include "internal.h"
#include "session/offer.h"

#define RULE_WORDS 12
#define SERVICE_WORD 2
#define OPTIONS 4 /* the words before them: LABEL CLIENT SERVICE IDENTITY */

struct word {
	const char *text;
	size_t length;
};

const char *served_file_problem(const char *path, size_t length)
{
	if (!length)
		return "names no file";
	if (length >= OFFER_FILE_BYTES)
		return "is too long: a path has up to 63 characters";
	if (*path == '/')
		return "begins with a slash: a path begins where its file system does";
	for (size_t at = 0; at <= length;) {
		const char *part = path + at, *slash = memchr(part, '/', length - at);
		size_t bytes = slash ? (size_t)(slash - part) : length - at;

		if (!bytes)
			return "has a slash too many";
		if ((bytes == 1 && *part == '.') || (bytes == 2 && !memcmp(part, "..", 2)))
			return "has a part . or .., which could lead anywhere";
		at += bytes + 1;
	}
	return NULL;
}

static bool is_text(const struct word *word, const char *text)
{
	return word->length == strlen(text) && !memcmp(word->text, text, word->length);
}

/* Up to as many as a rule can have; the broker refuses more. */
static unsigned int words_of(const char *rule, struct word *words)
{
	unsigned int count = 0;

	for (rule += strspn(rule, " "); *rule && count < RULE_WORDS; rule += strspn(rule, " ")) {
		words[count] = (struct word){ rule, strcspn(rule, " ") };
		rule += words[count++].length;
	}
	return count;
}

static void check_rule(struct reader *reader, const struct component_description *component,
		       const char *rule)
{
	struct word words[RULE_WORDS];
	unsigned int count = words_of(rule, words), files = 0;

	for (unsigned int i = OPTIONS; i < count; i++) {
		const char *path = words[i].text + 5;
		const char *problem;

		if (words[i].length < 5 || memcmp(words[i].text, "file:", 5))
			continue;
		problem = served_file_problem(path, words[i].length - 5);
		if (!problem && !is_text(&words[SERVICE_WORD], "Block"))
			problem = "is a file, which only a Block can have";
		if (!problem && files++)
			problem = "is the second file of its rule";
		if (problem)
			report_node(reader, component->node, "serves", "'%.*s' %s",
				    (int)words[i].length, words[i].text, problem);
	}
}

void check_files(struct reader *reader, const struct component_description *component)
{
	bool broker = false;

	for (unsigned int i = 0; i < component->provide_count; i++)
		broker |= !strcmp(component->provides[i], "Offer");
	for (unsigned int i = 0; broker && i < component->serve_count; i++)
		check_rule(reader, component, component->serves[i]);
}
