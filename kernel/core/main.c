// SPDX-License-Identifier: MIT
/* The generic kernel's start. */
#include "arch/machine.h"
#include "core/core_start.h"
#include "base/lock.h"
#include "object/scheduler.h"
#include "debug/log.h"

void kernel_main(void)
{
	scheduler_init();
	core_start(&boot_info, boot_bundle);
	log_defer();
}

_Noreturn void kernel_secondary(void)
{
	kernel_lock();
	arch_leave();
}
