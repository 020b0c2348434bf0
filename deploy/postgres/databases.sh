#!/bin/sh
# One database and one role for each service; nobody else may connect to it.
set -eu
for service in registry training certification matching awards; do
    psql --set=ON_ERROR_STOP=1 --username postgres --set=name="$service" --set=password="$CRAFTPORT_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
