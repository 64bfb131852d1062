// SPDX-License-Identifier: MIT
// A laptop: links with registers of the southbridge while the old controllers are in use, numbers
// with I/O APICs; ports whose devices have routes of their own; one of them only by turning pins.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "LAPTOP", 1)
{
    Name (PICM, Zero)
    Name (GPIC, Zero)
    Method (_PIC, 1) { PICM = Arg0 }
    Scope (_SB)
    {
        Name (PR00, Package ()
        {
            Package () { 0x0002ffff, 0, LNKA, 0 },
            Package () { 0x0014ffff, 0, LNKA, 0 },
            Package () { 0x001fffff, 3, LNKD, 0 },
        })
        Name (AR00, Package ()
        {
            Package () { 0x0002ffff, 0, 0, 16 },
            Package () { 0x0014ffff, 0, 0, 16 },
            Package () { 0x001cffff, 0, 0, 17 },
            Package () { 0x001cffff, 3, 0, 19 },
            Package () { 0x001dffff, 2, 0, 18 },
            Package () { 0x001fffff, 3, LNKD, 0 },
        })
        Name (AR04, Package ()
        {
            Package () { 0x0000ffff, 0, 0, 32 },
            Package () { 0x0000ffff, 1, 0, 33 },
        })
        // The board's own, which is nobody's to lay a BAR over.
        Device (PDRC)
        {
            Name (_HID, EisaId ("PNP0C02"))
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0xfed10000, 0x8000)
                IO (Decode16, 0x680, 0x680, 1, 0x20)
                Memory32 (ReadWrite, 0xc0000000, 0xc0000fff, 1, 0x1000)
                QWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x4000000000, 0x40000fffff, 0, 0x100000)
                FixedIO (0x254, 0)
                WordBusNumber (ResourceConsumer, MinFixed, MaxFixed, PosDecode, 0, 0xfe, 0xfe, 0, 1)
                DWordIO (ResourceConsumer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0x1854, 0x1857, 0, 4)
            })
        }
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_ADR, Zero)
            Method (^BN00) { Return (Zero) }
            Method (_BBN) { Return (BN00 ()) }
            Method (_PRT)
            {
                If (PICM) { Return (AR00) }
                Return (PR00)
            }
            // Buses up to what MCFG says, memory from the top of RAM, which the host bridge knows.
            OperationRegion (HBUS, PCI_Config, 0, 0x100)
            Field (HBUS, DWordAcc, NoLock, Preserve) { Offset (0xbc), TLUD, 32 }
            Name (BUF0, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0xff, 0, 0x100, , , PB00)
                DWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0, 0xcf7, 0, 0xcf8)
                IO (Decode16, 0xcf8, 0xcf8, 1, 8)
                DWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0xd00, 0xffff, 0, 0xf300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
                    0, 0xa0000, 0xbffff, 0, 0x20000)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
                    0, 0xc8000, 0xcbfff, 0, 0x4000, , , EXP0)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x80000000, 0xdfffffff, 0, 0x60000000, , , LOWM)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0x4000000000, 0x7fffffffff, 0, 0x4000000000)
            })
            Method (_CRS, 0, Serialized)
            {
                CreateWordField (BUF0, ^PB00._MAX, PBMX)
                CreateWordField (BUF0, ^PB00._LEN, PBLN)
                PBMX = 0xdf
                PBLN = 0xe0
                // Nothing to pass on there.
                CreateDWordField (BUF0, ^EXP0._LEN, ELEN)
                ELEN = 0
                CreateDWordField (BUF0, ^LOWM._MIN, LMIN)
                CreateDWordField (BUF0, ^LOWM._MAX, LMAX)
                CreateDWordField (BUF0, ^LOWM._LEN, LLEN)
                LMIN = TLUD & 0xfff00000
                LLEN = LMAX - LMIN + 1
                Return (BUF0)
            }
            Name (SUPP, Zero)
            Name (CTRL, Zero)
            Method (_OSC, 4, Serialized)
            {
                CreateDWordField (Arg3, 0, CDW1)
                CreateDWordField (Arg3, 4, CDW2)
                CreateDWordField (Arg3, 8, CDW3)
                If (Arg0 == ToUUID ("33db4d5b-1ff7-401c-9657-7441c03dd766"))
                {
                    SUPP = CDW2
                    CTRL = CDW3
                    // Hot plug, errors, the capability; never the power management event.
                    CTRL &= 0x19
                    If (Arg1 != One) { CDW1 |= 8 }
                    If (CDW3 != CTRL) { CDW1 |= 0x10 }
                    CDW3 = CTRL
                    Return (Arg3)
                }
                CDW1 |= 4
                Return (Arg3)
            }
            Device (GFX0)
            {
                Name (_ADR, 0x00020000)
                Device (DD01) { Name (_ADR, 0x0400) }
            }
            Device (RP01)
            {
                Name (_ADR, 0x001c0000)
                Method (_PRT) { Return (AR04) }
                Device (PXSX) { Name (_ADR, Zero) }
            }
            Device (RP05) { Name (_ADR, 0x001d0000) }
            Device (LPCB)
            {
                Name (_ADR, 0x001f0000)
                OperationRegion (PRR0, PCI_Config, 0x60, 8)
                Field (PRR0, AnyAcc, NoLock, Preserve) { PIRA, 8, PIRB, 8, PIRC, 8, PIRD, 8 }
            }
        }
        Device (LNKA)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 1)
            Method (_STA) { If (\_SB.PCI0.LPCB.PIRA & 0x80) { Return (9) } Return (11) }
            Method (_DIS, 0, Serialized) { \_SB.PCI0.LPCB.PIRA = 0x80 }
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 3, 4, 5, 6, 10, 11, 12, 14, 15 } })
            Method (_CRS, 0, Serialized)
            {
                Name (RTLA, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { } })
                CreateWordField (RTLA, 1, IRQ0)
                IRQ0 = One << (\_SB.PCI0.LPCB.PIRA & 0xf)
                Return (RTLA)
            }
            Method (_SRS, 1, Serialized)
            {
                CreateWordField (Arg0, 1, IRQ0)
                FindSetRightBit (IRQ0, Local0)
                \_SB.PCI0.LPCB.PIRA = Local0 - 1
            }
        }
        // Disabled when firmware hands over.
        Device (LNKD)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 4)
            Method (_STA) { If (\_SB.PCI0.LPCB.PIRD & 0x80) { Return (9) } Return (11) }
            Method (_DIS, 0, Serialized) { \_SB.PCI0.LPCB.PIRD = 0x80 }
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 5, 11 } })
            Method (_CRS, 0, Serialized)
            {
                Name (RTLD, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { } })
                CreateWordField (RTLD, 1, IRQ0)
                If (!(\_SB.PCI0.LPCB.PIRD & 0x80)) { IRQ0 = One << (\_SB.PCI0.LPCB.PIRD & 0xf) }
                Return (RTLD)
            }
            Method (_SRS, 1, Serialized)
            {
                CreateWordField (Arg0, 1, IRQ0)
                FindSetRightBit (IRQ0, Local0)
                \_SB.PCI0.LPCB.PIRD = Local0 - 1
            }
        }
    }
}
