"""One sentence for whoever sets something up, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh}。{self.en}."
