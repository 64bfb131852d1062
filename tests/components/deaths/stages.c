/* SPDX-License-Identifier: MIT */
/* The whole campaign. */
#include "stages.h"

const struct stage stages[] = {
	STAGES_OF(UART, 7, 4),
	STAGES_OF(PLATFORM, 20, 0),
	STAGES_OF(ECHO, 4, 0),
	{ VISITOR, FATE_CALLER, 40, STAGE_ALL },
};
const unsigned int stage_count = sizeof(stages) / sizeof(stages[0]);
