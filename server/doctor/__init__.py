"""`jiaohao-server doctor`: is this hall sound, and what is to be done where it is not."""
