/* SPDX-License-Identifier: MIT */
/* Classes of ASCII characters (ISO C, 7.4). */
#ifndef LIB_CTYPE_H
#define LIB_CTYPE_H

int isdigit(int character);
int isxdigit(int character);
int islower(int character);
int isupper(int character);
int isalpha(int character);
int isalnum(int character);
int isspace(int character);
int isprint(int character);
int tolower(int character);
int toupper(int character);

#endif
