/* The evaluator's framing alone, for test_reference_evaluator.py. "w ADDRESS COMMAND DATA" (hex, DATA may be missing)
 * prints the frame; "r BYTES" prints each frame found in the bytes, in the same words. Each answer ends with ".". */
#include <stdio.h>
#include <string.h>

#include "ff68.h"

static size_t from_hex(const char *text, uint8_t *bytes)
{
    size_t count = 0;
    unsigned value;
    while (sscanf(text + 2 * count, "%2x", &value) == 1) {
        bytes[count++] = (uint8_t)value;
    }
    return count;
}

static void print(const uint8_t *bytes, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        printf("%02x", bytes[at]);
    }
    printf("\n");
}

static void write_frame(const char *text)
{
    uint8_t bytes[512], out[FF68_MAX_FRAME];
    struct ff68_frame frame = {0};
    size_t count = from_hex(text, bytes);
    frame.address = bytes[0];
    frame.command = bytes[1];
    frame.count = (uint8_t)(count - 2);
    memcpy(frame.data, bytes + 2, frame.count);
    print(out, ff68_write(out, &frame));
}

static void read_frames(const char *text)
{
    uint8_t bytes[2048], found[FF68_MAX_DATA + 2];
    struct ff68_reader reader = {0};
    struct ff68_frame frame;
    size_t count = from_hex(text, bytes);
    for (size_t at = 0; at < count; at++) {
        ff68_put(&reader, bytes[at]);
        while (ff68_next(&reader, &frame)) {
            found[0] = frame.address;
            found[1] = frame.command;
            memcpy(found + 2, frame.data, frame.count);
            print(found, frame.count + 2u);
        }
    }
}

int main(void)
{
    static char line[8192];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (line[0] == 'w') {
            write_frame(line + 2);
        } else {
            read_frames(line + 2);
        }
        printf(".\n");
        fflush(stdout);
    }
    return 0;
}
