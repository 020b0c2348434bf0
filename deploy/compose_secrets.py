"""Write the secrets that the compose stack needs: `python deploy/compose_secrets.py <file>`. Those that are there stay."""

import base64
import secrets
import sys
from pathlib import Path

SERVICES = ("registry", "training", "certification", "matching", "awards")


def main(path: Path) -> None:
    """A file that only its owner can read."""
    held = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in (_made() | held).items()), encoding="utf-8")


def _made() -> dict[str, str]:
    passwords = ["POSTGRES_PASSWORD", *(f"DATABASE_PASSWORD_{name.upper()}" for name in SERVICES), "CRAFTPORT_CLIENT_SECRET"]
    return {name: secrets.token_urlsafe(24) for name in passwords} | {
        "CRAFTPORT_CONSISTENCY_KEY": _key(),
        "CRAFTPORT_ENCRYPTION_KEYS": f"k1:{_key()}",
        "CRAFTPORT_INDEX_KEY": _key(),
        "CRAFTPORT_AUDIT_KEYS": f"k1:{_key()}",
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
