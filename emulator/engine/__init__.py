"""Spec and handlers become one compiled callable per operation; alone knows Connexion."""
