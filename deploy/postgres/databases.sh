#!/bin/sh
# One database and one role for each service, each with a password of its own; nobody else may connect to it.
set -eu
for service in registry training certification matching awards; do
    password=$(printenv "DATABASE_PASSWORD_$(echo "$service" | tr '[:lower:]' '[:upper:]')")
    psql --set=ON_ERROR_STOP=1 --username postgres --set=name="$service" --set=password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
