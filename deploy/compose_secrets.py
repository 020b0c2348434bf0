"""Write the secrets that the compose stack needs, once: `python deploy/compose_secrets.py <file>`."""

import base64
import secrets
import sys
from pathlib import Path


def main(path: Path) -> None:
    """A file that only its owner can read; one that is there stays."""
    if path.exists():
        return
    password, client = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    keys = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("consistency", "encryption", "index")}
    content = {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "CRAFTPORT_DATABASE_PASSWORD": password,
        "CRAFTPORT_ENVIRONMENT": "development",
        "CRAFTPORT_BUS": "kafka",
        "CRAFTPORT_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "CRAFTPORT_ISSUER_URL": "http://issuer:8000/identity",
        "CRAFTPORT_GATEWAY_URL": "http://gateway:8000",
        "CRAFTPORT_CLIENT_SECRET": client,
        "CRAFTPORT_CONSISTENCY_KEY": keys["consistency"],
        "CRAFTPORT_ENCRYPTION_KEYS": f"k1:{keys['encryption']}",
        "CRAFTPORT_INDEX_KEY": keys["index"],
        "CRAFTPORT_STATE_DIRECTORY": "/state",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in content.items()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
