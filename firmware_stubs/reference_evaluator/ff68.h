/* The ff68 framing: FF 68 | length | length | 68 | address | command | data... | sum | 16.
 *
 * The length counts address, command and data; the sum is over the same bytes, modulo 256. */
#ifndef FF68_H
#define FF68_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FF68_MAX_DATA 32u
#define FF68_MAX_FRAME (FF68_MAX_DATA + 9u)

struct ff68_frame {
    uint8_t address;
    uint8_t command;
    uint8_t count; /* of data, at most FF68_MAX_DATA */
    uint8_t data[FF68_MAX_DATA];
};

/* Bytes that may still become a frame. All zero is a new reader. */
struct ff68_reader {
    uint8_t held[FF68_MAX_FRAME];
    uint8_t count;
};

/* Returns how many bytes of `out` make the frame. */
size_t ff68_write(uint8_t out[FF68_MAX_FRAME], const struct ff68_frame *frame);

/* One byte from the line. Afterwards call ff68_next until it says false. */
void ff68_put(struct ff68_reader *reader, uint8_t byte);

/* The next whole frame, if there is one. What cannot be a frame is dropped, byte by byte. */
bool ff68_next(struct ff68_reader *reader, struct ff68_frame *frame);

/* The line fell silent in mid frame: its first byte is noise, and a whole frame may stand behind it. */
void ff68_drop_first(struct ff68_reader *reader);

#endif
