"""Command line of the voice: which clips a hall needs, all of them made now, and one call tried as a file."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import requests

from display.announce import number_clips, window_clip
from display.config import Config
from display.link import TIMEOUT_S, session
from display.voice.clips import Clips
from display.voice.engines import EngineError, in_parts
from display.voice.sound import from_wav, joined, to_wav
from display.voice.voice import Voice, texts
from server.contract.board import Board
from server.contract.codec import ContractError, from_json

GAPS_S = (0.06, 0.18)
"""As voice.mjs has them."""
EXIT_FAILED = 1
EXIT_SERVER = 4


def list_texts(config: Config) -> int:
    """Print what the hall's calls need: a line each, the engine that says it and the file that would."""
    clips = Voice(config.voice).clips
    missing = 0
    for text in needed(hall_of(config)):
        engine = clips.engine(text)
        missing += not engine
        click.echo(f"{engine or '缺 missing':<12} {text}.wav")
    return EXIT_FAILED if missing else 0


def make_all(config: Config, numbers: int) -> int:
    """Make all of the hall's clips, and those of the numbers up to `numbers`, so that nothing is left for the day."""
    clips = Voice(config.voice).clips
    wanted = [text for text in needed(hall_of(config)) if len(text) != 1]
    wanted += [number_clips(f"{n:03d}")[1] for n in range(1, numbers + 1)]
    failed = sum(not _made(clips, text) for text in wanted)
    made = len(wanted) - failed
    click.echo(f"已生成 {made} 段，失败 {failed} 段。 / {made} clips, {failed} failed.")
    return EXIT_FAILED if failed else 0


def say(config: Config, number: str, window: str, out: Path) -> int:
    """Write one call to a WAV file, as a wall would speak it."""
    try:
        with TemporaryDirectory() as folder:  # whoever tries a voice need not be the one who may write the cache
            clips = Voice(replace(config.voice, cache=Path(folder))).clips
            said = [from_wav(clips.make(text)) for text in (*number_clips(number), window_clip(window))]
        please, digits, where = said
        out.write_bytes(to_wav(joined([joined([please, digits], GAPS_S[0]), where], GAPS_S[1])))
    except (EngineError, OSError) as error:
        click.echo(f"生成失败。 / Failed: {error}", err=True)
        return EXIT_FAILED
    return 0


def needed(board: Board) -> Iterator[str]:
    """Each text once; of numbers the characters that every number can be put together from."""
    found = dict.fromkeys(texts(board))
    yield from (text for text in found if not in_parts(text))
    yield from "零一二三四五六七八九号"


def hall_of(config: Config) -> Board:
    """Asks the server for the hall's windows and queues. Ends the program when it does not tell."""
    with contextlib.suppress(requests.RequestException, ContractError, ValueError):
        answer = session(config.token).get(f"{config.server}/api/v1/board", timeout=TIMEOUT_S)
        if answer.ok:
            return from_json(Board, answer.json(), strict=False)
    click.echo(
        "服务器没有应答，无法得知窗口和队列；请检查 server 和令牌。"
        " / The server does not tell its windows and queues: look after server and token.",
        err=True,
    )
    raise SystemExit(EXIT_SERVER)


def _made(clips: Clips, text: str) -> bool:
    try:
        clips.make(text)
    except (EngineError, OSError) as error:
        click.echo(f"{text}: {error}", err=True)
        return False
    return True
