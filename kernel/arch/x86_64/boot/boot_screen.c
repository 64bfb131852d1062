// SPDX-License-Identifier: MIT
/* The framebuffer that the loader left: whether it can be used, and when it can be reached. */
#include "arch/boot.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "debug/log_screen.h"

#define LEAST_WIDTH 320
#define LEAST_HEIGHT 200
#define MOST 16384 /* pixels of either */
#define BOOT_REACH (1ull << 32)
#define REACH ((uint64_t)DIRECT_MAP_SLOTS << 39)

/* A wrong size would make the kernel write to other devices. */
static bool usable(const struct purlin_framebuffer *framebuffer)
{
	uint64_t line = (uint64_t)framebuffer->width * ((framebuffer->depth + 7u) / 8);

	return (framebuffer->depth == 16 || framebuffer->depth == 24 || framebuffer->depth == 32) &&
	       framebuffer->width >= LEAST_WIDTH && framebuffer->width <= MOST &&
	       framebuffer->height >= LEAST_HEIGHT && framebuffer->height <= MOST &&
	       framebuffer->pitch >= line && framebuffer->pitch <= 4 * MOST &&
	       framebuffer->base < REACH - (1ull << 32);
}

static void begin(void)
{
	log_screen_start(arch_physical_to_kernel((struct physical){ boot_info.framebuffer.base }),
			 &boot_info.framebuffer);
}

/* With the tables of start.S; a framebuffer beyond them has to wait for the final ones. */
void screen_find(const struct boot_data *data)
{
	if (!usable(&data->framebuffer))
		return;
	boot_info.framebuffer = data->framebuffer;
	if (data->framebuffer.base + framebuffer_bytes(&boot_info.framebuffer) <= BOOT_REACH)
		begin();
}

void screen_reach(void)
{
	if (boot_info.framebuffer.width &&
	    boot_info.framebuffer.base + framebuffer_bytes(&boot_info.framebuffer) > BOOT_REACH)
		begin();
}
