"""Three-button rating pads on a serial line."""

from firmware_stubs.evaluator.pad import EvaluatorStub

__all__ = ["EvaluatorStub"]
