/* SPDX-License-Identifier: MIT */
/* Numbers in firmware's tables: little-endian, at any address. */
#ifndef PLATFORM_FIRMWARE_BYTES_H
#define PLATFORM_FIRMWARE_BYTES_H

#include <stdint.h>

static inline unsigned int firmware16(const uint8_t *at)
{
	return at[0] | (unsigned int)at[1] << 8;
}

static inline uint64_t firmware64(const uint8_t *at)
{
	uint64_t value = 0;

	for (unsigned int i = 8; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

#endif
