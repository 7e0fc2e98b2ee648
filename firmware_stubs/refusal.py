"""A refusal that a person reads: one sentence in Chinese, one in English."""


class RefusedError(Exception):
    """Bad input from a command line or the control port; the stub itself goes on unharmed."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{zh} {en}")
