#include "hid.h"

#include "hal.h"

#define KEY_1_USAGE 0x1Eu /* HID usage tables, keyboard page: 1, 2 and 3 follow each other */
#define DOWN_MS 20u
#define GIVE_UP_MS 300u

const uint8_t hid_descriptor[HID_DESCRIPTOR_SIZE] = {
    0x05, 0x01,       /* usage page: generic desktop */
    0x09, 0x06,       /* usage: keyboard */
    0xA1, 0x01,       /* collection: application */
    0x05, 0x07,       /*   usage page: keyboard */
    0x19, 0xE0,       /*   from left control */
    0x29, 0xE7,       /*   to right meta: */
    0x15, 0x00,       /*   0 or */
    0x25, 0x01,       /*   1, */
    0x75, 0x01,       /*   one bit each, */
    0x95, 0x08,       /*   eight of them: */
    0x81, 0x02,       /*   modifiers */
    0x95, 0x01,       /*   one */
    0x75, 0x08,       /*   byte */
    0x81, 0x03,       /*   reserved */
    0x95, 0x05,       /*   five */
    0x75, 0x01,       /*   bits */
    0x05, 0x08,       /*   of lamps: */
    0x19, 0x01,       /*   num lock */
    0x29, 0x05,       /*   to kana */
    0x91, 0x02,       /*   from the host */
    0x95, 0x01,       /*   and three */
    0x75, 0x03,       /*   bits */
    0x91, 0x03,       /*   of nothing */
    0x95, 0x06,       /*   six */
    0x75, 0x08,       /*   bytes: */
    0x15, 0x00,       /*   usages from 0 */
    0x25, 0x65,       /*   to 101 */
    0x05, 0x07,       /*   of the keyboard page, */
    0x19, 0x00,       /*   none */
    0x29, 0x65,       /*   to application: */
    0x81, 0x00,       /*   the keys that are down */
    0xC0,             /* end of collection */
};

static bool report(uint8_t usage)
{
    const uint8_t bytes[HID_REPORT] = {0, 0, usage};
    return hal_usb_report(bytes);
}

static void enter(struct hid_typist *typist, enum hid_stage stage, uint32_t now)
{
    typist->stage = stage;
    typist->since = now;
}

void hid_type(struct hid_typist *typist, uint8_t key, uint32_t now)
{
    typist->key = key;
    enter(typist, HID_GOES_DOWN, now);
}

void hid_tick(struct hid_typist *typist, uint32_t now)
{
    const uint32_t spent = now - typist->since;
    switch (typist->stage) {
    case HID_IDLE:
        break;
    case HID_GOES_DOWN:
        if (report((uint8_t)(KEY_1_USAGE - 1u + typist->key))) {
            enter(typist, HID_IS_DOWN, now);
        } else if (spent >= GIVE_UP_MS) {
            enter(typist, HID_IDLE, now);
        }
        break;
    case HID_IS_DOWN: /* what went down must come up, however long the host takes */
        if (spent >= DOWN_MS && report(0)) {
            enter(typist, HID_IDLE, now);
        }
        break;
    }
}
