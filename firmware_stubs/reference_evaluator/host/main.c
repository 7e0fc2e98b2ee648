/* The evaluator as a program: its serial line is a pty, its keys are words on standard input, and what it does is
 * written to standard output, one JSON object a line. `evaluator --help` says how. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../core.h"
#include "../hal.h"
#include "uhid.h"

#define TICK_NS 2000000L
#define LINE 512

static const char USAGE[] =
    "evaluator --pty LINK [--address N]   ff68 评价器，LINK 为串口链接 / ff68 pad; LINK becomes its serial port\n"
    "evaluator --hid                      USB 键盘评价器，报告打印在标准输出 / keyboard pad; its reports are printed\n"
    "evaluator --uhid                     经 /dev/uhid 成为真键盘 / becomes a real keyboard through /dev/uhid\n"
    "  --step    时间只随 wait 前进 / time moves by `wait` alone (tests)\n"
    "标准输入 Standard input:\n"
    "  press N | release N   触点 / a contact closes or opens, N = 1..3\n"
    "  wait MS               过 MS 毫秒再读下一行 / MS milliseconds pass before the next word\n"
    "  hear HEX | say HEX    线上的字节：到评价器、到主机 / bytes on the line, to the pad or to the host\n"
    "  deaf on | deaf off    收不到主机 / the pad hears nothing\n"
    "  busy on | busy off    USB 不收报告 / USB takes no report\n"
    "  unplug | plug         拔掉、插上（重新上电）/ pull the cable, plug it in (power on)\n";

static struct {
    enum personality personality;
    uint8_t address;
    const char *link;
    bool uhid, step;
} options = {.personality = FF68_PAD, .address = 1};

static struct evaluator pad;
static uint8_t contacts;
static uint8_t outputs;
static bool plugged, deaf, busy;
static uint32_t stepped_ms;
static int line = -1, port = -1, uhid = -1; /* port: our own hold on the host's end, so that the line lives alone */
static uint8_t injected[LINE];
static size_t injected_count;
static volatile sig_atomic_t stopping;

/* ---- words out ---- */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    printf("{\"ms\": %lu, ", (unsigned long)hal_millis());
    vprintf(format, values);
    printf("}\n");
    va_end(values);
}

static void say_bytes(const char *what, const uint8_t *bytes, size_t count)
{
    char hex[2 * LINE + 1] = "";
    for (size_t at = 0; at < count && at < LINE; at++) {
        snprintf(hex + 2 * at, 3, "%02x", bytes[at]);
    }
    say("\"%s\": \"%s\"", what, hex);
}

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

/* ---- the hardware layer ---- */

uint32_t hal_millis(void)
{
    struct timespec now;
    if (options.step) {
        return stepped_ms;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

uint8_t hal_read_keys(void)
{
    return contacts;
}

void hal_set_leds(uint8_t now)
{
    if (now == outputs) {
        return;
    }
    outputs = now;
    char bits[OUTPUTS + 1] = "";
    for (unsigned at = 0; at < OUTPUTS; at++) {
        bits[at] = now & (1u << at) ? '1' : '0';
    }
    say("\"leds\": \"%s\"", bits);
}

static size_t take_injected(uint8_t *bytes, size_t room)
{
    size_t count = injected_count < room ? injected_count : room;
    memcpy(bytes, injected, count);
    injected_count -= count;
    memmove(injected, injected + count, injected_count);
    return count;
}

size_t hal_uart_read(uint8_t *bytes, size_t room)
{
    if (injected_count > 0) {
        return take_injected(bytes, room);
    }
    ssize_t count;
    while ((count = read(line, bytes, room)) > 0 && deaf) {
    }
    if (count <= 0) {
        return 0;
    }
    say_bytes("rx", bytes, (size_t)count);
    return (size_t)count;
}

void hal_uart_write(const uint8_t *bytes, size_t count)
{
    say_bytes("tx", bytes, count);
    if (write(line, bytes, count) < 0 && errno != EAGAIN) { /* a full line loses bytes, as a wire would */
        fail("write");
    }
}

bool hal_usb_report(const uint8_t report[HID_REPORT])
{
    if (busy) {
        return false;
    }
    say_bytes("report", report, HID_REPORT);
    return uhid < 0 || uhid_send(uhid, report);
}

/* ---- the cable ---- */

static void open_pty(void)
{
    struct termios raw;
    if (openpty(&line, &port, NULL, NULL, NULL) < 0) {
        fail("openpty");
    }
    tcgetattr(port, &raw);
    cfmakeraw(&raw);
    tcsetattr(port, TCSANOW, &raw);
    fcntl(line, F_SETFL, O_NONBLOCK);
    unlink(options.link);
    if (symlink(ttyname(port), options.link) < 0) {
        fail(options.link);
    }
}

static void close_pty(void)
{
    unlink(options.link);
    close(port);
    close(line);
    line = port = -1;
}

static void plug(void)
{
    if (plugged) {
        return;
    }
    if (options.personality == FF68_PAD) {
        open_pty();
    } else if (options.uhid && (uhid = uhid_open()) < 0) {
        fail("/dev/uhid");
    }
    plugged = true;
    evaluator_init(&pad, options.personality, options.address);
}

static void unplug(void)
{
    if (!plugged) {
        return;
    }
    plugged = false;
    injected_count = 0;
    hal_set_leds(0);
    if (options.personality == FF68_PAD) {
        close_pty();
    } else if (uhid >= 0) {
        close(uhid); /* the kernel takes the keyboard away */
        uhid = -1;
    }
}

static void tick(void)
{
    if (plugged) {
        evaluator_tick(&pad);
    }
}

/* ---- words in ---- */

static size_t from_hex(const char *text, uint8_t *bytes, size_t room)
{
    size_t count = 0;
    unsigned value;
    while (count < room && sscanf(text + 2 * count, "%2x", &value) == 1) {
        bytes[count++] = (uint8_t)value;
    }
    return count;
}

static bool set_contact(const char *key, bool closed)
{
    if (strlen(key) != 1 || key[0] < '1' || key[0] > '3') {
        return false;
    }
    uint8_t bit = (uint8_t)(1u << (key[0] - '1'));
    contacts = (uint8_t)(closed ? contacts | bit : contacts & ~bit);
    return true;
}

static bool set_switch(bool *what, const char *value)
{
    *what = strcmp(value, "on") == 0;
    return *what || strcmp(value, "off") == 0;
}

/* A millisecond or a little more passes: by word, or by the clock. */
static void pass(void)
{
    const struct timespec tick_time = {.tv_nsec = TICK_NS};
    if (options.step) {
        stepped_ms++;
    } else {
        nanosleep(&tick_time, NULL);
    }
}

static bool wait_for(const char *milliseconds)
{
    const uint32_t since = hal_millis();
    const unsigned long span = strtoul(milliseconds, NULL, 10);
    while (hal_millis() - since < span) {
        pass();
        tick();
    }
    return span > 0;
}

static bool hear(const char *hex)
{
    injected_count += from_hex(hex, injected + injected_count, LINE - injected_count);
    return true;
}

static bool speak(const char *hex)
{
    uint8_t bytes[LINE];
    hal_uart_write(bytes, from_hex(hex, bytes, LINE));
    return true;
}

static bool obey(const char *verb, const char *what)
{
    if (strcmp(verb, "press") == 0 || strcmp(verb, "release") == 0) {
        return set_contact(what, verb[0] == 'p');
    } else if (strcmp(verb, "wait") == 0) {
        return wait_for(what);
    } else if (strcmp(verb, "hear") == 0) {
        return hear(what);
    } else if (strcmp(verb, "say") == 0 && line >= 0) {
        return speak(what);
    } else if (strcmp(verb, "deaf") == 0) {
        return set_switch(&deaf, what);
    } else if (strcmp(verb, "busy") == 0) {
        return set_switch(&busy, what);
    } else if (strcmp(verb, "unplug") == 0) {
        unplug();
    } else if (strcmp(verb, "plug") == 0) {
        plug();
    } else {
        return false;
    }
    return true;
}

/* Each line is answered, after all that it brought about: {"done": verb} or {"refused": true}. */
static void obey_line(const char *text)
{
    char verb[LINE] = "", what[LINE] = "";
    sscanf(text, "%511s %511s", verb, what);
    if (obey(verb, what)) {
        tick();
        say("\"done\": \"%s\"", verb);
    } else {
        say("\"refused\": true");
    }
}

static void read_words(void)
{
    static char text[LINE];
    static size_t count;
    ssize_t more = read(STDIN_FILENO, text + count, LINE - 1 - count);
    if (more <= 0) {
        stopping = 1;
        return;
    }
    count += (size_t)more;
    text[count] = '\0';
    char *start = text;
    for (char *end; (end = strchr(start, '\n')) != NULL; start = end + 1) {
        *end = '\0';
        obey_line(start);
    }
    count = strlen(start);
    memmove(text, start, count + 1);
    if (count == LINE - 1) { /* a line longer than any of ours */
        count = 0;
        say("\"refused\": true");
    }
}

/* ---- running ---- */

static void stop(int number)
{
    (void)number;
    stopping = 1;
}

static bool parse(int count, char **words)
{
    for (int at = 1; at < count; at++) {
        const char *word = words[at], *value = at + 1 < count ? words[at + 1] : "";
        if (strcmp(word, "--pty") == 0 && *value) {
            options.link = value;
            at++;
        } else if (strcmp(word, "--address") == 0 && *value) {
            options.address = (uint8_t)strtoul(value, NULL, 10);
            at++;
        } else if (strcmp(word, "--step") == 0) {
            options.step = true;
        } else if (strcmp(word, "--hid") == 0 || strcmp(word, "--uhid") == 0) {
            options.personality = USB_KEYBOARD;
            options.uhid = word[2] == 'u';
        } else {
            return false;
        }
    }
    return (options.personality == FF68_PAD) == (options.link != NULL);
}

static void announce(void)
{
    printf("{\"kind\": \"reference_evaluator\", \"device\": 0");
    if (options.link != NULL) {
        printf(", \"pty\": \"%s\"", options.link);
    }
    printf("}\n");
}

/* Signals come only while we wait, so none is lost between asking and waiting. */
static void serve(const sigset_t *outside)
{
    const struct timespec tick_time = {.tv_nsec = TICK_NS};
    while (!stopping) {
        struct pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {line, POLLIN, 0}, {uhid, POLLIN, 0}};
        ppoll(ready, 3, options.step ? NULL : &tick_time, outside);
        if (ready[0].revents) {
            read_words();
        }
        if (ready[2].revents) {
            uhid_drain(uhid);
        }
        tick();
    }
}

int main(int count, char **words)
{
    sigset_t ours, outside;
    struct sigaction action = {.sa_handler = stop};
    if (!parse(count, words)) {
        fputs(USAGE, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigprocmask(SIG_BLOCK, &ours, &outside);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    plug();
    announce();
    serve(&outside);
    unplug();
    return 0;
}
