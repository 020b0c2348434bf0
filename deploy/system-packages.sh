#!/bin/sh
# What the tests need from the system: a JDK and Maven (Apache Kafka) and Chromium (the pages). Installed by apt where we may,
# named in one line where not. Success either way, except under CI=true, where a test that cannot run is a failure.
set -eu

missing=""
java -version >/dev/null 2>&1 || missing="$missing default-jdk-headless"
command -v mvn >/dev/null 2>&1 || missing="$missing maven"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 ||
    missing="$missing chromium"
missing=${missing# }
[ -n "$missing" ] || exit 0

give_up() {
    echo "$1: $missing. Tests that need them will be named as not run."
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

[ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1 || give_up "Please install"
[ "$(id -u)" = 0 ] || give_up "Please install (apt-get install)"

echo "Installing $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# The names are words of our own: splitting them is meant.
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log"
    give_up "Could not be installed"
fi
