/* SPDX-License-Identifier: MIT */
/* Which registers of a function's configuration space are more than read-only. */
#include "config_filter.h"

#include "pci_config.h"
#include "pci_registers.h"

static struct config_register scrap; /* takes what finds no room */

/*
 * One for a word, whose bits may have several sources: the chain of capabilities, and one of
 * them.
 */
static struct config_register *entry_for(struct config_filter *filter, unsigned int offset)
{
	struct config_register *entry;

	for (unsigned int i = 0; i < filter->count; i++)
		if (filter->registers[i].offset == (offset & ~3u))
			return &filter->registers[i];
	if (filter->count == CONFIG_REGISTERS) {
		pci_function_log(filter->function, "too many capabilities, some stay read-only");
		return &scrap;
	}
	entry = &filter->registers[filter->count++];
	*entry = (struct config_register){ .offset = (uint16_t)(offset & ~3u) };
	return entry;
}

/* The bits at this byte offset read as `value`; `writable` ones can be changed (in the copy). */
static void set_virtual(struct config_filter *filter, unsigned int offset, uint32_t bits,
			uint32_t value, uint32_t writable)
{
	struct config_register *entry = entry_for(filter, offset);
	unsigned int shift = (offset & 3) * 8;

	entry->virtual_bits |= bits << shift;
	entry->value = (entry->value & ~(bits << shift)) | (value & bits) << shift;
	entry->write_virtual |= writable << shift;
}

static void set_real(struct config_filter *filter, unsigned int offset, uint32_t writable,
		     uint32_t clearable)
{
	struct config_register *entry = entry_for(filter, offset);
	unsigned int shift = (offset & 3) * 8;

	entry->write_real |= writable << shift;
	entry->clear_real |= clearable << shift;
}

static void add_header(struct config_filter *filter, bool multifunction, bool interrupt)
{
	struct pci_function *function = filter->function;
	uint16_t bdf = function->bdf;
	uint32_t line = pci_config_read(bdf, CFG_INTERRUPT_LINE, 1);

	set_virtual(filter, CFG_COMMAND, 0xffffu, 0,
		    COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INVALIDATE |
			    COMMAND_INTX_DISABLE);
	set_real(filter, CFG_STATUS, 0, STATUS_ERRORS);
	set_virtual(filter, CFG_CACHE_LINE, 0xffffu, pci_config_read(bdf, CFG_CACHE_LINE, 2),
		    0xffffu);
	/* The client sees a bus of its own, where the function may stand alone. */
	set_virtual(filter, CFG_HEADER_TYPE, 0xffffu, multifunction ? HEADER_MULTIFUNCTION : 0, 0);
	set_virtual(filter, CFG_ROM, 0xffffffffu, (uint32_t)function->bar[PCI_ROM].address, 0);
	set_virtual(filter, CFG_INTERRUPT_LINE, 0xffu, line, 0xffu);
	set_virtual(filter, CFG_INTERRUPT_PIN, 0xffu, interrupt ? function->pin : 0, 0);
}

static void add_bars(struct config_filter *filter)
{
	const struct pci_bar *bar = filter->function->bar;

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		uint32_t value = bar[i].size ? (uint32_t)bar[i].address | bar[i].flags : 0;

		if (i > 0 && !bar[i].size && bar[i - 1].size && !(bar[i - 1].flags & BAR_IO) &&
		    (bar[i - 1].flags & BAR_TYPE_MASK) == BAR_TYPE_64)
			value = (uint32_t)(bar[i - 1].address >> 32);
		set_virtual(filter, CFG_BAR + 4 * i, 0xffffffffu, value, 0);
	}
}

static void add_msi(struct config_filter *filter, unsigned int offset)
{
	uint32_t control = pci_config_read(filter->function->bdf, offset + MSI_CONTROL, 2);
	unsigned int wide = control & MSI_64BIT ? 4 : 0;

	uint32_t capable = (uint32_t)__builtin_ctz(filter->messages) << MSI_CAPABLE;

	set_virtual(filter, offset + MSI_CONTROL, MSI_ENABLE | MSI_CAPABLE_MASK | MSI_ENABLED_MASK,
		    capable, MSI_ENABLE | MSI_ENABLED_MASK);
	set_virtual(filter, offset + MSI_ADDRESS, 0xffffffffu, 0, 0xfffffffcu);
	if (wide)
		set_virtual(filter, offset + MSI_ADDRESS + 4, 0xffffffffu, 0, 0xffffffffu);
	set_virtual(filter, offset + MSI_ADDRESS + 4 + wide, 0xffffu, 0, 0xffffu);
	/* Clients mask by the interrupt object; the real bit is the platform's. */
	if (control & MSI_MASKABLE)
		set_virtual(filter, offset + MSI_ADDRESS + 8 + wide, 0xffffffffu, 0, 0xffffffffu);
}

static void add_msix(struct config_filter *filter, unsigned int offset)
{
	set_virtual(filter, offset + MSIX_CONTROL, MSIX_ENABLE | MSIX_FUNCTION_MASK, 0,
		    MSIX_ENABLE | MSIX_FUNCTION_MASK);
}

/*
 * On the client's flat bus an endpoint has no port above it, which is what an
 * integrated endpoint is; those have no link (PCI Express 5.0, 7.5.3).
 */
static void add_pcie(struct config_filter *filter, unsigned int offset)
{
	uint32_t flags = pci_config_read(filter->function->bdf, offset + PCIE_FLAGS, 2);
	uint32_t type = flags & PCIE_TYPE;

	set_real(filter, offset + PCIE_DEVICE_CONTROL, PCIE_CONTROL_CLIENT, 0);
	set_real(filter, offset + PCIE_DEVICE_STATUS, 0, PCIE_STATUS_ERRORS);
	if (type != PCIE_TYPE_ENDPOINT && type != PCIE_TYPE_LEGACY)
		return;
	set_virtual(filter, offset + PCIE_FLAGS, PCIE_TYPE, PCIE_TYPE_INTEGRATED, 0);
	set_virtual(filter, offset + PCIE_LINK, 0xffffffffu, 0, 0);
	set_virtual(filter, offset + PCIE_LINK + 4, 0xffffffffu, 0, 0);
	if ((flags & 0xfu) >= 2) {
		set_virtual(filter, offset + PCIE_LINK_2, 0xffffffffu, 0, 0);
		set_virtual(filter, offset + PCIE_LINK_2 + 4, 0xffffffffu, 0, 0);
	}
}

static void add_af(struct config_filter *filter, unsigned int offset)
{
	/* The reset bit reads as zero; writing one is told to the caller. */
	set_virtual(filter, offset + AF_CONTROL, 0xffu, 0, 0);
}

/*
 * Vital product data can be read: the client writes an address with the flag clear, the function
 * sets it when the data is there. With the flag set the function would write, so it never is.
 */
static void add_vpd(struct config_filter *filter, unsigned int offset)
{
	set_real(filter, offset + VPD_ADDRESS, VPD_ADDRESS_MASK, 0);
	entry_for(filter, offset)->zero_real |= VPD_FLAG;
}

/*
 * D0 and D3hot, without wake-up events. The state is a wish: the function is made quiet before it
 * sleeps, and has all that it lost again when it is awake.
 */
static void add_pm(struct config_filter *filter, unsigned int offset)
{
	set_virtual(filter, offset + PM_CAPABILITIES, ~PM_VERSION & 0xffffu, 0, 0);
	set_virtual(filter, offset + PM_CONTROL, ~PM_NO_SOFT_RESET, 0, PM_STATE);
}

/* Functions of a device often have one memory for it, and one reader at a time. */
static bool stands_alone(const struct pci_function *function)
{
	return PCI_FUNCTION(function->bdf) == 0 &&
	       !(pci_config_read(function->bdf, CFG_HEADER_TYPE, 1) & HEADER_MULTIFUNCTION);
}

/*
 * Not for clients: what other functions may use at the same time (VPD), and what only makes sense
 * for bridges and hot plug.
 */
static bool hidden(const struct pci_function *function, unsigned int id, bool msix)
{
	switch (id) {
	case 0:
	case CAP_AGP:
	case CAP_SLOT_ID:
	case CAP_HOT_SWAP:
	case CAP_HOT_PLUG:
	case CAP_EA:
		return true;
	case CAP_MSIX:
		return !msix;
	case CAP_VPD:
		return !stands_alone(function);
	default:
		return false;
	}
}

static void add_capability(struct config_filter *filter, unsigned int id, unsigned int offset)
{
	const struct pci_function *function = filter->function;

	/* A second capability of a kind is what the platform does not use: it stays read-only. */
	if (id == CAP_MSI && offset == function->msi)
		add_msi(filter, offset);
	else if (id == CAP_MSIX && offset == function->msix)
		add_msix(filter, offset);
	else if (id == CAP_PCIE && offset == function->pcie)
		add_pcie(filter, offset);
	else if (id == CAP_PM && offset == function->pm)
		add_pm(filter, offset);
	else if (id == CAP_AF && offset == function->af)
		add_af(filter, offset);
	else if (id == CAP_VPD && offset == function->vpd)
		add_vpd(filter, offset);
}

/* The list is linked again, around what is hidden. */
static void add_capabilities(struct config_filter *filter, bool msix)
{
	uint16_t bdf = filter->function->bdf;
	unsigned int offset = 0, steps = 0, pointer = CFG_CAPABILITIES;

	while ((offset = pci_capability_next(bdf, offset, &steps)) != 0) {
		unsigned int id = pci_config_read(bdf, offset, 1);

		if (hidden(filter->function, id, msix))
			continue;
		set_virtual(filter, pointer, 0xffu, offset, 0);
		pointer = offset + 1;
		add_capability(filter, id, offset);
	}
	set_virtual(filter, pointer, 0xffu, 0, 0);
	set_virtual(filter, CFG_STATUS, STATUS_CAPABILITIES,
		    pointer == CFG_CAPABILITIES ? 0 : STATUS_CAPABILITIES, 0);
}

/* What resizes BARs, makes further functions, or lets the function translate by itself. */
static bool extended_hidden(unsigned int id)
{
	switch (id) {
	case XCAP_ATS:
	case XCAP_SRIOV:
	case XCAP_MRIOV:
	case XCAP_PRI:
	case XCAP_RESIZABLE_BAR:
	case XCAP_PASID:
	case XCAP_VF_RESIZABLE_BAR:
		return true;
	default:
		return false;
	}
}

/* Hidden is not enough: firmware, or an owner without a filter, may have switched it on. */
static void switch_off(uint16_t bdf, unsigned int id, unsigned int offset)
{
	if (id == XCAP_ATS)
		pci_config_write(bdf, offset + ATS_CONTROL, 2, 0);
	if (id == XCAP_PRI)
		pci_config_write(bdf, offset + PRI_CONTROL, 2, 0);
	if (id == XCAP_PASID)
		pci_config_write(bdf, offset + PASID_CONTROL, 2, 0);
}

/* The first header cannot be skipped: hidden, it has id 0 and only leads on. */
static void add_extended_capabilities(struct config_filter *filter)
{
	uint16_t bdf = filter->function->bdf;
	unsigned int offset = 0, steps = 0, previous = 0;

	while ((offset = pci_extended_capability_next(bdf, offset, &steps)) != 0) {
		unsigned int id = pci_config_read(bdf, offset, 2);

		switch_off(bdf, id, offset);
		if (extended_hidden(id)) {
			if (offset != CFG_EXTENDED)
				continue;
			set_virtual(filter, offset, 0xfffffu, 0, 0);
		}
		if (previous)
			set_virtual(filter, previous, 0xfff00000u, (uint32_t)offset << 20, 0);
		previous = offset;
	}
	if (previous)
		set_virtual(filter, previous, 0xfff00000u, 0, 0);
}

void config_filter_start(struct config_filter *filter, struct pci_function *function,
			 bool multifunction, bool interrupt, bool msix, unsigned int messages)
{
	filter->function = function;
	filter->messages = messages;
	filter->count = 0;
	add_header(filter, multifunction, interrupt);
	add_bars(filter);
	add_capabilities(filter, msix);
	add_extended_capabilities(filter);
}
