"""What matching hears from others: organisations, to find what a file names, and certificates, to count them."""

from common.bus.fact import its
from common.bus.lookup import index_field
from common.bus.replicas import replica_tables, replicate
from contracts import certification, registry
from matching.tables import Table

organisations = replicate(registry.Organisation)
certificates = replicate(certification.Certificate, names={"person": its("person_id")})
replicas = (organisations, certificates)

replica_tables(Table.metadata, replicas)
index_field(Table.metadata.tables[organisations.table], "uscc")
