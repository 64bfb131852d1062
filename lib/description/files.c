/* SPDX-License-Identifier: MIT */
/* Rules of brokers (servers/broker/) that serve a file as a disk: which paths there can be. */
#include <string.h>

#include "internal.h"
#include "session/offer.h"

#define RULE_WORDS 12
#define SERVICE_WORD 2
#define IDENTITY_WORD 3
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

static const struct word *option(const struct word *words, unsigned int count, const char *start)
{
	static const struct word none = { "", 0 };

	for (unsigned int i = OPTIONS; i < count; i++)
		if (!strncmp(words[i].text, start, strlen(start)))
			return &words[i];
	return &none;
}

static bool same(const struct word *one, const struct word *other)
{
	return one->length == other->length && !memcmp(one->text, other->text, one->length);
}

/* Rules that name it differently are found by the Linux that serves it. */
static bool same_file(const char *one, const char *other)
{
	static const char *const starts[] = { "file:", "part-", "from:" };
	struct word words[2][RULE_WORDS];
	unsigned int count = words_of(one, words[0]), others = words_of(other, words[1]);

	if (count <= OPTIONS || others <= OPTIONS || !option(words[0], count, "file:")->length ||
	    !same(&words[0][IDENTITY_WORD], &words[1][IDENTITY_WORD]))
		return false;
	for (unsigned int i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!same(option(words[0], count, starts[i]), option(words[1], others, starts[i])))
			return false;
	return true;
}

static void check_twice(struct reader *reader, const struct component_description *component,
			unsigned int index)
{
	for (unsigned int i = 0; i < index; i++)
		if (same_file(component->serves[i], component->serves[index]))
			report_node(reader, component->node, "serves",
				    "'%s' serves a file that another rule serves",
				    component->serves[index]);
}

void check_files(struct reader *reader, const struct component_description *component)
{
	bool broker = false;

	for (unsigned int i = 0; i < component->provide_count; i++)
		broker |= !strcmp(component->provides[i], "Offer");
	for (unsigned int i = 0; broker && i < component->serve_count; i++) {
		check_rule(reader, component, component->serves[i]);
		check_twice(reader, component, i);
	}
}
