#include "core.h"

#include <string.h>

#include "hal.h"

/* Commands of ff68. From the host: */
#define ACK_OR_PROMPT 0x01u
#define SHOW 0x02u
#define BEEP 0x03u
#define ASK 0x0Bu /* the data of ACK_OR_PROMPT that asks for a rating */
/* To the host: */
#define RATING 0x11u

static void begin(struct spell *spell, uint32_t now)
{
    spell->on = true;
    spell->since = now;
}

static void end(struct spell *spell)
{
    spell->on = false;
}

static void expire(struct spell *spell, uint32_t now, uint32_t length)
{
    if (now - spell->since >= length) {
        end(spell);
    }
}

void evaluator_init(struct evaluator *pad, enum personality personality, uint8_t address)
{
    memset(pad, 0, sizeof *pad);
    pad->personality = personality;
    pad->address = address;
    pad->heard = hal_millis();
    keys_init(&pad->keys, pad->heard);
}

/* ---- what the host says ---- */

static void answered(struct evaluator *pad, uint8_t value, uint32_t now)
{
    if (value == ASK) {
        end(&pad->thanks);
        begin(&pad->prompt, now);
    } else if (value != 0 && value == pad->pushed) {
        end(&pad->waiting);
        end(&pad->prompt);
    }
}

static void obey(struct evaluator *pad, const struct ff68_frame *frame, uint32_t now)
{
    if (frame->address != pad->address) {
        return;
    }
    if (frame->command == ACK_OR_PROMPT && frame->count == 1) {
        answered(pad, frame->data[0], now);
    } else if (frame->command == SHOW && frame->count == 1) { /* stars; six bytes are digits, we have none */
        end(&pad->prompt);
        begin(&pad->thanks, now);
    } else if (frame->command == BEEP) {
        begin(&pad->beep, now);
    }
}

static void obey_all(struct evaluator *pad, uint32_t now)
{
    struct ff68_frame frame;
    while (ff68_next(&pad->reader, &frame)) {
        obey(pad, &frame, now);
    }
}

static void give_up_unfinished(struct evaluator *pad, uint32_t now)
{
    while (pad->reader.count > 0 && now - pad->heard >= GAP_MS) {
        ff68_drop_first(&pad->reader);
        obey_all(pad, now);
    }
}

static void hear(struct evaluator *pad, uint32_t now)
{
    uint8_t bytes[16];
    size_t count;
    give_up_unfinished(pad, now);
    while ((count = hal_uart_read(bytes, sizeof bytes)) > 0) {
        pad->heard = now;
        for (size_t at = 0; at < count; at++) {
            ff68_put(&pad->reader, bytes[at]);
            obey_all(pad, now);
        }
    }
}

/* ---- what we say ---- */

static uint32_t pause_of(const struct evaluator *pad)
{
    return PAUSE_MS + PAUSE_STEP_MS * (pad->address % PAUSE_STEPS);
}

static void send(struct evaluator *pad)
{
    uint8_t bytes[FF68_MAX_FRAME];
    struct ff68_frame frame = {.address = pad->address, .command = RATING, .count = 1};
    frame.data[0] = pad->pushed;
    hal_uart_write(bytes, ff68_write(bytes, &frame));
}

static void speak(struct evaluator *pad, uint32_t now)
{
    const uint32_t waited = now - pad->waiting.since;
    if (!pad->waiting.on) {
        return;
    }
    if (waited >= SENDINGS * pause_of(pad)) {
        end(&pad->waiting);
    } else if (now - pad->spoke >= pause_of(pad) && now - pad->heard >= QUIET_MS) {
        pad->spoke = now;
        send(pad);
    }
}

static void type(struct evaluator *pad, uint32_t now)
{
    hid_tick(&pad->typist, now);
    if (pad->waiting.on) {
        expire(&pad->waiting, now, TYPED_MS);
    }
}

/* ---- keys and lamps ---- */

/* Keys are locked while a push is on its way. */
static void take(struct evaluator *pad, uint8_t key, uint32_t now)
{
    if (key == 0 || pad->waiting.on || pad->typist.stage != HID_IDLE) {
        return;
    }
    pad->pushed = key;
    pad->spoke = now - pause_of(pad); /* the first sending need not wait */
    begin(&pad->waiting, now);
    end(&pad->thanks); /* those were the last citizen's */
    if (pad->personality == USB_KEYBOARD) {
        hid_type(&pad->typist, key, now);
    }
}

static uint8_t key_lamps(const struct evaluator *pad, uint32_t now)
{
    if (pad->waiting.on) {
        return (uint8_t)(1u << (pad->pushed - 1u));
    }
    const bool bright = (now - pad->prompt.since) / BLINK_MS % 2u == 0;
    return pad->prompt.on && bright ? ALL_KEYS : 0;
}

static void show(struct evaluator *pad, uint32_t now)
{
    expire(&pad->prompt, now, PROMPT_MS);
    expire(&pad->thanks, now, THANKS_MS);
    expire(&pad->beep, now, BEEP_MS);
    const uint8_t thanks = pad->thanks.on ? OUT_THANKS : 0;
    const uint8_t buzzer = pad->beep.on ? OUT_BUZZER : 0;
    hal_set_leds(key_lamps(pad, now) | thanks | buzzer);
}

void evaluator_tick(struct evaluator *pad)
{
    const uint32_t now = hal_millis();
    if (pad->personality == FF68_PAD) {
        hear(pad, now); /* first: an answer that is already here spares a repetition */
    }
    take(pad, keys_scan(&pad->keys, hal_read_keys(), now), now);
    if (pad->personality == FF68_PAD) {
        speak(pad, now);
    } else {
        type(pad, now);
    }
    show(pad, now);
}
