#include "ff68.h"

#include <string.h>

#define HEAD 0xFFu
#define SECOND 0x68u
#define TAIL 0x16u
#define BEFORE 5u /* bytes before the address: FF 68 L L 68 */
#define SHORTEST 2u

enum verdict { NO_FRAME, UNFINISHED, WHOLE };

static uint8_t sum(const uint8_t *bytes, size_t count)
{
    uint8_t total = 0;
    for (size_t at = 0; at < count; at++) {
        total = (uint8_t)(total + bytes[at]);
    }
    return total;
}

size_t ff68_write(uint8_t out[FF68_MAX_FRAME], const struct ff68_frame *frame)
{
    uint8_t length = (uint8_t)(SHORTEST + frame->count);
    uint8_t *covered = out + BEFORE;
    out[0] = HEAD;
    out[1] = SECOND;
    out[2] = out[3] = length;
    out[4] = SECOND;
    covered[0] = frame->address;
    covered[1] = frame->command;
    memcpy(covered + SHORTEST, frame->data, frame->count);
    covered[length] = sum(covered, length);
    covered[length + 1u] = TAIL;
    return BEFORE + length + 2u;
}

static void drop(struct ff68_reader *reader, uint8_t count)
{
    reader->count = (uint8_t)(reader->count - count);
    memmove(reader->held, reader->held + count, reader->count);
}

/* Whether the byte at `at`, before the address, is one that a frame may have there. */
static bool fits(const uint8_t *held, uint8_t at)
{
    switch (at) {
    case 0:
        return held[0] == HEAD;
    case 2:
        return held[2] >= SHORTEST && held[2] <= SHORTEST + FF68_MAX_DATA;
    case 3:
        return held[3] == held[2];
    default: /* 1 and 4 */
        return held[at] == SECOND;
    }
}

static enum verdict judge(const struct ff68_reader *reader)
{
    const uint8_t *held = reader->held;
    for (uint8_t at = 0; at < BEFORE; at++) {
        if (at == reader->count) {
            return UNFINISHED;
        }
        if (!fits(held, at)) {
            return NO_FRAME;
        }
    }
    const uint8_t length = held[2];
    const uint8_t *end = held + BEFORE + length;
    if (reader->count < BEFORE + length + 2u) {
        return UNFINISHED;
    }
    return end[0] == sum(held + BEFORE, length) && end[1] == TAIL ? WHOLE : NO_FRAME;
}

static void copy(struct ff68_frame *frame, const struct ff68_reader *reader)
{
    const uint8_t *covered = reader->held + BEFORE;
    frame->address = covered[0];
    frame->command = covered[1];
    frame->count = (uint8_t)(reader->held[2] - SHORTEST);
    memcpy(frame->data, covered + SHORTEST, frame->count);
}

void ff68_put(struct ff68_reader *reader, uint8_t byte)
{
    if (reader->count == FF68_MAX_FRAME) { /* only when the caller forgot ff68_next */
        drop(reader, 1);
    }
    reader->held[reader->count++] = byte;
}

bool ff68_next(struct ff68_reader *reader, struct ff68_frame *frame)
{
    while (reader->count > 0) {
        switch (judge(reader)) {
        case NO_FRAME:
            drop(reader, 1);
            break;
        case UNFINISHED:
            return false;
        case WHOLE:
            copy(frame, reader);
            drop(reader, (uint8_t)(BEFORE + reader->held[2] + 2u));
            return true;
        }
    }
    return false;
}

void ff68_drop_first(struct ff68_reader *reader)
{
    if (reader->count > 0) {
        drop(reader, 1);
    }
}
