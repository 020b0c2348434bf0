"""`python -m matching api | worker | migrate`."""

from common.commands import main
from matching.app import service

main(service)
