"""Short messages over a GSM modem (短信). `devices.sms.modem.AtModem` is the driver; the rest is pure."""
