/* SPDX-License-Identifier: MIT */
/*
 * The operating system services ACPICA asks for (ACPICA Programmer Reference, chapter 9):
 * one thread, no interrupt handlers; deferred work runs at once.
 */
#include "acpi/acpi.h"
#include "hardware.h"
#include "pci_config.h"
#include "turn.h"

acpi_status acpi_os_initialize(void)
{
	return AE_OK;
}

acpi_status acpi_os_terminate(void)
{
	return AE_OK;
}

acpi_physical_address acpi_os_get_root_pointer(void)
{
	acpi_physical_address address = hardware_rsdp();

	if (!address)
		(void)acpi_find_root_pointer(&address);
	return address;
}

/*
 * Nothing of firmware's is replaced. What its AML says is checked by the component that asks
 * (acpi_remote.c).
 */
acpi_status acpi_os_predefined_override(const struct acpi_predefined_names *initial, char **value)
{
	(void)initial;
	*value = NULL;
	return AE_OK;
}

acpi_status acpi_os_table_override(struct acpi_table_header *existing,
				   struct acpi_table_header **replacement)
{
	(void)existing;
	*replacement = NULL;
	return AE_OK;
}

acpi_status acpi_os_physical_table_override(struct acpi_table_header *existing,
					    acpi_physical_address *address, u32 *length)
{
	(void)existing;
	*address = 0;
	*length = 0;
	return AE_OK;
}

/*
 * Locks: one thread uses the interpreter at a time, first the one that starts, then that of
 * Power. The handles only have to differ from NULL.
 */
static char lock_handle;

acpi_status acpi_os_create_lock(acpi_spinlock *handle)
{
	*handle = &lock_handle;
	return AE_OK;
}

void acpi_os_delete_lock(acpi_spinlock handle)
{
	(void)handle;
}

acpi_cpu_flags acpi_os_acquire_lock(acpi_spinlock handle)
{
	(void)handle;
	return 0;
}

void acpi_os_release_lock(acpi_spinlock handle, acpi_cpu_flags flags)
{
	(void)handle;
	(void)flags;
}

/*
 * Semaphores count, so that AML that waits for an event nobody can signal gets a
 * time-out instead of a hang.
 */
struct semaphore {
	u32 units;
};

acpi_status acpi_os_create_semaphore(u32 maximum, u32 initial, acpi_semaphore *handle)
{
	struct semaphore *semaphore = acpi_os_allocate(sizeof(*semaphore));

	(void)maximum;
	if (!semaphore)
		return AE_NO_MEMORY;
	semaphore->units = initial;
	*handle = semaphore;
	return AE_OK;
}

acpi_status acpi_os_delete_semaphore(acpi_semaphore handle)
{
	acpi_os_free(handle);
	return AE_OK;
}

acpi_status acpi_os_wait_semaphore(acpi_semaphore handle, u32 units, u16 timeout)
{
	struct semaphore *semaphore = handle;

	(void)timeout;
	if (!semaphore)
		return AE_BAD_PARAMETER;
	/* Nobody else runs AML who could signal it, so waiting would be for ever. */
	if (semaphore->units < units)
		return AE_TIME;
	semaphore->units -= units;
	return AE_OK;
}

acpi_status acpi_os_signal_semaphore(acpi_semaphore handle, u32 units)
{
	struct semaphore *semaphore = handle;

	if (!semaphore)
		return AE_BAD_PARAMETER;
	semaphore->units += units;
	return AE_OK;
}

void *acpi_os_allocate(acpi_size size)
{
	return malloc(size);
}

void acpi_os_free(void *memory)
{
	free(memory);
}

void *acpi_os_map_memory(acpi_physical_address where, acpi_size length)
{
	return hardware_map(where, length);
}

void acpi_os_unmap_memory(void *address, acpi_size size)
{
	hardware_unmap(address, size);
}

/* ACPI's own interrupt stays unclaimed: power buttons and hot-plug are not handled. */
acpi_status acpi_os_install_interrupt_handler(u32 interrupt, acpi_osd_handler handler,
					      void *context)
{
	(void)interrupt;
	(void)handler;
	(void)context;
	return AE_OK;
}

acpi_status acpi_os_remove_interrupt_handler(u32 interrupt, acpi_osd_handler handler)
{
	(void)interrupt;
	(void)handler;
	return AE_OK;
}

acpi_thread_id acpi_os_get_thread_id(void)
{
	return 1; /* 0 means "no owner" to ACPICA's mutexes */
}

acpi_status acpi_os_execute(acpi_execute_type type, acpi_osd_exec_callback function, void *context)
{
	/* At once, in the caller's thread: there is no other one that the interpreter may use. */
	(void)type;
	function(context);
	return AE_OK;
}

void acpi_os_wait_events_complete(void)
{
}

void acpi_os_sleep(u64 milliseconds)
{
	turn_pause(milliseconds * 1000000);
}

/*
 * By turning, as AML expects: ACPICA allows 255 microseconds at most, less than a pause would take.
 */
void acpi_os_stall(u32 microseconds)
{
	u64 end = hardware_time_ns() + (u64)microseconds * 1000;

	while (hardware_time_ns() < end)
		;
}

u64 acpi_os_get_timer(void)
{
	return hardware_time_ns() / 100; /* in units of 100 ns */
}

acpi_status acpi_os_read_port(acpi_io_address address, u32 *value, u32 width)
{
	return hardware_port_read((uint16_t)address, width / 8, value) ? AE_OK : AE_NOT_EXIST;
}

acpi_status acpi_os_write_port(acpi_io_address address, u32 value, u32 width)
{
	return hardware_port_write((uint16_t)address, width / 8, value) ? AE_OK : AE_NOT_EXIST;
}

/*
 * Registers: each is accessed once, and in its own width, or a read could have effects that were
 * not asked for. The two functions differ in direction only, but share no expression.
 */
acpi_status acpi_os_read_memory(acpi_physical_address address, u64 *value, u32 width)
{
	volatile void *at = hardware_map(address, width / 8);

	if (!at)
		return AE_NO_MEMORY;
	switch (width) {
	case 8:
		*value = *(volatile u8 *)at;
		break;
	case 16:
		*value = *(volatile u16 *)at;
		break;
	case 32:
		*value = *(volatile u32 *)at;
		break;
	default:
		*value = *(volatile u64 *)at;
		break;
	}
	hardware_unmap((void *)(uintptr_t)at, width / 8);
	return AE_OK;
}

acpi_status acpi_os_write_memory(acpi_physical_address address, u64 value, u32 width)
{
	volatile void *at = hardware_map(address, width / 8);

	if (!at)
		return AE_NO_MEMORY;
	switch (width) {
	case 8:
		*(volatile u8 *)at = (u8)value;
		break;
	case 16:
		*(volatile u16 *)at = (u16)value;
		break;
	case 32:
		*(volatile u32 *)at = (u32)value;
		break;
	default:
		*(volatile u64 *)at = value;
		break;
	}
	hardware_unmap((void *)(uintptr_t)at, width / 8);
	return AE_OK;
}

/* A function of another segment, or an _ADR that is none, must not be taken for one of ours. */
static bool bdf_of(const struct acpi_pci_id *id, uint16_t *bdf)
{
	*bdf = PCI_BDF(id->bus, id->device, id->function);
	return !id->segment && id->bus < 256 && id->device < 32 && id->function < 8;
}

acpi_status acpi_os_read_pci_configuration(struct acpi_pci_id *id, u32 offset, u64 *value,
					   u32 width)
{
	u32 shift = 0;
	uint16_t bdf;

	*value = ~0ull;
	if (!bdf_of(id, &bdf))
		return AE_NOT_EXIST;
	*value = 0;
	/* 64 bits are two accesses: the bus knows none that is wider than 32. */
	for (u32 left = width; left; left -= left < 32 ? left : 32) {
		unsigned int size = left < 32 ? left / 8 : 4;

		*value |= (u64)pci_config_read(bdf, offset + shift / 8, size) << shift;
		shift += size * 8;
	}
	return AE_OK;
}

acpi_status acpi_os_write_pci_configuration(struct acpi_pci_id *id, u32 offset, u64 value,
					    u32 width)
{
	u32 shift = 0;
	uint16_t bdf;

	if (!bdf_of(id, &bdf))
		return AE_NOT_EXIST;
	for (u32 left = width; left; left -= left < 32 ? left : 32) {
		unsigned int size = left < 32 ? left / 8 : 4;

		pci_config_write(bdf, offset + shift / 8, size, (u32)(value >> shift));
		shift += size * 8;
	}
	return AE_OK;
}

acpi_status acpi_os_signal(u32 function, void *information)
{
	(void)information;
	hardware_log("ACPI: AML signalled %s",
		     function == ACPI_SIGNAL_FATAL ? "a fatal error" : "a breakpoint");
	return AE_OK;
}

/* Asked just before the registers are written: go on. */
acpi_status acpi_os_enter_sleep(u8 state, u32 register_a, u32 register_b)
{
	(void)state;
	(void)register_a;
	(void)register_b;
	return AE_OK;
}

void acpi_os_printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	acpi_os_vprintf(format, arguments);
	va_end(arguments);
}

void acpi_os_vprintf(const char *format, va_list arguments)
{
	hardware_log_arguments(format, arguments);
}
