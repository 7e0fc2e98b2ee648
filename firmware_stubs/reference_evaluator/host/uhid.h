/* A keyboard in the kernel, made of our descriptor and our reports (Linux, /dev/uhid). */
#ifndef HOST_UHID_H
#define HOST_UHID_H

#include <stdbool.h>
#include <stdint.h>

#include "../hid.h"

/* Returns a descriptor, or -1 with errno. Closing it takes the keyboard away. */
int uhid_open(void);

bool uhid_send(int uhid, const uint8_t report[HID_REPORT]);

/* The kernel tells of opening, closing and lamps; none of it is for us. */
void uhid_drain(int uhid);

#endif
