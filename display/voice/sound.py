"""Sampled sound: in and out of WAV, without its silence, of one loudness. Pure, and the standard library only."""

import io
import math
import sys
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

FULL = 32767
LEVEL = 0.1
"""Root mean square that every clip is brought to, as a part of full scale (-20 dBFS)…"""
PEAK = 0.9
"""…unless its peaks would go beyond this."""
QUIET = 0.02
"""Below this part of its peak a clip's ends are silence."""
PAD_S, FADE_S = 0.015, 0.005
VERSION = 1
"""Of all the above: clips made by another one are made anew."""
LONGEST_S = 4.5
"""Three of these must fit into what a page is granted at a time (election.py)."""
RATES = range(8000, 48001)


class SoundError(ValueError):
    """This is no clip that could be played. The message is an English phrase."""


@dataclass(frozen=True)
class Sound:
    """One channel of 16-bit samples; `rate` of them a second."""

    rate: int
    samples: "array[int]"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def from_wav(data: bytes) -> Sound:
    """Reads 16-bit PCM of one or two channels. Raises SoundError."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(int(rate * 60))
    except (wave.Error, EOFError, ValueError, ZeroDivisionError) as error:
        raise SoundError(f"not a WAV file ({error})") from None
    if width != 2 or channels not in (1, 2) or rate not in RATES:
        raise SoundError(f"not 16-bit PCM of one or two channels at 8000 to 48000 Hz: {8 * width} bit, {rate} Hz")
    samples = array("h", frames[: len(frames) // (2 * channels) * 2 * channels])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(rate, samples if channels == 1 else _mixed(samples))


def to_wav(sound: Sound) -> bytes:
    samples = array("h", sound.samples)
    if sys.byteorder == "big":
        samples.byteswap()
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(samples.tobytes())
    return data.getvalue()


def clip(sound: Sound) -> Sound:
    """`sound` without the silence at its ends, at the common loudness. Raises SoundError for silence or a speech."""
    peak = max(map(abs, sound.samples), default=0)
    if peak < FULL * 0.005:
        raise SoundError("silence")
    return _faded(_levelled(within_bounds(_trimmed(sound, peak * QUIET)), peak))


def within_bounds(sound: Sound) -> Sound:
    """`sound` itself. Raises SoundError for a speech."""
    if sound.seconds > LONGEST_S:
        raise SoundError(f"longer than {LONGEST_S:g} s")
    return sound


def joined(sounds: Sequence[Sound], gap_s: float) -> Sound:
    """One after the other, at the rate of the first."""
    rate = sounds[0].rate
    gap = array("h", bytes(2 * int(gap_s * rate)))
    samples = array("h", sounds[0].samples)
    for sound in sounds[1:]:
        samples += gap + _at(sound, rate)
    return Sound(rate, samples)


def level(sound: Sound) -> float:
    """Root mean square as a part of full scale."""
    return math.sqrt(sum(map(mul, sound.samples, sound.samples)) / max(len(sound.samples), 1)) / FULL


def _mixed(samples: "array[int]") -> "array[int]":
    return array("h", [(left + right) // 2 for left, right in zip(samples[::2], samples[1::2], strict=True)])


def _trimmed(sound: Sound, quiet: float) -> Sound:
    samples = sound.samples
    loud = [i for i, sample in enumerate(samples) if abs(sample) > quiet]
    pad = int(PAD_S * sound.rate)
    return Sound(sound.rate, samples[max(0, loud[0] - pad) : loud[-1] + 1 + pad])


def _levelled(sound: Sound, peak: int) -> Sound:
    gain = min(LEVEL / level(sound), PEAK * FULL / peak)
    return Sound(sound.rate, array("h", [round(sample * gain) for sample in sound.samples]))


def _faded(sound: Sound) -> Sound:
    """A clip that begins or ends abruptly clicks."""
    samples = sound.samples
    for i in range(min(int(FADE_S * sound.rate), len(samples) // 2)):
        part = i / (FADE_S * sound.rate)
        samples[i] = int(samples[i] * part)
        samples[-1 - i] = int(samples[-1 - i] * part)
    return sound


def _at(sound: Sound, rate: int) -> "array[int]":
    """Its samples at another rate, by straight lines between them: enough for speech."""
    if sound.rate == rate:
        return sound.samples
    last = len(sound.samples) - 1
    moved = array("h")
    for i in range(int(len(sound.samples) * rate / sound.rate)):
        where = min(i * sound.rate / rate, last)
        before = int(where)
        after = min(before + 1, last)
        moved.append(round(sound.samples[before] + (where - before) * (sound.samples[after] - sound.samples[before])))
    return moved
