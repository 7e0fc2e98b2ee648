/* From bouncing contacts to pushes: one push is one answer, however long or badly the key is held. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define DEBOUNCE_MS 20u  /* contacts must stay as they are for so long to be believed */
#define STUCK_MS 10000u /* a key held for so long is stuck and must not silence the others */

struct keys {
    uint8_t contacts; /* as last read */
    uint32_t since;   /* when they became so */
    uint8_t stuck;
    bool armed; /* all keys were up since the last push */
};

/* A key that is down at power-on is not a push. */
void keys_init(struct keys *keys, uint32_t now);

/* Returns 1, 2 or 3 when that key has just been pushed, else 0. Two keys at once are nobody's answer: 0. */
uint8_t keys_scan(struct keys *keys, uint8_t contacts, uint32_t now);

#endif
