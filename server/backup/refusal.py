"""Why a backup or a way back from one is not had, in one sentence for whoever stands at the machine."""

from server.domain.sentence import Sentence


class RefusedError(Exception):
    """Nothing half is left behind."""

    def __init__(self, zh: str, en: str) -> None:
        self.sentence = Sentence(zh, en)
        super().__init__(str(self.sentence))
