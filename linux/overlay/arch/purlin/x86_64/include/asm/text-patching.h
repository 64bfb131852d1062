/* SPDX-License-Identifier: GPL-2.0 */
/* Included by generic code of newer trees, which then asks for nothing of it. */
