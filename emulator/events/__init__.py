"""Telling others what happened: over sockets, to webhooks."""
