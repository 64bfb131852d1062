/* SPDX-License-Identifier: MIT */
/* Doubly linked circular list; a link outside any list points to itself. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/types.h"

struct list {
	struct list *next, *previous;
};

static inline void list_init(struct list *list)
{
	list->next = list->previous = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

/* Last of `list`, when given its head. */
static inline void list_append(struct list *list, struct list *item)
{
	item->previous = list->previous;
	item->next = list;
	list->previous->next = item;
	list->previous = item;
}

static inline void list_prepend(struct list *list, struct list *item)
{
	list_append(list->next, item);
}

static inline void list_remove(struct list *item)
{
	item->previous->next = item->next;
	item->next->previous = item->previous;
	list_init(item);
}

/* For an element that enters another list at once, or is not used again: its link is not reset. */
static inline void list_take(struct list *item)
{
	item->previous->next = item->next;
	item->next->previous = item->previous;
}

#define list_first(list, type, member) container_of((list)->next, type, member)

#define list_for_each(item, head) \
	for (struct list *item = (head)->next; item != (head); item = item->next)

#endif
