/* SPDX-License-Identifier: MIT */
/*
 * What code compiled with -fsanitize-coverage=trace-loads calls before each load. Include it once,
 * after `#define ON_LOAD function`: that is told address and size, and may change what lies there.
 */
#ifndef FUZZ_LOADS_H
#define FUZZ_LOADS_H

#include <stdint.h>

void __sanitizer_cov_load1(uint8_t *address);
void __sanitizer_cov_load1(uint8_t *address)
{
	ON_LOAD(address, 1);
}

void __sanitizer_cov_load2(uint16_t *address);
void __sanitizer_cov_load2(uint16_t *address)
{
	ON_LOAD(address, 2);
}

void __sanitizer_cov_load4(uint32_t *address);
void __sanitizer_cov_load4(uint32_t *address)
{
	ON_LOAD(address, 4);
}

void __sanitizer_cov_load8(uint64_t *address);
void __sanitizer_cov_load8(uint64_t *address)
{
	ON_LOAD(address, 8);
}

void __sanitizer_cov_load16(__int128 *address);
void __sanitizer_cov_load16(__int128 *address)
{
	ON_LOAD(address, 16);
}

#endif
