"""Spec and handlers become one compiled callable per operation; alone knows Connexion."""

import warnings

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about the httpx it finds.
    warnings.filterwarnings("ignore", message=".*starlette.testclient", category=Warning)
    import connexion  # noqa: F401 - imported for its warning to be over
