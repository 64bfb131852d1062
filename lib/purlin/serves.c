/* SPDX-License-Identifier: MIT */
/* The rules that a description gives a server. */
#include "runtime/serves.h"

#include "purlin/boot.h"
#include "runtime/rpc.h"

purlin_s64 serves_read(unsigned int number, char text[PARENT_SERVES_BYTES])
{
	purlin_s64 status;

	message()->word[0] = number;
	status = rpc(PURLIN_SLOT_PARENT, PARENT_SERVES, 1);
	if (!status)
		words_get_text(text, message()->word, PARENT_SERVES_BYTES - 1);
	return status;
}
