/* SPDX-License-Identifier: MIT */
/* Registers of configuration space (PCI 3.0 chapter 6, PCI Express 5.0 chapter 7). */
#ifndef PLATFORM_PCI_REGISTERS_H
#define PLATFORM_PCI_REGISTERS_H

#define CFG_ID 0x00
#define CFG_COMMAND 0x04
#define CFG_STATUS 0x06
#define CFG_CLASS 0x08 /* revision in the low byte */
#define CFG_CACHE_LINE 0x0c
#define CFG_HEADER_TYPE 0x0e
#define CFG_BAR 0x10
#define CFG_PRIMARY_BUS 0x18	 /* bridges */
#define CFG_SECONDARY_BUS 0x19	 /* bridges */
#define CFG_SUBORDINATE_BUS 0x1a /* bridges */
#define CFG_ROM 0x30
#define CFG_BRIDGE_PORTS 0x1c  /* base and limit */
#define CFG_BRIDGE_MEMORY 0x20 /* likewise */
#define CFG_BRIDGE_PREFETCH 0x24
#define CFG_BRIDGE_PREFETCH_HIGH 0x28
#define CFG_BRIDGE_PORTS_HIGH 0x30
#define CFG_CAPABILITIES 0x34
#define CFG_BRIDGE_ROM 0x38
#define CFG_INTERRUPT_LINE 0x3c
#define CFG_INTERRUPT_PIN 0x3d
#define CFG_BRIDGE_CONTROL 0x3e
#define BRIDGE_SERR 0x0002u /* passes on what it hears of errors behind it */
#define BRIDGE_VGA 0x0008u  /* passes legacy VGA ranges on to what is behind it */
#define CFG_HEADER_END 0x40
#define CFG_EXTENDED 0x100

#define COMMAND_IO 0x0001u
#define COMMAND_MEMORY 0x0002u
#define COMMAND_MASTER 0x0004u
#define COMMAND_INVALIDATE 0x0010u
#define COMMAND_SERR 0x0100u
#define COMMAND_INTX_DISABLE 0x0400u

#define STATUS_INTX 0x0008u /* asserted, or would be */
#define STATUS_CAPABILITIES 0x0010u
#define STATUS_ERRORS 0xf900u /* write one to clear */

#define HEADER_MULTIFUNCTION 0x80u
#define HEADER_BRIDGE 1

#define BAR_IO 0x1u
#define BAR_TYPE_64 0x4u
#define BAR_TYPE_MASK 0x6u
#define BAR_TYPE_RESERVED 0x6u
#define BAR_PREFETCHABLE 0x8u
#define ROM_ENABLE 0x1u
#define ROM_ADDRESS 0xfffff800u

#define CAP_PM 0x01
#define CAP_AGP 0x02
#define CAP_VPD 0x03
#define CAP_SLOT_ID 0x04
#define CAP_MSI 0x05
#define CAP_HOT_SWAP 0x06
#define CAP_HOT_PLUG 0x0c
#define CAP_PCIE 0x10
#define CAP_MSIX 0x11
#define CAP_AF 0x13
#define CAP_EA 0x14

#define PM_CAPABILITIES 2
#define PM_VERSION 0x0007u
#define PM_CONTROL 4
#define PM_STATE 0x3u
#define PM_D3 0x3u /* hot: configuration space answers */
#define PM_NO_SOFT_RESET 0x8u

#define MSI_CONTROL 2
#define MSI_ENABLE 0x0001u
#define MSI_CAPABLE_MASK 0x000eu /* messages, log 2 */
#define MSI_CAPABLE 1
#define MSI_ENABLED_MASK 0x0070u
#define MSI_ENABLED 4
#define MSI_MESSAGES 32 /* at most */
#define MSI_64BIT 0x0080u
#define MSI_MASKABLE 0x0100u
#define MSI_ADDRESS 4

#define MSIX_CONTROL 2
#define MSIX_SIZE 0x07ffu
#define MSIX_FUNCTION_MASK 0x4000u
#define MSIX_ENABLE 0x8000u
#define MSIX_TABLE 4
#define MSIX_PBA 8
#define MSIX_BAR 0x7u
#define MSIX_ENTRY_BYTES 16
#define MSIX_ENTRY_MASKED 0x1u

#define PCIE_FLAGS 2
#define PCIE_TYPE 0x00f0u
#define PCIE_TYPE_ENDPOINT 0x0000u
#define PCIE_TYPE_LEGACY 0x0010u
#define PCIE_TYPE_ROOT_PORT 0x0040u
#define PCIE_TYPE_UPSTREAM 0x0050u /* of a switch */
#define PCIE_TYPE_DOWNSTREAM 0x0060u
#define PCIE_TYPE_TO_PCI 0x0070u   /* bridge to conventional PCI */
#define PCIE_TYPE_FROM_PCI 0x0080u /* from there to PCI Express */
#define PCIE_TYPE_INTEGRATED 0x0090u
#define PCIE_DEVICE_CAPABILITIES 4
#define PCIE_CAN_FLR 0x10000000u
#define PCIE_DEVICE_CONTROL 8
#define PCIE_CONTROL_CLIENT 0x7110u /* relaxed ordering, extended tag, read size */
/* Set after a reset. Transfers past the caches would read what memory held before it was zeroed. */
#define PCIE_CONTROL_NO_SNOOP 0x0800u
#define PCIE_CONTROL_REPORT 0x000fu  /* error reporting enables */
#define PCIE_CONTROL_SERIOUS 0x0006u /* of errors that were not corrected */
/* Off: requests would carry the numbers of other functions. */
#define PCIE_CONTROL_PHANTOM 0x0200u
#define PCIE_CONTROL_FLR 0x8000u
#define PCIE_DEVICE_STATUS 10
#define PCIE_STATUS_ERRORS 0x000fu
#define PCIE_STATUS_PENDING 0x0020u
#define PCIE_LINK 0x0c		    /* capabilities, control, status: two registers */
#define PCIE_LINK_TELLS 0x00100000u /* that it is active: a capability, ... */
#define PCIE_LINK_STATUS 0x12
#define PCIE_LINK_ACTIVE 0x2000u /* ... and a state */
#define PCIE_HAS_SLOT 0x0100u	 /* of PCIE_FLAGS */
#define PCIE_SLOT 0x14
#define SLOT_HAS_POWER 0x00000002u
#define SLOT_HOT_PLUG 0x00000040u
#define SLOT_NO_COMPLETION 0x00040000u
#define SLOT_NUMBER_SHIFT 19
#define PCIE_SLOT_CONTROL 0x18
#define SLOT_TELL 0x1029u /* button, presence, interrupt, link */
#define SLOT_INDICATOR 0x0300u
#define SLOT_INDICATOR_ON 0x0100u
#define SLOT_INDICATOR_OFF 0x0300u
#define SLOT_POWER_OFF 0x0400u
#define PCIE_SLOT_STATUS 0x1a
#define SLOT_BUTTON 0x0001u
#define SLOT_PRESENCE_CHANGED 0x0008u
#define SLOT_COMMAND_COMPLETED 0x0010u
#define SLOT_PRESENT 0x0040u
#define SLOT_LINK_CHANGED 0x0100u
#define SLOT_EVENTS 0x011fu
#define PCIE_LINK_2 0x2c /* likewise, from version 2 on */
#define PCIE_ROOT_CONTROL 0x1c
#define PCIE_ROOT_SYSTEM_ERRORS 0x0007u

#define VPD_ADDRESS 2
#define VPD_ADDRESS_MASK 0x7fffu
#define VPD_FLAG 0x80000000u /* of the capability's first word */

#define AF_CAPABILITIES 3
#define AF_CAN_FLR 0x3u /* transactions pending and reset, both */
#define AF_CONTROL 4
#define AF_STATUS 5

/* Access Control Services: what keeps functions apart. */
#define XCAP_ACS 0x0d
#define ACS_CAPABILITIES 4
#define ACS_CONTROL 6
#define ACS_TRANSLATION 0x02u /* blocked: requests that claim to be translated */
#define ACS_REQUESTS 0x04u    /* between devices: redirected upstream, ... */
#define ACS_COMPLETIONS 0x08u /* ... and the answers to them */
#define ACS_PORT 0x1du	      /* of a port: both, valid sources only, forwarded upstream */

/* Advanced Error Reporting (PCI Express 5.0, 7.8.4). */
#define XCAP_ERRORS 0x01
#define ERRORS_STATUS 0x04    /* uncorrectable ones: write one to clear */
#define ERRORS_ROOT_TELL 0x2c /* by interrupt, ... */
#define ERRORS_TELL 0x6u      /* ... that one was not corrected, fatal or not */
#define ERRORS_ROOT_STATUS 0x30
#define ERRORS_CAME 0x0cu /* that were not corrected, and more than one */
#define ERRORS_FATAL 0x40u
#define ERRORS_SOURCE 0x36 /* of the first of these */

/* Downstream Port Containment (PCI Express 5.0, 7.9.15). */
#define XCAP_CONTAINMENT 0x1d
#define CONTAINMENT_CONTROL 6
#define CONTAINMENT_ON 0x1bu /* by fatal or other errors; tells by interrupt and as a message */
#define CONTAINMENT_STATUS 8
#define CONTAINMENT_CAME 0x9u /* the link is down, the interrupt came: write one to clear */

/* Extended capabilities that a client must not see. */
#define XCAP_ATS 0x0f
#define XCAP_SRIOV 0x10
#define XCAP_MRIOV 0x11
#define XCAP_PRI 0x13
#define XCAP_RESIZABLE_BAR 0x15
#define XCAP_PASID 0x1b
#define XCAP_VF_RESIZABLE_BAR 0x24

/* Resizable BAR: one pair of registers for each (PCI Express 5.0, 7.8.6). */
#define REBAR_CONTROL(pair) (8 + 8 * (pair))
#define REBAR_INDEX 0x7u
#define REBAR_COUNT 0xe0u /* of the first */
#define REBAR_COUNT_SHIFT 5
#define REBAR_SIZE 0x3f00u

/* Their control registers: what a function translates by itself, the IOMMU does not check. */
#define ATS_CONTROL 6
#define PRI_CONTROL 4
#define PASID_CONTROL 6

#endif
