/* SPDX-License-Identifier: GPL-2.0 */
#if __has_include("../../../x86/entry/vdso/common/note.S")
#include "../../../x86/entry/vdso/common/note.S"
#else
#include "../../../x86/entry/vdso/vdso-note.S"
#endif
