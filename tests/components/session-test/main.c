/* SPDX-License-Identifier: MIT */
/* Uses every session a component can have, and their errors. */
#include "runtime/component.h"
#include "tests.h"

int component_main(purlin_u64 argument)
{
	(void)argument;
	test_parent();
	test_log();
	test_rom();
	test_ram();
	test_claims();
	test_io_port();
	test_io_mem();
	test_irq();
	test_processors();
	test_timer();
	test_terminal();
	test_most_sessions();
	return check_sum();
}
