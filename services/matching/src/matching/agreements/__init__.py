"""Cooperation agreements (合作协议) with partners (article 8)."""
