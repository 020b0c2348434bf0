"""`python -m certification api | worker | migrate`."""

from certification.app import service
from common.commands import main

main(service)
