// SPDX-License-Identifier: MIT
// A root bridge with windows and a bridge below; routes by number and by link devices of all forms.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "ROUTING", 1)
{
    Name (PICM, Zero)
    Method (_PIC, 1) { PICM = Arg0 }
    Name (_S5, Package () { 5, 5, 0, 0 })
    Method (_PTS, 1) { Local0 = Arg0 + 1 }

    Scope (_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_BBN, 0)
            Name (_SEG, 0)
            Name (CRES, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0xff, 0, 0x100)
                IO (Decode16, 0xcf8, 0xcf8, 1, 8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0xd00, 0xffff, 0, 0xf300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
                    0, 0xa0000, 0xbffff, 0, 0x20000)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0xc0000000, 0xfebfffff, 0, 0x3ec00000, , , PW32)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Prefetchable, ReadWrite,
                    0, 0x100000000, 0x8ffffffff, 0, 0x800000000, , , PW64)
            })
            Method (_CRS, 0, Serialized)
            {
                CreateDWordField (CRES, ^PW32._MIN, MINI)
                CreateDWordField (CRES, ^PW32._LEN, LENG)
                If (PICM) { MINI = 0xd0000000 LENG = 0x2ec00000 }
                Return (CRES)
            }
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, 0, CDW1)
                CDW1 |= 4
                Return (Arg3)
            }
            Method (_PRT, 0)
            {
                If (PICM)
                {
                    Return (Package ()
                    {
                        Package () { 0x0001ffff, 0, LNKA, 0 },
                        Package () { 0x0001ffff, 1, LNKB, 0 },
                        Package () { 0x0002ffff, 0, LNKC, 0 },
                        Package () { 0x0002ffff, 1, 0, 17 },
                        Package () { 0x0003ffff, 2, \_SB.LNKD, 0 }
                    })
                }
                Return (Package () { Package () { 0x0001ffff, 0, 0, 11 } })
            }
            Device (BRG)
            {
                Name (_ADR, 0x00010000)
                Name (_PRT, Package ()
                {
                    Package () { 0x0003ffff, 0, 0, 20 },
                    Package () { 0x0003ffff, 1, LNKA, 0 }
                })
            }
            OperationRegion (ROUT, PCI_Config, 0x60, 4)
            Field (ROUT, ByteAcc, NoLock, Preserve) { PRQA, 8, PRQB, 8, PRQC, 8, PRQD, 8 }
        }
        Device (LNKA)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 1)
            Name (_PRS, ResourceTemplate () { Interrupt (, Level, ActiveHigh, Shared) { 5, 10, 11 } })
            Method (_STA) { If (\_SB.PCI0.PRQA & 0x80) { Return (9) } Return (11) }
            Method (_DIS) { \_SB.PCI0.PRQA |= 0x80 }
            Method (_CRS, 0, Serialized)
            {
                Name (NOW, ResourceTemplate () { Interrupt (, Level, ActiveHigh, Shared) { 0 } })
                CreateDWordField (NOW, 5, NUM)
                If (\_SB.PCI0.PRQA < 0x80) { NUM = \_SB.PCI0.PRQA }
                Return (NOW)
            }
            Method (_SRS, 1, Serialized)
            {
                CreateDWordField (Arg0, 5, NUM)
                \_SB.PCI0.PRQA = NUM
            }
        }
        Device (LNKB)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 2)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 3, 4, 5, 7, 9, 10, 11, 12 } })
            Name (_CRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 10 } })
            Method (_SRS, 1, NotSerialized) { CreateWordField (Arg0, 1, MASK) \_SB.PCI0.PRQB = MASK }
        }
        Device (LNKC)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 3)
            Name (_CRS, ResourceTemplate () { Interrupt (, Edge, ActiveHigh, Exclusive) { 23 } })
        }
        Device (LNKD)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 4)
            Name (_PRS, ResourceTemplate ()
            {
                StartDependentFn (0, 0) { IRQNoFlags () { 6 } }
                StartDependentFn (1, 1) { IRQNoFlags () { 7 } }
                EndDependentFn ()
            })
            Name (_CRS, ResourceTemplate () { IRQNoFlags () { } })
            Method (_SRS, 1) { }
        }
    }
}
