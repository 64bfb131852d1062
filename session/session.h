/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What all session interfaces share. A session is an endpoint capability whose
 * badge tells the server who speaks. A request carries the operation as message
 * label and its arguments in words; the reply carries 0 or a negative PURLIN_*
 * error as label and results in words. Capabilities travel beside the words.
 * Strings are UTF-8, padded with zero bytes, in consecutive words.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "purlin/message.h"

#endif
