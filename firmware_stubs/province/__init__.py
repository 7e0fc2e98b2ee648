"""The province's end of the line for ratings (好差评): takes both envelopes that docs/upload.md describes."""

from firmware_stubs.province.platform import ProvinceStub

__all__ = ["ProvinceStub"]
