"""`python -m registry api | worker | migrate`."""

from common.commands import main
from registry.app import service

main(service)
