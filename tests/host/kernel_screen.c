/* SPDX-License-Identifier: MIT */
/* The log on a framebuffer in memory: every pixel, and nothing beyond the framebuffer's own. */
#include "debug/log_screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/timeout.h"
#include "debug/log.h"
#include "debug/screen.h"
#include "kernel_support.h"

#define CELL_WIDTH 8u
#define CELL_HEIGHT 16u

static const uint8_t glyphs[][CELL_HEIGHT] = {
#include "kernel/font.inc"
};

static struct purlin_framebuffer mode;
static uint8_t *pixels;
static unsigned int scale;

/* Exactly as large as it says: AddressSanitizer sees each byte outside. */
static void make(uint32_t width, uint32_t height, uint8_t depth, uint32_t more)
{
	free(pixels);
	scale = width >= 2560 ? 2 : 1;
	mode = (struct purlin_framebuffer){ .base = 0x80000000,
					    .width = width,
					    .height = height,
					    .depth = depth,
					    .pitch = width * ((depth + 7u) / 8) + more };
	pixels = malloc((size_t)mode.pitch * height);
	assert_non_null(pixels);
	memset(pixels, 0x5a, (size_t)mode.pitch * height);
}

static void put(const char *text)
{
	for (; *text; text++)
		while (!screen_step(*text))
			;
}

/* Black 0, white 1, anything else fails. */
static unsigned int pixel(uint32_t x, uint32_t y)
{
	const uint8_t *at = pixels + (size_t)y * mode.pitch + x * ((mode.depth + 7u) / 8);

	for (unsigned int i = 1; i < (mode.depth + 7u) / 8; i++)
		assert_int_equal(at[i], at[0]);
	assert_true(at[0] == 0 || at[0] == 0xff);
	return at[0] == 0xff;
}

/* The character in a cell; 0: none of ours. */
static char cell(uint32_t column, uint32_t row)
{
	uint8_t seen[CELL_HEIGHT] = { 0 };

	for (uint32_t y = 0; y < CELL_HEIGHT * scale; y++) {
		uint8_t line = 0;

		for (uint32_t x = 0; x < CELL_WIDTH * scale; x++)
			line |= (uint8_t)(pixel(column * CELL_WIDTH * scale + x,
						row * CELL_HEIGHT * scale + y)
					  << (7 - x / scale));
		if (y % scale)
			assert_int_equal(seen[y / scale], line);
		seen[y / scale] = line;
	}
	for (unsigned int i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++)
		if (!memcmp(seen, glyphs[i], sizeof(seen)))
			return (char)('!' + i);
	for (unsigned int y = 0; y < CELL_HEIGHT; y++)
		if (seen[y])
			return 0;
	return ' ';
}

static void shows(uint32_t row, const char *text)
{
	char seen[256];
	uint32_t columns = mode.width / (CELL_WIDTH * scale);

	for (uint32_t i = 0; i < columns; i++)
		seen[i] = cell(i, row);
	seen[columns] = 0;
	while (columns > 0 && seen[columns - 1] == ' ')
		seen[--columns] = 0;
	assert_string_equal(seen, text);
}

static void every_character_in_every_depth(void **state)
{
	static const uint8_t depths[] = { 16, 24, 32 };
	char all[96];

	(void)state;
	for (unsigned int i = 0; i < 95; i++)
		all[i] = (char)(' ' + i);
	all[95] = 0;
	for (unsigned int i = 0; i < sizeof(depths); i++) {
		for (uint32_t width = 800; width <= 2560; width += 1760) {
			make(width, 200, depths[i], i * 12);
			screen_start(pixels, &mode);
			put("x\n");
			put(all);
			shows(0, "x");
			shows(1, all);
			shows(2, "");
		}
	}
}

static void glyphs_differ(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++)
		for (unsigned int j = 0; j < i; j++)
			assert_int_not_equal(memcmp(glyphs[i], glyphs[j], CELL_HEIGHT), 0);
}

/* 40 columns and 12 rows, with pixels left over on both sides. */
static void long_lines_and_the_bottom(void **state)
{
	char line[42];

	(void)state;
	make(323, 203, 32, 0);
	memset(line, 'a', 41);
	line[41] = 0;
	screen_start(pixels, &mode);
	put(line);
	line[40] = 0;
	shows(0, line);
	shows(1, "a");
	for (unsigned int i = 2; i < 13; i++)
		put("\nnext");
	shows(11, "next");
	put("\n\tfirst");
	shows(0, "next");
	shows(1, "        first");
	shows(2, "");
	shows(3, "next");
}

static void what_has_no_glyph_is_blank(void **state)
{
	(void)state;
	make(640, 200, 32, 0);
	screen_start(pixels, &mode);
	put("a\x80\x1f\x7f\xff"
	    "b");
	shows(0, "a    b");
}

/* A step is at most a line of pixels or a letter: what it costs does not depend on the text. */
static void steps_are_bounded(void **state)
{
	unsigned int steps = 0;

	(void)state;
	make(640, 200, 32, 0);
	screen_start(pixels, &mode);
	while (!screen_step('a'))
		steps++;
	assert_int_equal(steps, mode.height);
	assert_true(screen_step('\n'));
	for (steps = 0; !screen_step('a'); steps++)
		;
	assert_int_equal(steps, CELL_HEIGHT);
}

static void expire(void)
{
	host.time += arch_time_hz() / 1000;
	timeout_expired();
}

/* What the log said before there was a screen, then each line, then by timeouts only. */
static void the_log_appears(void **state)
{
	(void)state;
	log_print("\nbefore\n");
	make(640, 200, 32, 0);
	log_screen_start(pixels, &mode);
	log_print("now\n");
	for (unsigned int row = 0; row < 11; row++)
		if (cell(0, row) == 'b') {
			shows(row, "before");
			shows(row + 1, "now");
			shows(row + 2, "");
			return;
		}
	fail();
}

/* After log_defer(): nothing in the call, all of it within some milliseconds. */
static void later_nobody_waits(void **state)
{
	static uint8_t copy[640 * 200 * 4];

	(void)state;
	log_defer();
	memcpy(copy, pixels, sizeof(copy));
	log_print("later\n");
	assert_memory_equal(copy, pixels, sizeof(copy));
	log_ring_deliver();
	assert_memory_equal(copy, pixels, sizeof(copy));
	for (unsigned int i = 0; i < 3; i++)
		expire();
	assert_memory_not_equal(copy, pixels, sizeof(copy));
}

/* While somebody has a part of the framebuffer, the kernel writes nothing there. */
static void an_owner_has_it_alone(void **state)
{
	static uint8_t copy[640 * 200 * 4];
	struct physical inside = { mode.base + 0x1000 }, below = { mode.base - PAGE_SIZE };
	struct physical above = { mode.base + sizeof(copy) };

	(void)state;
	log_screen_memory(below, 1, true);
	log_screen_memory(above, 1, true);
	log_print("neighbours do not matter\n");
	log_ring_deliver();
	for (unsigned int i = 0; i < 40; i++)
		expire();
	log_screen_memory(inside, 1, true);
	memcpy(copy, pixels, sizeof(copy));
	log_print("not seen\n");
	log_ring_deliver();
	for (unsigned int i = 0; i < 40; i++)
		expire();
	assert_memory_equal(copy, pixels, sizeof(copy));
	log_screen_memory(below, 2, true);
	log_screen_memory(inside, 1, false);
	assert_memory_equal(copy, pixels, sizeof(copy));
	log_screen_memory(below, 2, false);
	for (unsigned int i = 0; i < 2000; i++)
		expire();
	for (unsigned int row = 0; row < 12; row++)
		if (cell(0, row) == 'n' && cell(4, row) == 's') {
			shows(row, "not seen");
			return;
		}
	fail();
}

static void a_panic_takes_it(void **state)
{
	struct physical all = { mode.base };

	(void)state;
	log_screen_memory(all, 100, true);
	memset(pixels, 0x5a, (size_t)mode.pitch * mode.height);
	log_screen_panic();
	log_print("the end\n");
	log_ring_deliver();
	for (unsigned int row = 0; row < 12; row++)
		if (cell(0, row) == 't' && cell(4, row) == 'e') {
			shows(row, "the end");
			return;
		}
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_in_every_depth),
		cmocka_unit_test(glyphs_differ),
		cmocka_unit_test(long_lines_and_the_bottom),
		cmocka_unit_test(what_has_no_glyph_is_blank),
		cmocka_unit_test(steps_are_bounded),
		cmocka_unit_test(the_log_appears),
		cmocka_unit_test(later_nobody_waits),
		cmocka_unit_test(an_owner_has_it_alone),
		cmocka_unit_test(a_panic_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
