"""Tokens signed with a key pair that is public, on purpose: it protects nothing.

Everybody who has this package has both halves, so that answers are the same in every run. Never
trust a signature of this key outside of a test.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from greenroom.emulator.toolkit.wire import Json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ALGORITHM = "RS256"
KEY_ID = "greenroom-public-test-key"
_MODULUS = (
    "wQmuXW40Hn5HFoDSQUOtf_evJ3QGM_41oun6E-VWdAh23dhjtOZyAe_dAQ4NzKlF5KcZ7XyNZKpI7qgt"
    "LtKMZhWQfMZNXHLyTy9vUcs7QNXZKnz-aQs6_SbYdsSGlfhW-gGuIv92xfmYcyw7n06LTplXqsqQ7dvs"
    "SbmhosJbQuS1_2-Tonq4GC8X2eNN81Eps3Bix_X6uUtPIFsG3mgIV8guG0MFV3fshAFWRj67LvoD2jmE"
    "1v0UaycxN_mExmZ0tOhYvKEUk8HR1t5aoiVOv2j1tOF7U8PEhixt0pcUUlixxckSJkVXN8p_G55i6CBk"
    "4wy-iXlaYwIv5xi8Dp6q3Q"
)
PUBLIC_KEY = {
    "kty": "RSA",
    "use": "sig",
    "alg": ALGORITHM,
    "kid": KEY_ID,
    "n": _MODULUS,
    "e": "AQAB",
}
_PRIVATE_TEST_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDBCa5dbjQefkcW
gNJBQ61/968ndAYz/jWi6foT5VZ0CHbd2GO05nIB790BDg3MqUXkpxntfI1kqkju
qC0u0oxmFZB8xk1ccvJPL29RyztA1dkqfP5pCzr9Jth2xIaV+Fb6Aa4i/3bF+Zhz
LDufTotOmVeqypDt2+xJuaGiwltC5LX/b5OiergYLxfZ403zUSmzcGLH9fq5S08g
WwbeaAhXyC4bQwVXd+yEAVZGPrsu+gPaOYTW/RRrJzE3+YTGZnS06Fi8oRSTwdHW
3lqiJU6/aPW04XtTw8SGLG3SlxRSWLHFyRImRVc3yn8bnmLoIGTjDL6JeVpjAi/n
GLwOnqrdAgMBAAECggEAKJiXHVn8Rv9qhs5/qS8I8VUO9l6doViQQhsvtvhvloZj
LSOBUH14M3UUxtCEUWq14rDLsJiVibqQDPS8T9ECqsNVOBBiG5Om5sVEhXCWnPt8
KMXRoRi2BqAhPNT2stpfvEMXMpAEE/16NJp0TXvwqw5vk+D22rb5+cU6u2ZhV+8w
3Q27p9S8DTceeCAVoOTjYzCxS5AAmOoHd13O3UbFWyeV/lqvygKq+4dAI3NIlcc5
wyJyJCSupViWCKie/TEM9LDokl1+FV4qtTYMbuiitK2a9COcJ/N+jiYQHNR5mEoe
LSUap3rJJGwp8KXEnavsCmQiz4QeLBMpzAoh3V9tcQKBgQDiQCHBtGIGL/2+3shb
rPbs9Lc1zXI+Ah/iD6IyunH2IiFhy5YxNLcvc3XVi6+zA84Qdz9KUeBocDFX3vyi
hA4gow3lah7+/kwByUnE+dlSYSMIlp+vXfhcCme9fQbObg/GRjJQlLja1BIadPPJ
TRA84wliBakQ2YCT78t1SyAE2QKBgQDaa5HAZ29a/VYfCKw6zGl7RhwaQp+rf6rW
qXsmA6rVY7UiennnlFEbdJmpooZprFTZvPdJ6piJzZj/mMc/cyXxY69Q7UuzJIri
QhNql/8h8o4c29yxAfn7p3PsSOKO96KiYpk4kCglN3Fbv4iTitZ4SnSfo7ddye8p
p/jxEjUDpQKBgQDdJCQaii5Zr+TMAEND4A7GUvcUXofwdfEl63P1M2maU4ffZ7eY
xtbaSXd+T3dfeTObwoKZKOg4DJkeMzUpv/tzCQzXFN/RC0vNXyp8nl09ePZeOaNB
LI9Jn14Ax0i00r0WZpxdSNBaC3jaZT+3nVxmtt7/8Vprvrw/XN23+sMEGQKBgQCW
MeY2EmqGfTKdgI8+l5XpSRrGDA5UFiRaHI0sZNUyi6/hF6uATYNAh/uqpLIdNH3c
hI7f60wdZp3RFTPeM8ZhqZTC54pok7ZVQ+6qG/87TtneimnF5oAKRun2D2CLw0m4
tGh8dtTEUs3Gs3ytSImWikyMAj5zZgrp8DHFRCnkaQKBgHQVub85717UdlEIYqEs
trjAjh01ElyW6+FzXUpvXcvpB8ooY3WvBWUpaG694s/klAgCa9Jerr2VGRDNTlYW
GZ/R/m76giqulAXjc8tb1X2xDHP7ToC0PJx1t7xP+jhxhDg2DVCPkt7tFbUQMUmH
E+adVWKMcdtlTdF7fxBDsv4V
-----END PRIVATE KEY-----
"""


def signed(claims: Json) -> str:
    """A JSON Web Token that says this."""
    import jwt  # takes a tenth of a second, which who signs nothing need not wait for

    return jwt.encode(claims, _private_key(), algorithm=ALGORITHM, headers={"kid": KEY_ID})


@cache
def _private_key() -> RSAPrivateKey:
    """The private half, read once: that takes longer than many signatures."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = _PRIVATE_TEST_KEY.encode()
    key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
