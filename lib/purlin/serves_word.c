/* SPDX-License-Identifier: MIT */
/* Words of the rules that a description gives a server. */
#include <string.h>

#include "runtime/serves.h"

const char *serves_word(char **at)
{
	char *word = *at + strspn(*at, " ");
	size_t length = strcspn(word, " ");

	*at = word + length + (word[length] != 0);
	word[length] = 0;
	return word;
}
