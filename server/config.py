"""What a server process is: where its data lies and how it may be embedded. The hall itself is in the database."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """`frame_ancestors` is a CSP source list of the pages that may embed ours; 'none' but for the demo."""

    data_dir: Path
    database_url: str = ""
    frame_ancestors: str = "'none'"

    @property
    def url(self) -> str:
        """SQLite in the data folder unless a database is named."""
        return self.database_url or f"sqlite:///{self.data_dir / 'jiaohao.db'}"

    @property
    def audit_key(self) -> Path:
        """Server processes that share a database must share this file too."""
        return self.data_dir / "audit.key"

    @property
    def audit_heads(self) -> Path:
        """Where the heads of the audit chain are noted, beside the database and not in it."""
        return self.data_dir / "audit-heads.log"

    @property
    def metrics_token(self) -> Path:
        """What opens the figures of the process in /metrics."""
        return self.data_dir / "metrics.token"

    @property
    def upload(self) -> Path:
        """How ratings are uploaded to the province; nothing is without it."""
        return self.data_dir / "upload.toml"

    @property
    def upload_keys(self) -> Path:
        return self.data_dir / "upload-keys.toml"
