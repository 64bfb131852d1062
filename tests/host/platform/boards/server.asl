// SPDX-License-Identifier: MIT
// A server of several sockets: a root bridge for each group of links, some of another segment, one
// whose _BBN is another's, one of a socket that is empty, one of CXL; I/O APICs far above the first.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "SERVER", 1)
{
    Scope (_SB)
    {
        Device (PC00)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 0)
            Name (_BBN, 0)
            Name (_SEG, 0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0x16, 0, 0x17)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x90000000, 0x9d7fffff, 0, 0xd800000)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Prefetchable, ReadWrite,
                    0, 0x200000000000, 0x207fffffffff, 0, 0x8000000000)
                // The bridge's own registers, as newer firmware says it.
                ExtendedMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x9d800000, 0x9d8fffff, 0, 0x100000)
            })
            Name (_PRT, Package ()
            {
                Package () { 0x0004ffff, 0, 0, 31 },
                Package () { 0x001fffff, 0, 0, 16 }
            })
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, 8, CDW3)
                CDW3 &= 0x11
                Return (Arg3)
            }
        }
        // _BBN is what the board's first socket has; the range of buses is right. Its windows are
        // said to be its own, as older firmware says it.
        Device (PC01)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 1)
            Name (_BBN, 0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0x17, 0x39, 0, 0x23)
                DWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x9d900000, 0xaaffffff, 0, 0xd700000)
            })
            Name (_PRT, Package ()
            {
                Package () { 0x0000ffff, 0, 0, 39 },
                Package () { 0x0002ffff, 0, LNKX, 0 }
            })
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, 8, CDW3)
                CDW3 &= 0x18
                Return (Arg3)
            }
            Device (BR0A)
            {
                Name (_ADR, Zero)
                Name (_PRT, Package () { Package () { 0x0000ffff, 0, 0, 288 } })
            }
        }
        Device (CX01)
        {
            Name (_HID, "ACPI0016")
            Name (_CID, Package () { EisaId ("PNP0A08"), EisaId ("PNP0A03") })
            Name (_UID, 2)
            Method (_BBN) { Return (0x3a) }
            Name (_CRS, ResourceTemplate ()
            {
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x208000000000, 0x20ffffffffff, 0, 0x8000000000)
            })
            Name (_PRT, Package () { Package () { 0x0000ffff, 1, 0, 47 } })
        }
        // An empty socket's.
        Device (PC03)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 3)
            Name (_STA, Zero)
            Name (_BBN, 0x5d)
            Name (_PRT, Package () { Package () { 0x0000ffff, 0, 0, 55 } })
        }
        Device (PC10)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 0x10)
            Name (_SEG, 1)
            Name (_BBN, 0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0x3f, 0, 0x40)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0xc0000000, 0xc7ffffff, 0, 0x8000000)
            })
            Name (_PRT, Package () { Package () { 0x0004ffff, 0, 0, 99 } })
            Device (FAR)
            {
                Name (_ADR, 0x00040000)
                OperationRegion (CONF, PCI_Config, 0, 0x100)
                Field (CONF, DWordAcc, NoLock, Preserve) { Offset (0x40), REG, 32 }
                Method (_INI) { REG = 0x12345678 }
            }
        }
        // Wired, of an I/O APIC with a large base; edge and high, which a number alone never is.
        Device (LNKX)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 9)
            Name (_CRS, ResourceTemplate () { Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 300 } })
        }
    }
}
