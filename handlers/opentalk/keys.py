"""The key pair of the built-in OpenID provider.

It is part of the package and of the repository, so everybody has it: it proves nothing, and it
keeps nothing secret. Being always the same it makes tokens the same in every run.
"""

from __future__ import annotations

KEY_ID = "greenroom-public-test-key"
MODULUS = (
    "zey26pVEGWyVsiFsx-7YSlLwwwlUOfp1uEi6-gvNXryemNDkA0ifsl0k_rKSPdqyDuUiAN5sZh-9lxpg"
    "V8JuUnPqHKfATH3mORp1IGinK_vfioKWWt5sN8uBqaPZrxn0iBMkxMDfk8YWGr_8qXe7Qu3qUPnLsy_g"
    "uiZYSHe0unEaP-2d4WPI_p0IRb5EM1K8mGP_ah8-oQuQmYbS5L3_y64nmYWkmAADsRa991daBrCamE78"
    "mzvj-QTKubo89hsTKPzxLy1UuRCeY-OazBp614AajnSdAPjjB_ARj5lmd6aIInxrPfOb5DAD9Sk6pUcU"
    "Mfi-zUKCF5C1Z-g0zwmRrQ"
)
PUBLIC_KEY = {
    "kty": "RSA",
    "use": "sig",
    "alg": "RS256",
    "kid": KEY_ID,
    "n": MODULUS,
    "e": "AQAB",
}
# Not a secret: see above.
PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDN7LbqlUQZbJWy
IWzH7thKUvDDCVQ5+nW4SLr6C81evJ6Y0OQDSJ+yXST+spI92rIO5SIA3mxmH72X
GmBXwm5Sc+ocp8BMfeY5GnUgaKcr+9+KgpZa3mw3y4Gpo9mvGfSIEyTEwN+TxhYa
v/ypd7tC7epQ+cuzL+C6JlhId7S6cRo/7Z3hY8j+nQhFvkQzUryYY/9qHz6hC5CZ
htLkvf/LrieZhaSYAAOxFr33V1oGsJqYTvybO+P5BMq5ujz2GxMo/PEvLVS5EJ5j
45rMGnrXgBqOdJ0A+OMH8BGPmWZ3pogifGs985vkMAP1KTqlRxQx+L7NQoIXkLVn
6DTPCZGtAgMBAAECggEANzNdVUTuHGKfPkD3iCDemg3hvGajzWb2Z5AXjy/avaqS
WSSl+rtdE9MkN6Jm0W3ujU+e7dyx8i5QBFFtwhi8uh2YhFXzlo2pSWVuQGHNblz2
b4rSA0nceJh1CaSClg2/HzsCgDuzs0lGY6VTdZpC+I4OYeaUVFRhSYU95S8xo0hy
mKMe74t9PC0Cw3y9qkIFwFDoKVcH2PwxX80UbVqafENKbvmtPrpJLV3bSo54Vs9g
aPF2mox+/Q6MP3f94tDxXjZbriCKgt+5AFugUXMq+q8RdUAvm7RirMxryJePqLls
eKQhf0SONeuVDLiLfTAYvWf1imqqycs3mmz6BJG1gQKBgQD/JewTp7C0mjVax/6w
HTpqR3N/gYjjx4IPLP2qChTTo+Dhp5LqVP0rj7XcKOSKGA1Kmh3XEIz/tXBbrTnh
MdqusDWV78e1nVczNwuz0g2NWNKBhiyRZslb0XiY+zWn34SLmyN8K/UPfy+5TtFH
jYMmV5t6g/SWlYmK+gW4cpyddwKBgQDOnLh0CYS6wB4EcwfWqmI694unoMndLlhk
klQsMwoMlHuSnmuOEt9KQ1Dm0CvkX17k2vV3b5ers8Ltrce9xAkTHUVY2cxQuEC0
2Yp8eCJt/hC+Rgrjj2cKsVm8WoT3Az/8u1TSk4nGw0jf+ovSme2TqO0T/UtHiaJs
j9uo3tHC+wKBgHAtriPeIHTnL/of4DxyPVKo44D15Mew2d/uOgDeudVrQd40nQVm
JIFYh+6qFAEbHgzkwaXi4vsyPJoyCTaXgrw3QPgRGk8hREuCMiT3f3nbyYGlCkdL
V9CEwm8QU8DhJxdyOCHJ+c68brEclCrPbxAWiIdPKORkDrsJviYgTfd1AoGAdLwP
a2BFYc5SJ2lmsF6sCWz7tsYdx537yzbx39cmgl0SRJDFbAw1pJvMBdzwL6PC1cLw
lX6zTwvNwsRA6nLsPaR4He9QhPrVdFjE6fZmXYcCpr6kQFYxfdUeQlFSds2bRYwC
LMe3PFnxvrqsbV0S4i67ZGPkOJMG9heBoDPkiCkCgYBx4oAK88vMqZzRn1W3vQ5C
/mp8wR5QzZ4j9PQ8P4XaCxp8Dw+EX5rHYR5iQa8SjTkUegBunn6dfMvIznGXhC57
O+d6dN8uwsrtQSAD8OJvIUD42y96n8xPCfem9UA0wBF6zWdgYABNf4T/MHb8cYn2
NPNigGQHjF9klLY4zSK9zw==
-----END PRIVATE KEY-----
"""
