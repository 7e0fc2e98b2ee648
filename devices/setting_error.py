"""The one way in which drivers refuse what somebody wrote into a file."""


class SettingError(ValueError):
    """A setting that cannot be. `zh` and `en` say the same, each in its language, without the full stop."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}。 {en}.")
        self.zh, self.en = zh, en
