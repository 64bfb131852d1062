// SPDX-License-Identifier: MIT
/* Letters on the framebuffer: white on black, so that colours need no conversion. */
#include "debug/screen.h"

#include "base/string.h"

#define CELL_WIDTH 8 /* pixels of the font */
#define CELL_HEIGHT 16
#define MOST_SCALE 2
#define MOST_PIXEL 4 /* bytes */
#define WIDE 2560    /* pixels: letters would be too small to read */
#define GLYPH_FIRST '!'
#define TAB 8

static const uint8_t glyphs[][CELL_HEIGHT] = {
#include "kernel/font.inc"
};
#define GLYPHS (sizeof(glyphs) / sizeof(glyphs[0]))

static struct {
	uint8_t *pixels;
	uint32_t pitch, pixel; /* bytes */
	unsigned int scale;
	unsigned int columns, rows; /* of cells */
	unsigned int column, row;
	uint32_t clear_line, clear_left; /* lines of pixels */
} screen;

static uint32_t row_height(void)
{
	return CELL_HEIGHT * screen.scale;
}

void screen_start(void *pixels, const struct purlin_framebuffer *framebuffer)
{
	screen.pixels = pixels;
	screen.pitch = framebuffer->pitch;
	screen.pixel = (framebuffer->depth + 7u) / 8;
	screen.scale = framebuffer->width >= WIDE ? MOST_SCALE : 1;
	screen.columns = framebuffer->width / (CELL_WIDTH * screen.scale);
	screen.rows = framebuffer->height / row_height();
	screen.column = 0;
	screen.row = 0;
	screen.clear_line = 0;
	screen.clear_left = framebuffer->height;
}

static void line_clear(void)
{
	memset(screen.pixels + (uint64_t)screen.clear_line * screen.pitch, 0, screen.pitch);
	screen.clear_line++;
	screen.clear_left--;
}

static void row_next(void)
{
	screen.column = 0;
	screen.row = (screen.row + 1) % screen.rows;
	screen.clear_line = (screen.row + 1) % screen.rows * row_height();
	screen.clear_left = row_height();
}

/* As wide as the widest: the next pixel covers what is too much. */
static void pixel_put(uint8_t *to, bool white)
{
	uint32_t value = white ? ~0u : 0;

	__builtin_memcpy(to, &value, MOST_PIXEL);
}

/* One line of a letter: a bit is as many pixels as the scale says. */
static void line_put(uint8_t *to, unsigned int bits)
{
	for (unsigned int x = 0; x < CELL_WIDTH; x++) {
		for (unsigned int i = 0; i < screen.scale; i++, to += screen.pixel)
			pixel_put(to, bits & 0x80u >> x);
	}
}

/* A line of the letter is put together in the cache: the framebuffer is only ever written. */
static void glyph_draw(const uint8_t *glyph)
{
	uint8_t line[CELL_WIDTH * MOST_SCALE * MOST_PIXEL + MOST_PIXEL];
	uint32_t width = CELL_WIDTH * screen.scale;
	uint8_t *to = screen.pixels + (uint64_t)screen.row * row_height() * screen.pitch +
		      (uint64_t)screen.column * width * screen.pixel;

	for (unsigned int y = 0; y < CELL_HEIGHT; y++) {
		line_put(line, glyph[y]);
		for (unsigned int i = 0; i < screen.scale; i++, to += screen.pitch)
			memcpy(to, line, width * screen.pixel);
	}
}

bool screen_step(char character)
{
	unsigned int index = (unsigned char)character - (unsigned int)GLYPH_FIRST;

	if (screen.clear_left > 0) {
		line_clear();
		return false;
	}
	if (character == '\n') {
		row_next();
		return true;
	}
	if (screen.column >= screen.columns) {
		row_next();
		return false;
	}
	if (index < GLYPHS)
		glyph_draw(glyphs[index]);
	screen.column += character == '\t' ? TAB - screen.column % TAB : 1;
	return true;
}
