#!/bin/sh
# Copy Apache Kafka's jars to .craftport/kafka/libs with Maven; nothing to do when those of this pom.xml are there already.
# Without Maven: one line that names it, and success, except under CI=true.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kafka=$(cd "$here/../.." && pwd)/.craftport/kafka
libs=$kafka/libs

if [ -f "$kafka/pom.xml" ] && cmp -s "$here/pom.xml" "$kafka/pom.xml" && ls "$libs"/kafka_*.jar >/dev/null 2>&1; then
    exit 0
fi

missing() {
    echo "Apache Kafka was not fetched: $1. Tests that need it will be named as not run."
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

command -v mvn >/dev/null 2>&1 || missing "Maven is missing (on Debian: apt-get install maven)"

echo "Fetching Apache Kafka's jars"
mkdir -p "$kafka"
fetched=$(mktemp -d "$kafka/fetching.XXXXXX")
trap 'rm -rf "$fetched"' EXIT
mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fetched/libs" || missing "Maven could not download it"

# Whole or not at all: an interrupted download must not look like a broker.
rm -rf "$libs" "$kafka/pom.xml"
mv "$fetched/libs" "$libs"
cp "$here/pom.xml" "$kafka/pom.xml"
