"""`python -m common.ready <path>`: does the server in this container answer? For the containers' health checks."""

import sys
import urllib.request

if __name__ == "__main__":
    urllib.request.urlopen(f"http://127.0.0.1:8000{sys.argv[1]}", timeout=4).close()
