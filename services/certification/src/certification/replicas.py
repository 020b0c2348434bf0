"""What certification hears from others, to find what a file names."""

from certification.tables import Table
from common.bus.lookup import index_field
from common.bus.replicas import replica_tables, replicate
from contracts import registry, training

organisations = replicate(registry.Organisation)
classes = replicate(training.TrainingClass)
replicas = (organisations, classes)

replica_tables(Table.metadata, replicas)
index_field(Table.metadata.tables[organisations.table], "uscc")
index_field(Table.metadata.tables[classes.table], "number")
