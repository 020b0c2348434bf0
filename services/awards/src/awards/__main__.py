"""`python -m awards api | worker | migrate`."""

from awards.app import service
from common.commands import main

main(service)
