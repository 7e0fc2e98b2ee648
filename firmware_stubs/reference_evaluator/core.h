/* A three-button evaluator: what it does, on any board.
 *
 *   idle ---prompt---> keys blink ---push---> its key is lit, the frame is sent, at most SENDINGS times
 *        the host acknowledges: dark. It does not: the keys blink again, so the citizen sees that nothing came of it.
 *        the host thanks (stars): the thank-you lamp. The device itself never thanks: only the host knows.
 *
 * A push without a prompt is reported all the same; whether it counts is for the server to say. */
#ifndef CORE_H
#define CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "ff68.h"
#include "hid.h"
#include "keys.h"

/* A host takes equal frames within 300 ms for one press, so all copies of a push must leave within that time:
 * SENDINGS times the longest pause is 280 ms. Pads on one line pause for different times, by their address,
 * so that two which spoke at once do not do so again. */
#define SENDINGS 4u
#define PAUSE_MS 40u
#define PAUSE_STEP_MS 10u
#define PAUSE_STEPS 4u

#define QUIET_MS 4u   /* do not speak while another is speaking: about four characters at 9600 baud */
#define GAP_MS 200u   /* silence in mid frame: it will not be finished */
#define BLINK_MS 500u
#define PROMPT_MS 60000u
#define THANKS_MS 5000u
#define BEEP_MS 100u
#define TYPED_MS 300u /* how long a keyboard pad lights the key that it typed */

enum personality { FF68_PAD, USB_KEYBOARD };

/* Something that is so for a while. */
struct spell {
    bool on;
    uint32_t since;
};

struct evaluator {
    enum personality personality;
    uint8_t address;
    struct keys keys;
    uint8_t pushed; /* the last push: 1, 2 or 3; 0 before the first */
    uint32_t spoke; /* when it was last sent */
    struct spell waiting, prompt, thanks, beep;
    struct ff68_reader reader;
    uint32_t heard; /* when the last byte came */
    struct hid_typist typist;
};

/* `address` is the pad's own on its line (ff68). */
void evaluator_init(struct evaluator *pad, enum personality personality, uint8_t address);

/* Everything. Call it at least every 5 ms. */
void evaluator_tick(struct evaluator *pad);

#endif
