/* SPDX-License-Identifier: MIT */
/* Clients of one terminal: whose output is seen and kept, who gets keys, and rules that make no
 * sense. */
#include "test.h"

#include "servers/multiplexer/channels.h"

static const char *const *rules;
static uint8_t shown[0x10000];

purlin_s64 serves_read(unsigned int number, char text[PARENT_SERVES_BYTES])
{
	if (!rules[number])
		return PURLIN_NO_DEVICE;
	strncpy(text, rules[number], PARENT_SERVES_BYTES - 1);
	text[PARENT_SERVES_BYTES - 1] = 0;
	return PURLIN_OK;
}

/* All that the terminal gets now, as text. */
static const char *show(void)
{
	size_t bytes = 0;
	uint32_t some;

	while ((some = channels_output(shown + bytes, 7)))
		bytes += some;
	shown[bytes] = 0;
	return (const char *)shown;
}

static void begin(void)
{
	static const char *const two[] = { "console left", "console right", NULL };

	rules = two;
	memset(channel_front(), 0, sizeof(struct channel));
	assert_null(channels_read());
	channel_of("left", "console")->used = channel_of("right", "console")->used = true;
	show();
}

static void put(struct channel *channel, const char *text)
{
	assert_int_equal(channel_put(channel, (const uint8_t *)text, (uint32_t)strlen(text)),
			 strlen(text));
}

static void keys(const char *text)
{
	while (*text)
		channels_key((uint8_t)*text++);
}

static const char *typed(struct channel *channel)
{
	static char text[CHANNEL_INPUT_BYTES + 1];

	text[channel_get(channel, (uint8_t *)text, CHANNEL_INPUT_BYTES)] = 0;
	return text;
}

static void rules_are_checked(void **state)
{
	static const char *const wrong[][3] = {
		{ NULL },
		{ "console", NULL },
		{ "console left more", NULL },
		{ "console left", "console left", NULL },
	};
	static const char *many[CHANNELS + 2];

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		rules = wrong[i];
		assert_non_null(channels_read());
	}
	for (unsigned int i = 0; i <= CHANNELS; i++) {
		static char text[CHANNELS + 1][16];

		snprintf(text[i], sizeof(text[i]), "c%u left", i);
		many[i] = text[i];
	}
	rules = many;
	assert_string_equal(channels_read(), "too many channels");
	many[CHANNELS] = NULL;
	assert_null(channels_read());
	assert_ptr_equal(channel_front(), channel_of("left", "c0"));
	assert_null(channel_of("right", "c0"));
	assert_null(channel_of("left", "c99"));
}

static void the_one_in_front_is_seen(void **state)
{
	(void)state;
	begin();
	put(channel_of("left", "console"), "from left");
	put(channel_of("right", "console"), "from right");
	assert_string_equal(show(), "from left");
	keys("\x1d"
	     "2");
	assert_non_null(strstr(show(), "[2 console of right]\r\nfrom right"));
	put(channel_of("left", "console"), "later");
	assert_string_equal(show(), "");
	keys("\x1dn");
	assert_non_null(strstr(show(), "[1 console of left]\r\nlater"));
	keys("\x1dp");
	assert_non_null(strstr(show(), "[2 "));
}

static void who_is_not_seen_loses_the_oldest(void **state)
{
	static uint8_t bytes[CHANNEL_OUTPUT_BYTES];
	struct channel *right;

	(void)state;
	begin();
	right = channel_of("right", "console");
	put(right, "oldest");
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(channel_put(right, bytes, sizeof(bytes) - 3), sizeof(bytes) - 3);
	keys("\x1d"
	     "2");
	assert_non_null(strstr(show(), "[3 bytes of its output are lost]\r\nestxxx"));
	/* In front it is told to wait. */
	assert_int_equal(channel_put(right, bytes, 100), 100);
	assert_int_equal(channel_put(right, bytes, sizeof(bytes)), sizeof(bytes) - 100);
	assert_int_equal(channel_put(right, bytes, 1), 0);
	assert_int_equal(strlen(show()), sizeof(bytes));
	/* Said once. */
	keys("\x1d"
	     "2");
	assert_null(strstr(show(), "lost"));
}

static void keys_go_to_the_front(void **state)
{
	struct channel *left, *right;

	(void)state;
	begin();
	left = channel_of("left", "console");
	right = channel_of("right", "console");
	keys("one\x1d\x1d\x1d"
	     "2two");
	assert_string_equal(typed(left), "one\x1d");
	assert_string_equal(typed(right), "two");
	/* No such channel, and no such key: said how, and nobody gets it. */
	show();
	keys("\x1d"
	     "9\x1dx");
	assert_non_null(strstr(show(), "Ctrl-]"));
	assert_string_equal(typed(left), "");
	assert_string_equal(typed(right), "");
	/* More than it reads is lost; keys of ours still work. */
	for (unsigned int i = 0; i < 2 * CHANNEL_INPUT_BYTES; i++)
		channels_key('k');
	keys("\x1d"
	     "1!");
	assert_int_equal(channel_input(right), CHANNEL_INPUT_BYTES);
	assert_string_equal(typed(left), "!");
	/* Nobody there. */
	left->used = false;
	keys("lost");
	assert_int_equal(channel_input(left), 0);
}

static void all_are_listed(void **state)
{
	const char *text;

	(void)state;
	begin();
	channel_of("left", "console")->used = false;
	put(channel_of("right", "console"), "12345");
	keys("\x1dl");
	text = show();
	assert_non_null(strstr(text, "[1 console of left: nobody there, 0 bytes unseen]"));
	assert_non_null(strstr(text, "[2 console of right: 5 bytes unseen]"));
	/* However often: what finds no room is not said. */
	for (unsigned int i = 0; i < 1000; i++)
		keys("\x1dl\x1dn");
	assert_true(strlen(show()) < 0x2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_checked),
		cmocka_unit_test(the_one_in_front_is_seen),
		cmocka_unit_test(who_is_not_seen_loses_the_oldest),
		cmocka_unit_test(keys_go_to_the_front),
		cmocka_unit_test(all_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
