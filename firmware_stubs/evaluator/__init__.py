"""Rating and call pads of several makes, alone on a line or several on one."""

from firmware_stubs.evaluator.pad import DIALECTS, EvaluatorStub
from firmware_stubs.evaluator.shared import pads_on

__all__ = ["DIALECTS", "EvaluatorStub", "pads_on"]
