/* The hardware layer: all that a board must offer. host/main.c and avr/main.c are two boards. */
#ifndef HAL_H
#define HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYS 3u
#define ALL_KEYS 0x07u

/* Outputs, as bits. Bits 0 to 2 are the lamps in the keys. */
#define OUT_THANKS 0x08u
#define OUT_BUZZER 0x10u
#define OUTPUTS 5u

/* Milliseconds since any moment; may wrap. */
uint32_t hal_millis(void);

/* The contacts as they are now, bouncing and all: bit 0 is key 1; a set bit is a pressed key. */
uint8_t hal_read_keys(void);

/* Called on every tick with all outputs; a set bit is on. */
void hal_set_leds(uint8_t outputs);

/* What arrived on the serial line, at most `room` bytes of it; 0 when nothing. Never waits. */
size_t hal_uart_read(uint8_t *bytes, size_t room);

/* Send all of it. May wait until it is out (one frame: about 10 ms at 9600 baud); an RS-485 board
 * turns its transceiver round here. */
void hal_uart_write(const uint8_t *bytes, size_t count);

/* Hand one boot keyboard report to USB. False: not taken now, ask again. */
bool hal_usb_report(const uint8_t report[8]);

#endif
