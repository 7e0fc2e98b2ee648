/* A USB boot keyboard that types 1, 2 or 3: the other way to speak to a host. */
#ifndef HID_H
#define HID_H

#include <stdbool.h>
#include <stdint.h>

#define HID_REPORT 8u
#define HID_DESCRIPTOR_SIZE 63u

/* What the board gives USB as its report descriptor. */
extern const uint8_t hid_descriptor[HID_DESCRIPTOR_SIZE];

enum hid_stage { HID_IDLE, HID_GOES_DOWN, HID_IS_DOWN };

struct hid_typist {
    enum hid_stage stage;
    uint8_t key;
    uint32_t since;
};

/* Type one digit, 1 to 3. Down and up again are sent whatever the finger does: a held key never repeats. */
void hid_type(struct hid_typist *typist, uint8_t key, uint32_t now);

/* Call on each tick. A host that takes nothing for 300 ms has not been told; nothing is kept for later. */
void hid_tick(struct hid_typist *typist, uint32_t now);

#endif
