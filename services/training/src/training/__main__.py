"""`python -m training api | worker | migrate`."""

from common.commands import main
from training.app import service

main(service)
