/* SPDX-License-Identifier: MIT */
/* A machine for tests of IOMMUs, requests of its sessions, and tests that both makes share. */
#include "iommu_support.h"

struct request request;
struct fake_function *nic;

struct fake_function *add_with_msi(uint16_t bdf, uint16_t device, uint32_t class_code)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, device, class_code);

	fake_capability(function, MSI, CAP_MSI);
	fake_set(function, MSI + 2, 2, 0x80, 0x71, 0);
	fake_set(function, MSI + 4, 4, 0, 0xfffffffc, 0);
	fake_set(function, MSI + 8, 4, 0, 0xffffffff, 0);
	fake_set(function, MSI + 12, 2, 0, 0xffff, 0);
	return function;
}

static void add_bridge(uint16_t bdf, uint16_t device, uint32_t buses, unsigned int type)
{
	struct fake_function *bridge = fake_pci_add(bdf, 0x1b36, device, 0x060400);

	fake_set(bridge, 0x0e, 1, 1, 0, 0);
	fake_set(bridge, 0x18, 4, buses, 0, 0);
	fake_capability(bridge, 0x40, CAP_PCIE);
	fake_set(bridge, 0x42, 2, type, 0, 0);
}

void add_functions(void)
{
	nic = add_with_msi(NIC, 1, 0x020000);
	fake_pci_add(DISK, 0x1111, 2, 0x010000);
	add_bridge(PCI_BDF(0, 6, 0), 0x0c, 0x00020100, 0x42);
	add_bridge(PCI_BDF(1, 0, 0), 0x0e, 0x00020201, 0x72);
	fake_pci_add(LEFT, 0x1111, 3, 0x030000);
	fake_pci_add(RIGHT, 0x1111, 4, 0x040000);
}

void server_scan(void)
{
	server = (struct pci_server){ .dma = &dma_translated };
	server.acpi.windows = 1;
	server.acpi.window[0] = (struct acpi_window){ .base = 0xc0000000, .size = 0x10000000 };
	pci_tree_scan(&server.tree, 0);
}

purlin_s64 claim(purlin_u64 badge, uint16_t bdf)
{
	const purlin_u64 words[] = { 0, 1, PCI_RULE_BDF, bdf | 0xffffull << 32 };

	return open_session(&server, badge, badge == 1 ? "one" : "two", words, 4);
}

purlin_s64 lend(purlin_u64 badge, purlin_u64 slot, uint64_t wanted)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.words = 1;
	request.word[0] = wanted;
	request.caps = 1;
	request.cap[0] = slot;
	return pci_request(&server, pci_session_find(&server, badge), &request);
}

purlin_s64 take_back(purlin_u64 badge, uint64_t address)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_UNMAP;
	request.words = 1;
	request.word[0] = address;
	return pci_request(&server, pci_session_find(&server, badge), &request);
}

uint64_t nic_sends(uint16_t source)
{
	uint64_t address = fake_get(nic, MSI + 4, 4) | (uint64_t)fake_get(nic, MSI + 8, 4) << 32;

	return model_message(source, address, fake_get(nic, MSI + 12, 2));
}

purlin_s64 message(purlin_u32 operation)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = NIC;
	request.word[1] = PCI_MSI;
	return pci_request(&server, pci_session_find(&server, 1), &request);
}

purlin_s64 numbered(purlin_u32 operation, unsigned int number)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = NIC;
	request.word[1] = PCI_MSI;
	request.word[2] = number;
	return pci_request(&server, pci_session_find(&server, 1), &request);
}

uint64_t nic_sends_number(unsigned int number)
{
	uint64_t address = fake_get(nic, MSI + 4, 4) | (uint64_t)fake_get(nic, MSI + 8, 4) << 32;

	/* A function puts the number in place of the low bits of its data (PCI 3.0, 6.8.1.6). */
	return model_message(NIC, address, (fake_get(nic, MSI + 12, 2) & ~3u) | number);
}

void enable_messages(void)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_CONFIG_WRITE;
	request.word[0] = NIC;
	request.word[1] = MSI + 2;
	request.word[2] = 2;
	request.word[3] = 1;
	assert_int_equal(pci_request(&server, pci_session_find(&server, 1), &request), PURLIN_OK);
}

/* Each of a capability's messages has a vector of its own, and what is not allocated has none. */
void several_messages_of_a_function(void **state)
{
	uint64_t first;

	(void)state;
	fake_set(nic, MSI + 2, 2, 0x84, 0x71, 0);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(numbered(PCI_MSI_ALLOC, 0), PURLIN_OK);
	first = nic_sends_number(0);
	for (unsigned int i = 1; i < 4; i++) {
		assert_int_equal(nic_sends_number(i), NOWHERE);
		assert_int_equal(numbered(PCI_MSI_ALLOC, i), PURLIN_OK);
		assert_int_equal(nic_sends_number(i), first + i);
	}
	assert_int_equal(numbered(PCI_MSI_ALLOC, 4), PURLIN_NO_DEVICE);
	enable_messages();
	assert_int_equal(fake_get(nic, MSI + 2, 2), 0x84 | 1 | 2 << 4);
	assert_int_equal(numbered(PCI_MSI_FREE, 3), PURLIN_OK);
	assert_int_equal(numbered(PCI_MSI_FREE, 2), PURLIN_OK);
	assert_int_equal(fake_get(nic, MSI + 2, 2), 0x84 | 1 | 1 << 4);
	assert_int_equal(nic_sends_number(2), NOWHERE);
	assert_int_equal(nic_sends_number(0), first);
	assert_int_equal(numbered(PCI_MSI_FREE, 0), PURLIN_OK);
	assert_int_equal(nic_sends_number(0), NOWHERE);
	assert_int_equal(nic_sends_number(1), first + 1);
	assert_true(close_session(&server, 1));
	assert_int_equal(fake_get(nic, MSI + 2, 2) & 0x71, 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(nic_sends_number(i), NOWHERE);
}

static unsigned int numbers_in_use(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DMA_DOMAIN_NUMBERS; i++)
		count += dma_translation.used[i / 64] >> i % 64 & 1 ? 1 : 0;
	return count;
}

/* What the function writes for its message: the entries that it got. */
static uint32_t place_of_message(void)
{
	return fake_get(nic, MSI + 4, 4) + fake_get(nic, MSI + 12, 2);
}

/* A life of an owner: more of everything than it gives back. */
static uint32_t live(unsigned int round)
{
	uint32_t place;

	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(lend(1, 20 + i, PCI_DMA_ANYWHERE), PURLIN_OK);
	assert_int_equal(numbered(PCI_MSI_ALLOC, 31), PURLIN_OK);
	place = place_of_message();
	for (unsigned int i = 0; i < round % 31; i++)
		assert_int_equal(numbered(PCI_MSI_ALLOC, i), PURLIN_OK);
	if (round % 2)
		assert_int_equal(numbered(PCI_MSI_FREE, 31), PURLIN_OK);
	assert_true(close_session(&server, 1));
	return place;
}

/* ROUNDS=10000 build/host/platform-vtd (or -amd): as many as that. */
static unsigned long round_count(void)
{
	const char *text = getenv("ROUNDS");

	return text ? strtoul(text, NULL, 10) : 200;
}

/* Tables, numbers of domains and entries of messages: after many owners as after one. */
void owners_leave_nothing(void **state)
{
	unsigned int pages, numbers;
	uint32_t place;

	(void)state;
	fake_set(nic, MSI + 2, 2, 0x8a, 0x71, 0);
	place = live(0);
	pages = fake_table_pages;
	numbers = numbers_in_use();
	for (unsigned int round = 1; round < round_count(); round++)
		assert_int_equal(live(round), place);
	assert_int_equal(fake_table_pages, pages);
	assert_int_equal(numbers_in_use(), numbers);
}
