/* SPDX-License-Identifier: GPL-2.0 */
/* What /sys/devices/system/cpu says, as /proc/cpuinfo does: one package, each vCPU a core. */
#ifndef _ASM_PURLIN_TOPOLOGY_H
#define _ASM_PURLIN_TOPOLOGY_H

#define topology_physical_package_id(cpu)	((void)(cpu), 0)
#define topology_core_id(cpu)			(cpu)
#define topology_core_cpumask(cpu)		((void)(cpu), cpu_online_mask)

#include <asm-generic/topology.h>

#endif
