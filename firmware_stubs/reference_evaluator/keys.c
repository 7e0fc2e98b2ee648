#include "keys.h"

void keys_init(struct keys *keys, uint32_t now)
{
    keys->contacts = 0;
    keys->since = now;
    keys->stuck = 0;
    keys->armed = false;
}

static uint8_t number_of(uint8_t down)
{
    switch (down) {
    case 0x01:
        return 1;
    case 0x02:
        return 2;
    case 0x04:
        return 3;
    default:
        return 0;
    }
}

uint8_t keys_scan(struct keys *keys, uint8_t contacts, uint32_t now)
{
    if (contacts != keys->contacts) {
        keys->contacts = contacts;
        keys->since = now;
    }
    const uint32_t steady = now - keys->since;
    if (steady < DEBOUNCE_MS) {
        return 0;
    }
    keys->stuck = steady >= STUCK_MS ? contacts : keys->stuck & contacts;
    const uint8_t down = (uint8_t)(contacts & ~keys->stuck);
    const bool pushed = keys->armed && down != 0;
    keys->armed = down == 0;
    return pushed ? number_of(down) : 0;
}
