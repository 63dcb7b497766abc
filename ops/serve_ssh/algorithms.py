"""What the server speaks: what OpenSSH 9 offers first, without SHA-1, finite fields of our own and old ciphers.

As in OpenSSH's sshd_config(5) and Mozilla's guidelines for OpenSSH; asyncssh by itself still offers SHA-1.
"""

from asyncssh import kex

# The client's order decides. Ours only tells a client whether it guessed right that begins before it has read ours (RFC
# 4253, 7): Dropbear's first is Curve25519, and asyncssh goes on with a guess also where we name another one first.
# Those with ML-KEM need OpenSSL 3.5 or liboqs: only what is there is offered.
_WANTED = (
    b"curve25519-sha256",
    b"mlkem768x25519-sha256",
    b"curve25519-sha256@libssh.org",
    b"ecdh-sha2-nistp521",
    b"ecdh-sha2-nistp384",
    b"ecdh-sha2-nistp256",
    b"diffie-hellman-group16-sha512",
    b"diffie-hellman-group18-sha512",
)
EXCHANGES = tuple(name.decode() for name in _WANTED if name in kex.get_kex_algs())
CIPHERS = (
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
)
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
SIGNATURES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
COMPRESSIONS = ("zlib@openssh.com", "none")
