#define _GNU_SOURCE

#include "uhid.h"

#include <fcntl.h>
#include <linux/input.h>
#include <linux/uhid.h>
#include <string.h>
#include <unistd.h>

/* The number that pid.codes keeps for tests; a product would need its own. */
#define VENDOR 0x1209u
#define PRODUCT 0x0001u

static bool tell(int uhid, const struct uhid_event *event)
{
    return write(uhid, event, sizeof *event) == (ssize_t)sizeof *event;
}

int uhid_open(void)
{
    struct uhid_event event;
    int uhid = open("/dev/uhid", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    memset(&event, 0, sizeof event);
    event.type = UHID_CREATE2;
    strcpy((char *)event.u.create2.name, "Jiaohao reference evaluator");
    memcpy(event.u.create2.rd_data, hid_descriptor, HID_DESCRIPTOR_SIZE);
    event.u.create2.rd_size = HID_DESCRIPTOR_SIZE;
    event.u.create2.bus = BUS_USB;
    event.u.create2.vendor = VENDOR;
    event.u.create2.product = PRODUCT;
    if (uhid >= 0 && !tell(uhid, &event)) {
        close(uhid);
        return -1;
    }
    return uhid;
}

bool uhid_send(int uhid, const uint8_t report[HID_REPORT])
{
    struct uhid_event event;
    memset(&event, 0, sizeof event);
    event.type = UHID_INPUT2;
    event.u.input2.size = HID_REPORT;
    memcpy(event.u.input2.data, report, HID_REPORT);
    return tell(uhid, &event);
}

void uhid_drain(int uhid)
{
    struct uhid_event event;
    while (read(uhid, &event, sizeof event) > 0) {
    }
}
