"""The schemes in force, in the order of the policy's articles: a new one is a new module and a line here."""

from awards.kernel.scheme import Scheme
from awards.policy.schemes.newcomer import newcomer
from awards.policy.schemes.partner_bonus import partner_bonus
from awards.policy.schemes.shortage_training import shortage_training
from awards.policy.schemes.universal_training import universal_training

SCHEMES: tuple[Scheme, ...] = (universal_training, shortage_training, partner_bonus, newcomer)  # type: ignore[type-arg]
