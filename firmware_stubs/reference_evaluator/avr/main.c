/* The evaluator on an ATmega328P at 16 MHz: an Arduino Nano or anything alike. An ff68 pad over its own USB serial
 * chip, or over an RS-485 transceiver. docs/reference_evaluator.md has the wiring; the pins are named here.
 *
 *   PD2 PD3 PD4   D2 D3 D4       keys 1 to 3, each to ground (pull-ups inside)
 *   PB0 .. PB3    D8 .. D11      lamps in the keys, thank-you lamp
 *   PB4           D12            buzzer, through a transistor
 *   PD5           D5             RS-485: high while we speak
 *   PC0 .. PC4    A0 .. A4       address jumpers to ground: none is 1, each adds 1, 2, 4, 8, 16
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>
#include <util/atomic.h>

#include "../core.h"
#include "../hal.h"

#define BAUD 9600
#include <util/setbaud.h>

#define KEY_SHIFT 2
#define LAMPS 0x1Fu
#define SPEAKING _BV(PD5)
#define JUMPERS 0x1Fu
#define TICKS_PER_MS (F_CPU / 64u / 1000u)
#define RECEIVED 64u /* a power of two */

static volatile uint32_t milliseconds;
static volatile uint8_t received[RECEIVED];
static volatile uint8_t first, last; /* of received: what lies between was not read yet */

ISR(TIMER0_COMPA_vect)
{
    milliseconds++;
}

ISR(USART_RX_vect)
{
    uint8_t byte = UDR0;
    uint8_t next = (uint8_t)((last + 1u) % RECEIVED);
    if (next != first) { /* else there is no room, and the frame will not add up */
        received[last] = byte;
        last = next;
    }
}

uint32_t hal_millis(void)
{
    uint32_t now;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        now = milliseconds;
    }
    return now;
}

uint8_t hal_read_keys(void)
{
    return (uint8_t)(~(unsigned)PIND >> KEY_SHIFT & ALL_KEYS);
}

void hal_set_leds(uint8_t outputs)
{
    PORTB = (uint8_t)((PORTB & ~LAMPS) | (outputs & LAMPS));
}

size_t hal_uart_read(uint8_t *bytes, size_t room)
{
    size_t count = 0;
    while (count < room && first != last) {
        bytes[count++] = received[first];
        first = (uint8_t)((first + 1u) % RECEIVED);
    }
    return count;
}

void hal_uart_write(const uint8_t *bytes, size_t count)
{
    PORTD |= SPEAKING;
    for (size_t at = 0; at < count; at++) {
        while (!(UCSR0A & _BV(UDRE0))) {
        }
        UCSR0A |= _BV(TXC0); /* writing one clears it; the last byte sets it again */
        UDR0 = bytes[at];
    }
    while (!(UCSR0A & _BV(TXC0))) {
    }
    PORTD &= (uint8_t)~SPEAKING;
}

bool hal_usb_report(const uint8_t report[8])
{
    (void)report; /* this chip has no USB */
    return false;
}

static void set_up(void)
{
    PORTD = ALL_KEYS << KEY_SHIFT | _BV(PD0); /* pull-ups, PD0: a transceiver lets go of it; outputs low */
    DDRD = SPEAKING;
    DDRB = LAMPS;
    PORTC = JUMPERS;
    TCCR0A = _BV(WGM01); /* count to OCR0A, a millisecond, again and again */
    OCR0A = TICKS_PER_MS - 1u;
    TCCR0B = _BV(CS01) | _BV(CS00);
    TIMSK0 = _BV(OCIE0A);
    UBRR0 = UBRR_VALUE;
    UCSR0A = USE_2X ? _BV(U2X0) : 0;
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8N1 */
    wdt_enable(WDTO_500MS);
    sei();
}

/* Read after the pull-ups have had a moment. */
static uint8_t address(void)
{
    while (hal_millis() < 2) {
    }
    return (uint8_t)(1u + (~(unsigned)PINC & JUMPERS));
}

int main(void)
{
    static struct evaluator pad;
    set_up();
    evaluator_init(&pad, FF68_PAD, address());
    for (;;) {
        wdt_reset();
        evaluator_tick(&pad);
    }
}
