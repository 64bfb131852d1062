/* SPDX-License-Identifier: MIT */
/* Classes of ASCII characters. */
#include <ctype.h>

int isdigit(int character)
{
	return character >= '0' && character <= '9';
}

int islower(int character)
{
	return character >= 'a' && character <= 'z';
}

int isupper(int character)
{
	return character >= 'A' && character <= 'Z';
}

int isalpha(int character)
{
	return islower(character) || isupper(character);
}

int isalnum(int character)
{
	return isalpha(character) || isdigit(character);
}

int isxdigit(int character)
{
	int lower = tolower(character);

	return isdigit(character) || (lower >= 'a' && lower <= 'f');
}

int isspace(int character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

int isprint(int character)
{
	return character >= ' ' && character <= '~';
}

int tolower(int character)
{
	return isupper(character) ? character + ('a' - 'A') : character;
}

int toupper(int character)
{
	return islower(character) ? character - ('a' - 'A') : character;
}
